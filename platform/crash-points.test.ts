import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from './config.ts';
import { armCrashPoints } from './crash-orders.ts';
import { areCrashPointsArmed, atBoundaries, atBoundary, crashPoint } from './crash-points.ts';

/** A process dies where it is told to, once, and only in a development stack. */

const DATABASE = 'postgres://quittance_worker:x@127.0.0.1:7432/quittance';
let folder: string;
let disarm: () => void;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crash-points-'));
  disarm = () => undefined;
});
afterEach(async () => {
  disarm();
  await rm(folder, { recursive: true });
});

/** Armed with those orders; every death is counted instead of died. */
async function armed(...orders: readonly object[]): Promise<() => number> {
  let deaths = 0;
  // What is in the folder before the process begins is an order, too.
  armCrashPoints('payments', settings(folder), DATABASE)();
  for (const [index, order] of orders.entries())
    await writeFile(join(folder, 'payments', `${index}.json`), JSON.stringify(order));
  disarm = armCrashPoints('payments', settings(folder), DATABASE, () => (deaths += 1));
  return () => deaths;
}
const settings = (crashPointsFolder: string | null, kmsAccessKeyId: string | null = 'emulator') => ({
  crashPointsFolder,
  kmsAccessKeyId,
});

describe('a crash point', () => {
  it('is nothing in a process that is not armed: work is done as it is', async () => {
    disarm = armCrashPoints('payments', settings(null), DATABASE);
    expect(areCrashPointsArmed()).toBe(false);
    crashPoint('score', 'before');
    expect(await atBoundary('score', () => Promise.resolve(7))).toBe(7);
    const asked = (): never => {
      throw new Error('nobody asks which boundaries it is');
    };
    expect(await atBoundaries(asked, () => Promise.resolve(8))).toBe(8);
  });

  it('ends the process at the passage that was ordered, once, and says so before', async () => {
    const deaths = await armed({ boundary: 'score', side: 'after', passage: 2 });
    await atBoundary('score', () => Promise.resolve());
    crashPoint('score', 'before');
    expect(deaths()).toBe(0);
    await atBoundary('score', () => Promise.resolve());
    expect(deaths()).toBe(1);
    const said = JSON.parse(await readFile(join(folder, 'fallen.jsonl'), 'utf8')) as object;
    expect(said).toMatchObject({
      id: '0',
      role: 'payments',
      boundary: 'score',
      side: 'after',
      pid: process.pid,
    });
    await atBoundary('score', () => Promise.resolve());
    expect(deaths()).toBe(1);
  });

  it('comes after work that succeeded, and not after work that failed', async () => {
    const deaths = await armed({ boundary: 'score', side: 'after', passage: 1 });
    await expect(atBoundary('score', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(deaths()).toBe(0);
  });

  it('takes orders while the process runs', async () => {
    const deaths = await armed();
    await writeFile(
      join(folder, 'payments', 'later.json'),
      JSON.stringify({ boundary: 'timer-set', side: 'before', passage: 1 }),
    );
    await expect
      .poll(() => {
        crashPoint('timer-set', 'before');
        return deaths();
      })
      .toBe(1);
  });
});

describe('a process with anybody’s money', () => {
  it.each([
    ['a key service of its own', settings('/anywhere', null), DATABASE],
    ['other credentials', settings('/anywhere', 'AKIA'), DATABASE],
    ['a database elsewhere', settings('/anywhere'), 'postgres://x:x@db.example.com/quittance'],
  ])('is not armed and does not start: %s', (_, config, url) => {
    expect(() => armCrashPoints('api', config, url)).toThrow(ConfigError);
    expect(() => armCrashPoints('api', config, url)).toThrow(/QUITTANCE_CRASH_POINTS_FOLDER .* unset it/);
    expect(areCrashPointsArmed()).toBe(false);
  });
});
