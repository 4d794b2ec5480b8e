import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { isErrno, writeWhole } from '../files.ts';
import { identify, isRunning } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

const identitySchema = z.object({ pid: z.number().int(), startedTicks: z.string().nullable() });
const lockSchema = z.object({ supervisor: identitySchema, others: z.record(z.string(), identitySchema) });

/** A supervisor runs in that folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  readonly supervisorPid: number;
  constructor(dir: string, supervisorPid: number) {
    super(`a stack already runs in ${dir} (supervisor process ${supervisorPid})`);
    this.supervisorPid = supervisorPid;
  }
}

export interface FolderLock {
  /** Notes a process of this run, so that the next run can tell that it is gone. */
  note(role: string, pid: number): void;
  release(): Promise<void>;
}

/**
 * Makes this process the only supervisor of `dir`. After a run that was killed it waits until the
 * processes of that run are gone, and after `leftoverLimitMs` kills those that its guard did not
 * reach (the guard itself needs about 3 s).
 * @throws FolderInUse
 */
export async function lockFolder(dir: string, leftoverLimitMs: number): Promise<FolderLock> {
  const path = join(dir, 'supervisor.json');
  const supervisor = await identify(process.pid);
  const others: Record<string, ProcessIdentity> = {};
  const content = () => `${JSON.stringify({ supervisor, others }, null, 2)}\n`;

  for (;;) {
    // A link appears with its whole content, or not at all when another was first. Each call has a draft of its own.
    const draft = `${path}.${randomUUID()}.lock`;
    await writeFile(draft, content(), { mode: 0o600 });
    try {
      await link(draft, path);
      break;
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
      await clearAfterPrevious(dir, path, leftoverLimitMs);
    } finally {
      await rm(draft, { force: true });
    }
  }

  let writing = Promise.resolve();
  return {
    note(role, pid) {
      writing = writing
        .then(async () => {
          others[role] = await identify(pid);
          await writeWhole(path, content());
        })
        .catch(() => undefined); // only makes the next start after a crash less thorough
    },
    async release() {
      await writing;
      await rm(path, { force: true });
    },
  };
}

/** The supervisor that runs in that folder; null when none does. */
export async function supervisorIn(dir: string): Promise<ProcessIdentity | null> {
  const parsed = lockSchema.safeParse(await readJson(join(dir, 'supervisor.json')));
  return parsed.success && (await isRunning(parsed.data.supervisor)) ? parsed.data.supervisor : null;
}

async function clearAfterPrevious(dir: string, path: string, leftoverLimitMs: number): Promise<void> {
  const parsed = lockSchema.safeParse(await readJson(path));
  if (parsed.success) {
    const { supervisor, others } = parsed.data;
    if (await isRunning(supervisor)) throw new FolderInUse(dir, supervisor.pid);
    const left = Object.values(others);
    const deadline = Date.now() + leftoverLimitMs;
    while ((await anyRunning(left)) && Date.now() < deadline) await delay(50);
    for (const one of left) {
      if (await isRunning(one)) process.kill(-one.pid, 'SIGKILL'); // each leads its group
    }
  }
  await rm(path, { force: true });
}

/** null where there is none, or a text that is not JSON: a crash of the machine may leave one. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return null;
  }
}

async function anyRunning(processes: readonly ProcessIdentity[]): Promise<boolean> {
  for (const one of processes) if (await isRunning(one)) return true;
  return false;
}
