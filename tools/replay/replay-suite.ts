import type { WorkflowBundleOption } from '@temporalio/worker';
import { PATCHES } from '../../workflows/patches.ts';
import type { Run } from '../histories/history-file.ts';
import { openTemporal } from '../temporal-access.ts';
import { explain } from './explain.ts';
import { replayRuns, type ReplayOptions } from './replay-runs.ts';
import { setAsideFor } from './set-aside.ts';
import { runsOfQuery, type Counts } from './sources.ts';

/** What became of the histories that a Temporal holds when all of them are run again. */
export interface SuiteReplay {
  readonly replayed: number;
  /** Each that did not replay, explained. */
  readonly diverged: readonly string[];
  /** Runs that never completed a workflow task: they have decided nothing. */
  readonly undecided: number;
  /** How many were left out on purpose, by the reason (set-aside.ts). */
  readonly setAside: ReadonlyMap<string, number>;
}

/**
 * Replays every run that the Temporal of a stack holds: open and closed, the newest of a workflow and those
 * before it.
 * @param runPath run.json of the stack.
 * @throws Error when Temporal or the keys of its payloads cannot be reached.
 */
export async function replaySuite(runPath: string, bundle: WorkflowBundleOption): Promise<SuiteReplay> {
  const temporal = await openTemporal(runPath, 'replay-suite');
  const counts: Counts = { found: 0, gone: 0, unrecorded: 0 };
  try {
    const { dataConverter } = temporal;
    return await replayAll({ bundle, dataConverter }, runsOfQuery(temporal.client, '', counts));
  } finally {
    await temporal.close();
  }
}

/** Replays what can be replayed of these, and counts the rest. */
export async function replayAll(options: ReplayOptions, runs: AsyncIterable<Run>): Promise<SuiteReplay> {
  let replayed = 0;
  let undecided = 0;
  const diverged: string[] = [];
  const setAside = new Map<string, number>();

  async function* toReplay(): AsyncGenerator<Run> {
    for await (const run of runs) {
      const reason = setAsideFor(run);
      if (!hasDecided(run)) undecided += 1;
      else if (reason === null) yield run;
      else setAside.set(reason, (setAside.get(reason) ?? 0) + 1);
    }
  }
  await replayRuns(options, toReplay(), (result) => {
    replayed += 1;
    if (result.error !== null) diverged.push(explain(result, Object.keys(PATCHES)));
  });
  return { replayed, diverged, undecided, setAside };
}

const hasDecided = ({ history }: Run): boolean =>
  (history.events ?? []).some((event) => event.workflowTaskCompletedEventAttributes != null);
