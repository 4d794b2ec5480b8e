import { CancelledFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { KeysLeftBehind } from '../../platform/key-rotation/run-rotation.ts';
import type { RotationProgress } from '../../platform/key-rotation/rotation.ts';
import { quietActivity } from '../../temporal-dev/testing/quiet-activity.ts';
import { createUpkeepActivities, type UpkeepOptions } from './upkeep.ts';

/**
 * The promise of what the back office does by the calendar, as Temporal runs it: it beats after each piece of work,
 * stops at the next one when it is cancelled, and what keeps it from its work is tried again.
 */
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
const nobody = () => Promise.reject(new Error('nobody asked for it'));
const activities = (some: Partial<UpkeepOptions>) =>
  createUpkeepActivities({
    rotateVault: nobody,
    rotatePlatform: nobody,
    retainCards: nobody,
    exportHistories: nobody,
    logger: silent,
    ...some,
  });

/** As functions of their own: Temporal calls them so. */
function bound(some: Partial<UpkeepOptions>) {
  const all = activities(some);
  return {
    rotateVaultKeys: (id: string) => all.rotateVaultKeys(id),
    rotatePlatformKeys: (id: string) => all.rotatePlatformKeys(id),
    retainCards: () => all.retainCards(),
    exportHistories: () => all.exportHistories(),
  };
}

/** An environment, and what beat in it. */
function environment() {
  const mock = quietActivity();
  const beats: unknown[] = [];
  mock.on('heartbeat', (details: unknown) => beats.push(details));
  return { mock, beats };
}

const SUMMARY = { exported: 3, gone: 0, through: '2026-11-22T00:00:00.000Z' };

/** Three runs, each told of when it is written; `afterEach` is done before. */
function exporting(written: number[], afterEach: (run: number) => void): UpkeepOptions['exportHistories'] {
  return async (alive) => {
    for (const run of [1, 2, 3]) {
      await Promise.resolve();
      written.push(run);
      afterEach(run);
      alive();
    }
    return SUMMARY;
  };
}

it('the export of histories beats after each run', async () => {
  const { mock, beats } = environment();
  const written: number[] = [];
  const { exportHistories } = bound({ exportHistories: exporting(written, () => undefined) });
  expect(await mock.run(exportHistories)).toEqual(SUMMARY);
  expect([written, beats.length]).toEqual([[1, 2, 3], 3]);
});

it.each(['CANCELLED', 'WORKER_SHUTDOWN', 'TIMED_OUT'] as const)(
  'the export of histories stops before the next run when it hears %s, as cancelled',
  async (reason) => {
    const { mock } = environment();
    const written: number[] = [];
    const { exportHistories } = bound({
      exportHistories: exporting(written, (run) => {
        if (run === 2) mock.cancel(reason);
      }),
    });
    await expect(mock.run(exportHistories)).rejects.toBeInstanceOf(CancelledFailure);
    expect(written).toEqual([1, 2]);
  },
);

it('what keeps the export or the destruction of cards from going on is thrown as it is: Temporal tries again', async () => {
  const away = new Error('the store is away');
  const { exportHistories, retainCards } = bound({
    exportHistories: () => Promise.reject(away),
    retainCards: () => Promise.reject(away),
  });
  for (const run of [exportHistories, retainCards])
    await expect(environment().mock.run(run)).rejects.toBe(away);
});

const progress = (rest: Partial<RotationProgress>): RotationProgress => ({
  rotation: 'kr_test',
  from: 'key-1',
  to: 'key-2',
  rewrapped: 0,
  remaining: 0,
  next: null,
  failed: [],
  done: false,
  ...rest,
});

it('a rotation beats with how far it is, and with nothing that names a key', async () => {
  const { mock, beats } = environment();
  const steps = [
    progress({ rewrapped: 100, remaining: 50, next: 'dk_100' }),
    progress({ rewrapped: 150, done: true }),
  ];
  const { rotateVaultKeys } = bound({
    rotateVault: () => Promise.resolve(steps.shift() ?? progress({})),
  });
  expect(await mock.run(rotateVaultKeys, 'rotation-1')).toEqual({
    rotation: 'kr_test',
    from: 'key-1',
    to: 'key-2',
    rewrapped: 150,
  });
  expect(beats).toEqual([
    { rewrapped: 100, remaining: 50 },
    { rewrapped: 150, remaining: 0 },
  ]);
});

it('a rotation that leaves keys behind, or cannot ask, fails: nobody disables the old master key', async () => {
  const stuck = progress({ rewrapped: 100, remaining: 2, failed: ['dk_7: refused'] });
  const left = bound({ rotatePlatform: () => Promise.resolve(stuck) });
  await expect(environment().mock.run(left.rotatePlatformKeys, 'rotation-1')).rejects.toBeInstanceOf(
    KeysLeftBehind,
  );
  const away = bound({ rotatePlatform: () => Promise.reject(new Error('the key service is away')) });
  await expect(environment().mock.run(away.rotatePlatformKeys, 'rotation-1')).rejects.toThrow(
    'the key service is away',
  );
});
