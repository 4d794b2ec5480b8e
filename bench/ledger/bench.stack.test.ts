import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { wholeEnvironment } from '../../platform/config.ts';
import { packageRoot } from '../../platform/package-root.ts';
import { findPgbench } from './pgbench.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/** The promise: the bench runs as the documentation says it does. Its figures are nobody's promise here. */

const LIMIT_MS = 600_000;
const hasPgbench = await findPgbench().then(
  () => true,
  () => false,
);

it.runIf(hasPgbench)(
  'measures every path, on hot and on cold accounts, with stripes and with much in the tables',
  async () => {
    const program = join(packageRoot(), 'dist', 'bench', 'ledger', 'main.js');
    const args = [
      '--rounds',
      '1',
      '--count',
      '40',
      '--seed',
      '100',
      '--in-flight',
      '1,4',
      '--stripes',
      '--large',
      '20000',
    ];
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
      timeout: LIMIT_MS,
      env: { ...wholeEnvironment(), QUITTANCE_RUN_FILE: stackRunFile() },
    });
    expect(stdout).toContain('fsync on');
    for (const inFlight of ['1', '4'])
      for (const accounts of ['cold', 'hot'])
        for (const path of ['floor', 'fair', 'alone', 'ours'])
          expect(stdout).toMatch(
            new RegExp(`^${inFlight} +${accounts} +${path} +[1-9]\\d* +[\\d.]+ +[\\d.]+ `, 'm'),
          );
    expect(stdout).toContain('16 ÷ 1');
    expect(stdout).toContain('cost at 20000 ÷ at 10000');
  },
  LIMIT_MS,
);
