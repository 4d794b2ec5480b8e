import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { z } from 'zod';

/** Until when all closed runs were checked; `recent`: those of the last moments, which may come up again. */
const memorySchema = z.strictObject({
  until: z.iso.datetime(),
  checked: z.number().int().min(0),
  recent: z.array(z.string()),
});
export type Memory = z.infer<typeof memorySchema>;

/** One closed run: how it ended, and what it had an acquirer do. */
export interface CheckedRun {
  readonly workflow: string;
  readonly run: string;
  readonly ended: string;
  /** Acquirer calls that it scheduled, inquiries left out. */
  readonly calls: number;
}

/** Visibility is written a little after a run has closed (ms). */
const LAG_MS = 3_000;
/** Looked at again in the next pass, for what came late to visibility (ms). */
const OVERLAP_MS = 60_000;
/** Runs of one window at most; a window with more is halved. */
const WINDOW_MAX = 2_000;
const IN_FLIGHT = 32;
/** Activities of the acquirer port that can move money. */
const CALLS: ReadonlySet<string> = new Set(['authorize', 'capture', 'void', 'refund', 'reverse']);

export async function readMemory(path: string): Promise<Memory | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null ? null : memorySchema.parse(JSON.parse(text));
}

async function remember(path: string, memory: Memory): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(memory)}\n`);
  await rename(`${path}.new`, path);
}

/**
 * Reads the histories of all runs that closed since the last time, in the order in which they closed,
 * each once, and remembers how far it came after every window: interrupted, it goes on from there.
 * @param limit at most so many in one pass.
 */
export async function* closedRuns(
  client: Client,
  path: string,
  limit: number,
): AsyncGenerator<{ readonly runs: readonly CheckedRun[]; readonly memory: Memory }> {
  const end = Date.now() - LAG_MS;
  let memory: Memory = (await readMemory(path)) ?? {
    until: new Date(await firstClose(client, end)).toISOString(),
    checked: 0,
    recent: [],
  };
  let from = Date.parse(memory.until);
  let done = 0;
  while (from < end && done < limit) {
    let to = end;
    while (
      to - from > 1_000 &&
      (await countBetween(client, from - OVERLAP_MS, to)) > WINDOW_MAX + memory.recent.length
    )
      to = from + Math.floor((to - from) / 2);
    const known = new Set(memory.recent);
    const found: WorkflowExecutionInfo[] = [];
    for await (const info of client.workflow.list({ query: closedBetween(from - OVERLAP_MS, to) }))
      if (!known.has(info.runId)) found.push(info);
    const runs = await inFlight(found, IN_FLIGHT, (info) => readRun(client, info));
    done += runs.length;
    const overlap = to - OVERLAP_MS;
    const recent = found
      .filter(({ closeTime }) => (closeTime?.getTime() ?? to) >= overlap)
      .map(({ runId }) => runId);
    memory = {
      until: new Date(to).toISOString(),
      checked: memory.checked + runs.length,
      recent: from >= overlap ? [...memory.recent, ...recent] : recent,
    };
    yield { runs, memory };
    await remember(path, memory);
    from = to;
  }
}

async function firstClose(client: Client, end: number): Promise<number> {
  // Newest first is the only order that visibility has: halving finds the first without reading all.
  let low = 0;
  let high = end;
  while (high - low > 60_000) {
    const middle = Math.floor((low + high) / 2);
    if ((await countBetween(client, 0, middle)) > 0) high = middle;
    else low = middle;
  }
  return low;
}

const closedBetween = (from: number, to: number): string =>
  `WorkflowType = 'payment' AND ExecutionStatus != 'Running' AND CloseTime >= '${new Date(Math.max(from, 0)).toISOString()}' AND CloseTime < '${new Date(to).toISOString()}'`;

async function countBetween(client: Client, from: number, to: number): Promise<number> {
  const { count } = await client.workflow.count(closedBetween(from, to));
  return count;
}

async function readRun(
  client: Client,
  { workflowId, runId, status }: WorkflowExecutionInfo,
): Promise<CheckedRun> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const calls = (events ?? []).filter((event) =>
    CALLS.has(event.activityTaskScheduledEventAttributes?.activityType?.name ?? ''),
  ).length;
  return { workflow: workflowId, run: runId, ended: status.name, calls };
}

async function inFlight<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(atOnce, items.length) }, async () => {
      for (let item = items[next++]; item !== undefined; item = items[next++]) results.push(await work(item));
    }),
  );
  return results;
}
