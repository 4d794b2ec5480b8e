import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import pMap from 'p-map';
import type pg from 'pg';
import { fetchHistory } from '../../../platform/fetch-history.ts';
import { historyObject, packHistory, unpackHistory, type History } from '../../../platform/history-file.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { ObjectStore } from '../../../platform/object-store/object-store.ts';
import { PAYMENT_WORKFLOW } from '../../../workflows/payment/payment.contract.ts';
import type { ExportSummary } from '../../../workflows/ports/upkeep.ts';
import { WEBHOOK_DELIVERY_WORKFLOW } from '../../../workflows/webhook-delivery/webhook-delivery.contract.ts';
import { createExportRecords } from './records.ts';

export interface HistoryExportOptions {
  readonly client: Client;
  readonly pool: Pick<pg.Pool, 'query'>;
  /** Where histories go: a folder, or another store of objects. */
  readonly store: Pick<ObjectStore, 'add' | 'get'>;
  readonly logger: Logger;
  /** Counted as they happen. */
  readonly count: (outcome: 'exported' | 'gone', runs: number) => void;
  /** What closed a shorter time ago waits for the next export: visibility lags (ms). */
  readonly settleMs: number;
  /** Runs of this long before the mark are looked for again: what came later still to visibility (ms). */
  readonly overlapMs: number;
  /** Histories fetched at once. */
  readonly concurrency: number;
}

/** Runs that are held against the record at once. */
const BATCH = 100;
/** The mark moves after so much time of closed runs (ms). */
const WINDOW_MS = 3_600_000;
const REQUEST_LIMIT_MS = 20_000;
/** So many failures and no success mean that it is not the histories. */
const AWAY_FROM = 10;
const FAILURES_TOLD = 5;

/**
 * One export: every run of a payment or a delivery that closed since the mark is written to the store,
 * then to the record, and then the mark moves. Dead at any point, the next export finds what is missing
 * by the record. An object is never written over: of one without a row it is the bytes in the store that are
 * recorded, if they are this run's history.
 * @param alive called after each run; throws to stop.
 * @returns a function that rejects when Temporal, the store or the database does not answer.
 */
export function createHistoryExport(options: HistoryExportOptions) {
  const { client, store, logger, count, settleMs, overlapMs, concurrency } = options;
  const records = createExportRecords(options.pool);

  /** The bytes that the store has by that name now: ours, or those of an export that died before its row. */
  async function kept(object: string, ours: Uint8Array): Promise<Uint8Array> {
    if (await store.add(object, ours)) return ours;
    const theirs = await store.get(object);
    if (theirs === null) throw new Error(`the store has ${object} and does not give it`);
    // Another version of the SDK, or of gzip, may have written it: the same history in other bytes.
    if (Buffer.compare(theirs, ours) === 0 || isDeepStrictEqual(unpackHistory(theirs), unpackHistory(ours)))
      return theirs;
    throw new Error(
      `the store has another history by the name of ${object}: look at both, and move that one away`,
    );
  }

  /** Whether its history was still there. */
  async function exportRun({ workflowId, runId, closeTime }: WorkflowExecutionInfo): Promise<boolean> {
    const history = await client.withDeadline(Date.now() + REQUEST_LIMIT_MS, () =>
      fetchHistory(client, workflowId, runId),
    );
    if (history === null) {
      logger.error('history_gone', { workflow_id: workflowId, run_id: runId });
      return false;
    }
    const events = history.events ?? [];
    if (closeTime === undefined || !isClosed(history))
      throw new Error(`${workflowId}, run ${runId}, is listed as closed and its history does not say so`);
    const object = historyObject(workflowId, runId);
    const bytes = await kept(object, packHistory(history));
    await records.add({
      runId,
      workflowId,
      closedAt: closeTime,
      object,
      sha256: createHash('sha256').update(bytes).digest(),
      bytes: bytes.length,
      events: events.length,
    });
    return true;
  }

  async function exportBatch(found: readonly WorkflowExecutionInfo[], alive: () => void): Promise<Counted> {
    const known = await records.known(found.map(({ runId }) => runId));
    const fresh = found.filter(({ runId }) => !known.has(runId));
    const ends = await pMap(
      fresh,
      async (run) => {
        const end = await exportRun(run).catch(
          (error: unknown) => new Error(run.workflowId, { cause: error }),
        );
        alive();
        return end;
      },
      { concurrency },
    );
    const failures = ends.filter((end) => end instanceof Error);
    const exported = ends.filter((end) => end === true).length;
    const counted = { exported, gone: ends.filter((end) => end === false).length, failures };
    count('exported', counted.exported);
    count('gone', counted.gone);
    // The store, the database or Temporal is away: the rest would fail as well. A few may be at fault
    // themselves, and must not keep all that closed after them from being exported.
    if (failures.length >= AWAY_FROM && failures.length === fresh.length) throw failed(failures);
    return counted;
  }

  async function exportWindow(from: number, to: number, alive: () => void): Promise<Counted> {
    const all: Counted[] = [];
    let batch: WorkflowExecutionInfo[] = [];
    for await (const info of client.workflow.list({ query: closedBetween(from, to), pageSize: 500 })) {
      batch.push(info);
      if (batch.length < BATCH) continue;
      all.push(await exportBatch(batch, alive));
      batch = [];
    }
    all.push(await exportBatch(batch, alive));
    alive();
    return sum(all);
  }

  return async (alive: () => void): Promise<ExportSummary> => {
    const end = Date.now() - settleMs;
    const all: Counted[] = [];
    // The first time everything that Temporal has; then hour by hour.
    let mark = await records.through();
    while (mark === null || mark < end) {
      const to: number = mark === null ? end : Math.min(mark + WINDOW_MS, end);
      all.push(await exportWindow(mark === null ? 0 : mark - overlapMs, to, alive));
      // One that fails keeps the mark where it is, and not the others from being exported before Temporal forgets them.
      if (sum(all).failures.length === 0) await records.advance(to);
      mark = to;
    }
    const { exported, gone, failures } = sum(all);
    if (failures.length > 0) throw failed(failures);
    const summary = { exported, gone, through: new Date(mark).toISOString() };
    logger.info('histories_exported', summary);
    return summary;
  };
}

interface Counted {
  readonly exported: number;
  readonly gone: number;
  readonly failures: readonly Error[];
}

function sum(all: readonly Counted[]): Counted {
  return {
    exported: all.reduce((total, { exported }) => total + exported, 0),
    gone: all.reduce((total, { gone }) => total + gone, 0),
    failures: all.flatMap(({ failures }) => failures),
  };
}

function failed(failures: readonly Error[]): Error {
  const [first] = failures;
  const why = first?.cause instanceof Error ? first.cause.message : 'unknown';
  return new AggregateError(
    failures.slice(0, FAILURES_TOLD),
    `${failures.length} histories could not be exported, that of ${first?.message ?? ''} for one: ${why}`,
  );
}

const closedBetween = (from: number, to: number): string =>
  [
    `WorkflowType IN ('${PAYMENT_WORKFLOW}', '${WEBHOOK_DELIVERY_WORKFLOW}')`,
    "ExecutionStatus != 'Running'",
    `CloseTime >= '${new Date(Math.max(from, 0)).toISOString()}'`,
    `CloseTime < '${new Date(to).toISOString()}'`,
  ].join(' AND ');

function isClosed({ events }: History): boolean {
  const last = events?.at(-1);
  return [
    last?.workflowExecutionCompletedEventAttributes,
    last?.workflowExecutionFailedEventAttributes,
    last?.workflowExecutionTimedOutEventAttributes,
    last?.workflowExecutionCanceledEventAttributes,
    last?.workflowExecutionTerminatedEventAttributes,
    last?.workflowExecutionContinuedAsNewEventAttributes,
  ].some((attributes) => attributes != null);
}
