import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { wholeEnvironment } from '../../platform/config.ts';
import { packageRoot } from '../../platform/package-root.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/** The promise: the bench runs as the documentation says and prints every row. Its rates are nobody's promise here. */

const LIMIT_MS = 120_000;

it(
  'measures every kind of request beside plain express and pg, and holds idle connections',
  async () => {
    const args = '--rounds 1 --seconds 1 --in-flight 2 --warm-up 1 --payments 8 --idle 200'.split(' ');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(packageRoot(), 'dist', 'bench', 'api', 'main.js'), ...args],
      { timeout: LIMIT_MS, env: { ...wholeEnvironment(), QUITTANCE_RUN_FILE: stackRunFile() } },
    );
    for (const name of ['GET by id', 'list', 'create']) {
      const line = stdout.split('\n').find((one) => one.startsWith(`| ${name} | 2 |`)) ?? '';
      const [, , , ours, plain, ratio, ...rest] = line.split('|').map((cell) => cell.trim());
      expect(
        [Number(ours), Number(plain)].every((rate) => rate > 0),
        `${name}: ${stdout}`,
      ).toBe(true);
      expect(ratio, name).toMatch(/^[\d.]+ \([\d.]+–[\d.]+\)/);
      expect(rest.at(-2), name).toBe('0');
    }
    expect(stdout).toContain('200 of 200 were open at the end');
  },
  LIMIT_MS,
);
