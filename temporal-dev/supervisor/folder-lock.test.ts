import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../testing/wait-until.ts';
import { FolderInUse, lockFolder, supervisorIn } from './folder-lock.ts';
import { identify, isRunning } from './process-identity.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-lock-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const lockFile = () => join(folder, 'supervisor.json');

describe('the folder of a stack', () => {
  it('has one supervisor at a time', async () => {
    const lock = await lockFolder(folder, 300);
    await expect(lockFolder(folder, 300)).rejects.toThrow(FolderInUse);
    expect(await supervisorIn(folder)).toEqual(await identify(process.pid));
    await lock.release();
    expect(await supervisorIn(folder)).toBeNull();
    await (await lockFolder(folder, 300)).release();
  });

  it('is taken by one of those who come at once', async () => {
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => lockFolder(folder, 300)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is taken over from a process that is gone, also when its id belongs to another now', async () => {
    const another = { ...(await identify(process.pid)), startedTicks: '1' };
    await writeFile(lockFile(), JSON.stringify({ supervisor: another, others: {} }));
    await (await lockFolder(folder, 300)).release();
    await writeFile(lockFile(), 'half a li');
    await (await lockFolder(folder, 300)).release();
  });

  it('is taken over only when nothing of the previous run is left', async () => {
    const leftover = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    const identity = await identify(leftover.pid ?? -1);
    const gone = { pid: process.pid, startedTicks: '1' };
    await writeFile(lockFile(), JSON.stringify({ supervisor: gone, others: { part: identity } }));
    const lock = await lockFolder(folder, 300);
    await waitUntil('the leftover is gone', 5_000, async () => !(await isRunning(identity)));
    await lock.release();
  });

  it('remembers the processes of the run', async () => {
    const lock = await lockFolder(folder, 300);
    lock.note('part', process.pid);
    const noted = await waitUntil('it is written', 5_000, async () => {
      const { others } = JSON.parse(await readFile(lockFile(), 'utf8')) as {
        others: Record<string, unknown>;
      };
      return others['part'];
    });
    expect(noted).toEqual(await identify(process.pid));
    await lock.release();
  });
});
