import { beforeAll, expect, inject, it } from 'vitest';
import { BUNDLE } from '../../proof/support/bundles.ts';
import { quietRuntime } from './replay-runs.ts';
import { replaySuite, type SuiteReplay } from './replay-suite.ts';

/**
 * The promise: whatever life a test of this run gave to a payment, a delivery or a job of the calendar, the
 * workflows that are built now go on with it. Runs after the last stack test, before the stacks are stopped
 * (project `suite` in vitest.config.ts).
 */
beforeAll(() => {
  quietRuntime();
});

const sum = (all: readonly SuiteReplay[], of: (one: SuiteReplay) => number): number =>
  all.reduce((total, one) => total + of(one), 0);

it('every run that the stacks of the suite still know replays on the workflows that are built now', async ({
  skip,
}) => {
  const stacks = inject('suiteStacks');
  if (stacks.length === 0) skip('no stack was started for this run of the tests');
  const began = performance.now();
  const all: SuiteReplay[] = [];
  for (const runFile of stacks) all.push(await replaySuite(runFile, BUNDLE));
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);

  const diverged = all.flatMap((one) => one.diverged);
  const number = (count: number): string => count.toLocaleString('en');
  const aside = all.flatMap(({ setAside }) => [...setAside].map(([reason, count]) => `${count} ${reason}`));
  console.log(
    [
      `replayed ${number(sum(all, ({ replayed }) => replayed))} histories of the suite: ${number(diverged.length)} diverged`,
      `(${seconds} s; ${sum(all, ({ undecided }) => undecided)} had decided nothing${aside.map((text) => `; set aside: ${text}`).join('')})`,
    ].join(' '),
  );
  expect(sum(all, ({ replayed }) => replayed)).toBeGreaterThan(0);
  expect(diverged.join('\n'), `${diverged.length} histories of the suite diverged`).toBe('');
});
