import { access, appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type pg from 'pg';
import { z } from 'zod';
import { copyInto } from './copy.ts';
import { linesOf } from './lines.ts';
import type { ClosedRun, ReadRuns, RunName, RunRead } from './run-history.ts';

/** Until when all closed runs were checked; `recent`: those of the last moments, which may come up again. */
const memorySchema = z.strictObject({
  until: z.iso.datetime(),
  /** Runs that were read, of all looks, by where their histories were. */
  temporal: z.number().int().min(0),
  export: z.number().int().min(0),
  recent: z.array(z.string()),
  /** What was wrong with runs that are not read again: told until the file is taken away. */
  wrong: z
    .array(z.strictObject({ workflow: z.string(), run: z.string(), what: z.string() }))
    .default(() => []),
});
export type Memory = z.infer<typeof memorySchema>;
export type WrongRun = Memory['wrong'][number];

/** Some runs that were read now. */
export interface Read {
  readonly runs: readonly ClosedRun[];
  /** Runs of which nobody has the history any more. */
  readonly missing: readonly string[];
  readonly memory: Memory;
  /** Whoever reads puts in here what is wrong with them, before the next are asked for. */
  readonly wrong: WrongRun[];
}

/** Visibility is written a little after a run has closed (ms). */
const LAG_MS = 3_000;
/** Looked at again in the next pass, for what came late to visibility (ms). */
const OVERLAP_MS = 60_000;
/** Wrong runs that are remembered. */
const WRONG_MAX = 1_000;
/** Runs of one window at most; a window with more is halved. */
const WINDOW_MAX = 2_000;

/** The ids of all runs that were read, one a line, beside the memory. */
const idsOf = (path: string): string => `${path}.runs`;

/** Null when nothing is remembered, or not which runs were read: then all are read anew. */
export async function readMemory(path: string): Promise<Memory | null> {
  const known = await access(idsOf(path)).then(
    () => true,
    () => false,
  );
  const text = known ? await readFile(path, 'utf8').catch(() => null) : null;
  return text === null ? null : memorySchema.parse(JSON.parse(text));
}

/** The runs first: dead between the two, they are read again. */
async function remember(path: string, { runs, memory, wrong }: Read): Promise<Memory> {
  const whole = { ...memory, wrong: [...memory.wrong, ...wrong].slice(0, WRONG_MAX) };
  await appendFile(idsOf(path), runs.map(({ run }) => `${run}\n`).join(''));
  await writeFile(`${path}.new`, `${JSON.stringify(whole)}\n`);
  await rename(`${path}.new`, path);
  return whole;
}

/** What was found of runs, counted into the memory. */
function counted(memory: Memory, found: readonly RunRead[]): Pick<Read, 'runs' | 'memory'> {
  const runs = found.filter((one): one is ClosedRun => typeof one !== 'string');
  const from = (where: ClosedRun['from']): number => runs.filter((run) => run.from === where).length;
  return {
    runs,
    memory: {
      ...memory,
      temporal: memory.temporal + from('temporal'),
      export: memory.export + from('export'),
    },
  };
}

/**
 * Reads the histories of all runs that closed since the last time, in the order in which they closed,
 * each once, and remembers how far it came after every window: interrupted, it goes on from there.
 * @param limit at most so many in one pass.
 */
export async function* closedRuns(
  client: Client,
  read: ReadRuns,
  path: string,
  limit: number,
): AsyncGenerator<Read> {
  const end = Date.now() - LAG_MS;
  let memory: Memory = (await readMemory(path)) ?? {
    until: new Date(await firstClose(client, end)).toISOString(),
    temporal: 0,
    export: 0,
    recent: [],
    wrong: [],
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
    // What Temporal lists and has no more is asked for by our record, below.
    const results = await read(found.map(({ workflowId, runId }) => ({ workflow: workflowId, run: runId })));
    done += found.length;
    const overlap = to - OVERLAP_MS;
    const recent = found
      .filter(({ closeTime }) => (closeTime?.getTime() ?? to) >= overlap)
      .map(({ runId }) => runId);
    const next = counted(memory, results);
    memory = {
      ...next.memory,
      until: new Date(to).toISOString(),
      recent: from >= overlap ? [...memory.recent, ...recent] : recent,
    };
    const now = { runs: next.runs, missing: [], memory, wrong: [] };
    yield now;
    memory = await remember(path, now);
    from = to;
  }
}

/**
 * Reads the runs that our record names, that are not open, and that nobody has read: those that Temporal
 * forgot before they were looked at, out of the export. Temporary table `read_runs` gets what was read before.
 */
export async function* unreadRuns(
  main: pg.ClientBase,
  read: ReadRuns,
  path: string,
  limit: number,
): AsyncGenerator<Read> {
  await copyInto(main, 'read_runs', ['id'], idLines(path));
  // By the form of Temporal's ids: what people and tests did has others.
  const { rows } = await main.query<RunName>(
    `select min(h.payment_id) as workflow, h.workflow_run_id as run from payment_history h
     where h.workflow_run_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-'
       and not exists (select from read_runs r where r.id = h.workflow_run_id)
       and not exists (select from open_runs o where o.run = h.workflow_run_id)
     group by 2 order by 1 desc, 2 limit $1`,
    [limit],
  );
  for (let at = 0; at < rows.length; at += WINDOW_MAX) {
    const asked = rows.slice(at, at + WINDOW_MAX);
    const results = await read(asked);
    const memory = await readMemory(path);
    if (memory === null) return;
    const missing = asked.filter((_, place) => results[place] === 'missing').map(({ run }) => run);
    const now = { ...counted(memory, results), missing, wrong: [] };
    yield now;
    await remember(path, now);
  }
}

async function* idLines(path: string): AsyncGenerator<readonly (readonly string[])[]> {
  for await (const { lines } of linesOf(idsOf(path))) yield lines.map((line) => [line]);
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
