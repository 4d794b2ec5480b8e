import { readFile } from 'node:fs/promises';
import { isErrno } from '../files.ts';

/** A process that is not confused with a later one of the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot (/proc/<pid>/stat, field 22); null where there is no /proc. */
  readonly startedTicks: string | null;
}

export async function identify(pid: number): Promise<ProcessIdentity> {
  return { pid, startedTicks: (await readStat(pid))?.startedTicks ?? null };
}

/** Whether exactly that process still runs. One that has ended and waits to be reaped does not. */
export async function isRunning({ pid, startedTicks }: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!isErrno(error, 'EPERM')) return false;
  }
  if (startedTicks === null) return true;
  const stat = await readStat(pid);
  return stat !== null && stat.startedTicks === startedTicks && stat.state !== 'Z';
}

async function readStat(pid: number): Promise<{ state: string; startedTicks: string } | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  // The name of the program, in parentheses, may contain anything: count after it (proc(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startedTicks = fields[19];
  return state === undefined || startedTicks === undefined ? null : { state, startedTicks };
}
