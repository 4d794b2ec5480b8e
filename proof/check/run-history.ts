import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isGrpcServiceError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { historyFromJSON, type History } from '@temporalio/common/lib/proto-utils.js';
import type pg from 'pg';

/** One closed run: how it ended, and what it had an acquirer do. */
export interface ClosedRun extends RunName {
  /** Where its history was found. */
  readonly from: 'temporal' | 'export';
  /** `damaged`: what was exported is not what is there. */
  readonly ended: Ending | 'damaged';
  /** Acquirer calls that it scheduled, inquiries left out. */
  readonly calls: number;
}

export interface RunName {
  readonly workflow: string;
  readonly run: string;
}

/** What is known of a run: open, closed, or nobody has its history any more. */
export type RunRead = ClosedRun | 'open' | 'missing';
/** Of each that is asked for, in their order. */
export type ReadRuns = (asked: readonly RunName[]) => Promise<readonly RunRead[]>;

const ENDINGS = {
  completed: 'workflowExecutionCompletedEventAttributes',
  failed: 'workflowExecutionFailedEventAttributes',
  timed_out: 'workflowExecutionTimedOutEventAttributes',
  canceled: 'workflowExecutionCanceledEventAttributes',
  terminated: 'workflowExecutionTerminatedEventAttributes',
  continued_as_new: 'workflowExecutionContinuedAsNewEventAttributes',
} as const;
type Ending = keyof typeof ENDINGS;

/** Activities of the acquirer port that can move money. */
const CALLS: ReadonlySet<string> = new Set(['authorize', 'capture', 'void', 'refund', 'reverse']);
/** gRPC's own number. */
const NOT_FOUND = 5;

/** Histories that are fetched at once. */
const IN_FLIGHT = 32;

/**
 * Reads runs where their histories still are: at Temporal, else in the folder that the back office exports
 * to (docs/operating.md, "Histories that outlive Temporal"), held against the checksums that our record has.
 * @param main the snapshot, for the record of what was exported.
 * @param folder null = nobody knows of an export.
 */
export function createReadRuns(client: Client, main: pg.ClientBase, folder: string | null): ReadRuns {
  return async (asked) => {
    const held = await inFlight(asked, IN_FLIGHT, (name) => atTemporal(client, name));
    const gone = asked.filter((_, at) => held[at] === null).map(({ run }) => run);
    const exports =
      folder === null || gone.length === 0 ? new Map<string, Exported>() : await exportsOf(main, gone);
    return inFlight([...asked.entries()], IN_FLIGHT, async ([at, name]) => {
      const found = held[at] ?? null;
      if (found !== null) return closedRun(name, 'temporal', found);
      const row = exports.get(name.run);
      const exported = folder === null || row === undefined ? null : await inExport(folder, row);
      if (exported === null) return 'missing';
      if (exported === 'damaged') return { ...name, from: 'export', ended: 'damaged', calls: 0 };
      return closedRun(name, 'export', exported);
    });
  };
}

function closedRun(name: RunName, from: ClosedRun['from'], { events }: History): ClosedRun | 'open' {
  const last = events?.at(-1);
  const ended = (Object.keys(ENDINGS) as Ending[]).find((ending) => last?.[ENDINGS[ending]] != null);
  if (ended === undefined) return 'open';
  const calls = (events ?? []).filter((event) =>
    CALLS.has(event.activityTaskScheduledEventAttributes?.activityType?.name ?? ''),
  ).length;
  return { ...name, from, ended, calls };
}

async function atTemporal(client: Client, { workflow, run }: RunName): Promise<History | null> {
  try {
    return await client.workflow.getHandle(workflow, run).fetchHistory();
  } catch (error) {
    const gone =
      error instanceof WorkflowNotFoundError ||
      (isGrpcServiceError(error) && (error.code as number) === NOT_FOUND);
    if (gone) return null;
    throw error;
  }
}

interface Exported {
  readonly run_id: string;
  readonly object: string;
  readonly sha256: Buffer;
}

async function exportsOf(
  main: pg.ClientBase,
  runs: readonly string[],
): Promise<ReadonlyMap<string, Exported>> {
  const { rows } = await main.query<Exported>(
    'select run_id, object, sha256 from history_exports where run_id = any ($1)',
    [runs],
  );
  return new Map(rows.map((row) => [row.run_id, row]));
}

async function inExport(folder: string, { object, sha256 }: Exported): Promise<History | 'damaged' | null> {
  const bytes = await readFile(join(folder, ...object.split('/'))).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (bytes === null) return null;
  if (!createHash('sha256').update(bytes).digest().equals(sha256)) return 'damaged';
  return historyFromJSON(JSON.parse(gunzipSync(bytes).toString('utf8')));
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
      for (let at = next++; at < items.length; at = next++) {
        const item = items[at];
        if (item !== undefined) results[at] = await work(item);
      }
    }),
  );
  return results;
}
