import { readdir, readFile } from 'node:fs/promises';

/** A process as Linux tells of it in /proc/<pid>/stat (proc(5)). */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** Processor time, user and system, its own and that of children it has waited for, in ms. */
  readonly cpuMs: number;
}

/** USER_HZ: what Linux counts processor time in for programs, on every architecture that Node runs on. */
const TICK_MS = 10;

/**
 * One line of /proc/<pid>/stat. The name of the program stands in parentheses and may hold anything.
 * @throws Error when it is no such line.
 */
export function parseStat(line: string): ProcessStat {
  const end = line.lastIndexOf(')');
  const pid = Number.parseInt(line, 10);
  // From the third field: state, parent, …; the times are fields 14 to 17.
  const fields = line.slice(end + 2).split(' ');
  const ticks = [11, 12, 13, 14].map((index) => Number(fields[index]));
  const parent = Number(fields[1]);
  if (end < 0 || !Number.isInteger(pid) || !Number.isInteger(parent) || !ticks.every(Number.isInteger))
    throw new Error(`not a line of /proc/<pid>/stat: ${line.slice(0, 200)}`);
  return { pid, parent, cpuMs: ticks.reduce((sum, one) => sum + one, 0) * TICK_MS };
}

/** Every process of the machine now. @throws Error where there is no /proc. */
export async function readProcesses(): Promise<ReadonlyMap<number, ProcessStat>> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    names.map((name) =>
      // It may have ended meanwhile.
      readFile(`/proc/${name}/stat`, 'utf8').then(parseStat, () => null),
    ),
  );
  return new Map(stats.filter((one) => one !== null).map((one) => [one.pid, one]));
}

/** A process with all its descendants. */
export function treeOf(processes: ReadonlyMap<number, ProcessStat>, root: number): ProcessStat[] {
  const found = [...processes.values()].filter(({ pid }) => pid === root);
  for (let next = 0; next < found.length; next += 1) {
    const parent = found[next]?.pid;
    for (const one of processes.values()) if (one.parent === parent) found.push(one);
  }
  return found;
}

/** The processes of a group, by the pids of their roots. */
export type Groups = Readonly<Record<string, readonly number[]>>;

/** Processor time of each group so far (ms), descendants included; what has ended counts where it was waited for. */
export function cpuOf(processes: ReadonlyMap<number, ProcessStat>, groups: Groups): Record<string, number> {
  return perGroup(groups, (roots) =>
    roots.flatMap((root) => treeOf(processes, root)).reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  );
}

/** What each group used between two readings, by payment (ms). A process that was started anew counts from zero. */
export function cpuPerPayment(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  payments: number,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([group, ms]) => [group, Math.max(0, ms - (before[group] ?? 0)) / payments]),
  );
}

/**
 * Memory of each group in bytes: what is shared between processes (PostgreSQL's buffers) is divided among
 * them (Pss); where that may not be read, the whole of what each has in memory (Rss).
 */
export async function memoryOf(
  processes: ReadonlyMap<number, ProcessStat>,
  groups: Groups,
): Promise<Record<string, number>> {
  const sizes = new Map<string, number>();
  for (const [group, roots] of Object.entries(groups)) {
    const pids = roots.flatMap((root) => treeOf(processes, root)).map(({ pid }) => pid);
    const each = await Promise.all(pids.map(memoryOfProcess));
    sizes.set(
      group,
      each.reduce((sum, bytes) => sum + bytes, 0),
    );
  }
  return Object.fromEntries(sizes);
}

async function memoryOfProcess(pid: number): Promise<number> {
  const line = async (file: string, name: string): Promise<number> => {
    const text = await readFile(`/proc/${pid}/${file}`, 'utf8');
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1_024;
  };
  return line('smaps_rollup', 'Pss').catch(() => line('status', 'VmRSS').catch(() => 0));
}

function perGroup<T>(groups: Groups, of: (roots: readonly number[]) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(groups).map(([group, roots]) => [group, of(roots)]));
}
