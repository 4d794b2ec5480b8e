import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { composeFacts } from '../temporal-dev/compose/facts.ts';
import { ENTRIES } from '../temporal-dev/part-specs.ts';
import { processEnvironment } from '../temporal-dev/process-environment.ts';
import { foreignEnvironment } from './config.ts';
import { packageRoot } from './package-root.ts';

/** A process does not even start where keys or cards would leave its machine in the clear. */
const run = promisify(execFile);
const START_LIMIT_MS = 60_000;

it.each([
  ['acquirers', 'QUITTANCE_KMS_ENDPOINT', 'kms'],
  ['vault', 'QUITTANCE_VAULT_PUBLIC_CERTIFICATE', '0.0.0.0'],
] as const)(
  'the process %s refuses to start and names %s, the host and what to do',
  async (role, variable, host) => {
    const { plainHosts: _allowed, ...facts } = composeFacts();
    const env = {
      ...foreignEnvironment(),
      ...processEnvironment(role, facts, { QUITTANCE_LISTEN_HOST: '0.0.0.0' }),
    };
    const ended: unknown = await run(process.execPath, [join(packageRoot(), 'dist', ENTRIES[role])], {
      env,
      timeout: START_LIMIT_MS,
    }).catch((error: unknown) => error);
    expect(ended).toMatchObject({ code: 1 });
    const { stderr } = ended as { readonly stderr: string };
    expect(stderr).toContain('ConfigError');
    expect(stderr).toMatch(
      new RegExp(`${variable}: .* without TLS at ${host}: .* name ${host} in QUITTANCE_PLAIN_HOSTS`),
    );
  },
);
