import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { wholeEnvironment } from '../../platform/config.ts';
import { packageRoot } from '../../platform/package-root.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/** The promise: the bench runs as the documentation says, prints every row, and counts right. Its rates are nobody's promise here. */

const LIMIT_MS = 300_000;

it(
  'measures every workload, and counts what a payment costs',
  async () => {
    const args =
      '--rounds 1 --seconds 1 --in-flight 2 --warm-up 1 --open-seconds 1 --count 3 --no-settle'.split(' ');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(packageRoot(), 'dist', 'bench', 'payments', 'main.js'), ...args],
      { timeout: LIMIT_MS, env: { ...wholeEnvironment(), QUITTANCE_RUN_FILE: stackRunFile() } },
    );
    const row = (start: string): string[] => {
      const line = stdout.split('\n').find((one) => one.startsWith(`| ${start}`));
      return (line ?? '')
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1);
    };
    expect(stdout).toContain('fsync on');
    for (const name of ['a empty workflow', 'b floor', 'c the payment', 'd six regular', 'e GET']) {
      const [, inFlight, rate, , , cpu, errors] = row(name);
      expect([inFlight, errors], name).toEqual(['2', '0']);
      expect(Number(rate), name).toBeGreaterThan(0);
      expect(Number(cpu), name).toBeGreaterThanOrEqual(0);
    }
    for (const ratio of ['throughput c ÷ b', 'throughput c ÷ d', 'p50 c ÷ b', 'p99 c ÷ b', 'CPU each c ÷ b'])
      expect(row(ratio)[1], ratio).toMatch(/^[\d.]+ \([\d.]+–[\d.]+\)$/);
    for (const group of ['api', 'payments worker', 'acquirer worker', 'webhooks worker', 'vault', 'Temporal'])
      expect(Number(row(group)[3]), group).toBeGreaterThanOrEqual(0);
    expect(stdout).toContain('p99 ms from sending');

    const counted = stdout.slice(stdout.indexOf('state transitions'));
    const costs = (name: string): string[] =>
      (new RegExp(`^\\| ${name}[^|]*\\| (\\d+) \\| (\\d+) \\|`, 'm').exec(counted) ?? []).slice(1);
    expect(costs('a empty')).toEqual(['3', '7']);
    expect(costs('b floor')).toEqual(['7', '15']);
    // Four more than the steps alone: the patch and the search attributes, when the run begins and when it ends.
    expect(costs('c the payment')).toEqual(['7', '23']);
    expect(costs('d six')).toEqual(['21', '43']);
    // Create, begin, sending, answer, conclude; and what the back office wrote meanwhile.
    const [, payments, main] = row('one after the other, no webhook');
    expect(payments).toBe('3');
    if (main !== '–') expect(Number(main)).toBeGreaterThanOrEqual(5);
    for (const store of ['main database', 'vault database', 'Temporal (SQLite file)'])
      expect(row(store)[1], store).toMatch(/^-?\d+$/);
  },
  LIMIT_MS,
);
