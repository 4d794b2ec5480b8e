import type { Client } from '@temporalio/client';
import type pg from 'pg';
import type { Violation } from './check.ts';
import { closedRuns, readMemory, unreadRuns, type Read, type WrongRun } from './histories.ts';
import { recordsOf } from './records.ts';
import { createReadRuns, type ClosedRun } from './run-history.ts';
import type { Session } from './session.ts';

/** Histories of one pass. */
const HISTORIES_MAX = 50_000;
/** Missing runs that are named. */
const NAMED = 3;

export interface Histories {
  readonly checked: number;
  readonly violations: readonly Violation[];
  /** How many were read and where they were, and how many nobody has. */
  readonly coverage: string;
}

/** Holds every closed run that was not read before against our record. @param path where it is remembered. */
export async function checkHistories(session: Session, client: Client, path: string): Promise<Histories> {
  const violations: Violation[] = [];
  const tell = async ({ workflow, what }: WrongRun): Promise<void> => {
    violations.push({ payment: workflow, what, records: await recordsOf(session, workflow) });
  };
  for (const known of (await readMemory(path))?.wrong ?? []) await tell(known);
  const missing: string[] = [];
  const ends = new Map<string, number>();
  const began = performance.now();
  let checked = 0;
  for await (const { runs, missing: gone, wrong: noted } of unread(session, client, path)) {
    checked += runs.length;
    missing.push(...gone);
    for (const { ended } of runs) ends.set(ended, (ends.get(ended) ?? 0) + 1);
    for (const [{ workflow, run }, what] of await wrong(session.main, runs)) {
      const one = { workflow, run, what };
      noted.push(one);
      await tell(one);
    }
  }
  const seconds = (performance.now() - began) / 1_000;
  const counts = [...ends].map(([end, count]) => `${count} ${end}`).join(', ');
  const memory = await readMemory(path);
  const [inTemporal, exported] = [memory?.temporal ?? 0, memory?.export ?? 0];
  return {
    checked,
    violations,
    coverage:
      `histories: ${checked} closed runs read now (${counts || 'none'}; ${Math.round(checked / seconds)}/s), ` +
      `${inTemporal + exported} in all: ${inTemporal} from Temporal, ${exported} from the export, ${missing.length} missing` +
      `${missing.length === 0 ? '' : ` (such as ${missing.slice(0, NAMED).join(', ')})`}; every one that closed up to ${memory?.until ?? 'nothing yet'}`,
  };
}

/** What closed since the last time, and what our record names beside it. */
async function* unread(session: Session, client: Client, path: string): AsyncGenerator<Read> {
  const read = createReadRuns(client, session.main, session.sources.exportFolder);
  yield* closedRuns(client, read, path, HISTORIES_MAX);
  yield* unreadRuns(session.main, read, path, HISTORIES_MAX);
}

async function wrong(
  main: pg.ClientBase,
  runs: readonly ClosedRun[],
): Promise<readonly (readonly [ClosedRun, string])[]> {
  const called = runs.filter(({ calls, ended }) => calls > 0 && ended === 'completed');
  const silent = new Set(
    await unnamed(
      main,
      called.map(({ run }) => run),
    ),
  );
  return runs.flatMap((one) => {
    const { run, ended, calls } = one;
    if (ended === 'damaged')
      return [[one, `run ${run} was exported, and what is there is not what was written`]];
    if (ended === 'failed' || ended === 'timed_out')
      return [[one, `run ${run} ended as ${ended}: nothing about money may end like that`]];
    return silent.has(run)
      ? [[one, `run ${run} made ${calls} calls to an acquirer, and no line of our history names it`]]
      : [];
  });
}

/** Of these runs, those that wrote nothing into our record. */
async function unnamed(main: pg.ClientBase, runs: readonly string[]): Promise<readonly string[]> {
  if (runs.length === 0) return [];
  const { rows } = await main.query<{ run: string }>(
    `select run from unnest($1::text[]) as run except select workflow_run_id from payment_history where workflow_run_id = any ($1)`,
    [runs],
  );
  return rows.map(({ run }) => run);
}
