import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import type { Deployment } from '../platform/deployments.ts';
import { waitUntil } from '../temporal-dev/testing/wait-until.ts';
import { standingOf, watchVersion } from './version-watch.ts';

/** The promise: a worker is ready while its build is the one that gets what no other does, and no sooner. */
const LIMIT_MS = 10_000;
const silent = { error() {}, warn() {}, info() {}, debug() {} };

const deployment = (current: string | null, ramping: string | null = null): Deployment => ({
  name: 'payments',
  current,
  ramping: ramping === null ? null : { buildId: ramping, percent: 5 },
  settled: true,
  versions: [],
});

it.each<readonly [string, Deployment | null, boolean, boolean]>([
  ['nobody ever polled', null, false, false],
  ['no build is current', deployment(null), false, false],
  ['another build is current', deployment('old'), true, false],
  ['it ramps beside another one', deployment('old', 'new'), true, false],
  ['it is current', deployment('new'), true, true],
  ['it is current while another one ramps', deployment('new', 'newer'), true, true],
])('of a build, when %s', (_when, one, hasCurrent, isCurrent) => {
  expect(standingOf(one, 'new')).toEqual({ hasCurrent, isCurrent });
});

it('a worker becomes ready when its build does, stays so while Temporal is away, and ceases when another takes over', async () => {
  let answer: () => Promise<Deployment | null> = () => Promise.reject(new Error('Temporal is away'));
  let asked = 0;
  const registry = new Registry();
  const watch = watchVersion({
    deployment: 'payments',
    buildId: 'new',
    describe: () => {
      asked += 1;
      return answer();
    },
    intervalMs: 5,
    registry,
    logger: silent,
  });
  const askedAgain = async (): Promise<void> => {
    const before = asked;
    await waitUntil('it has asked again', LIMIT_MS, () => asked > before + 1);
  };
  const shown = async (): Promise<readonly string[]> =>
    (await registry.metrics()).split('\n').filter((line) => /^worker_/.test(line));

  await askedAgain();
  expect(watch.isReady()).toBe(false);
  expect(await shown()).toEqual([]);

  answer = () => Promise.resolve(deployment('new'));
  await waitUntil('it is ready', LIMIT_MS, () => watch.isReady());
  answer = () => Promise.reject(new Error('Temporal is away'));
  await askedAgain();
  expect(watch.isReady()).toBe(true);
  expect(await shown()).toEqual([
    'worker_deployment_has_current_version{deployment="payments"} 1',
    'worker_build_is_current{deployment="payments"} 1',
  ]);

  answer = () => Promise.resolve(deployment('newer'));
  await waitUntil('it is not ready any more', LIMIT_MS, () => !watch.isReady());
  expect((await shown())[0]).toMatch(/ 1$/);
  expect((await shown())[1]).toMatch(/ 0$/);
  await watch.stop();
});
