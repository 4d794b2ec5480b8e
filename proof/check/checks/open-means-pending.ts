import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type pg from 'pg';
import { nothingFound, TOLD, type Check, type Violation } from '../check.ts';
import { copyInto, type Value } from '../copy.ts';
import { closedRuns } from '../histories.ts';
import { recordsOf } from '../records.ts';
import { connect, type Session } from '../session.ts';

/** Differences that are asked about one by one; more than that is told as it was found. */
const ASKED_MAX = 500;
/** Histories of one pass. */
const HISTORIES_MAX = 50_000;
const BATCH = 1_000;

/** A run is open exactly while something of its payment is pending, and no run ended by failing. */
export const openMeansPending: Check = {
  number: 12,
  name: 'open-means-pending',
  promise:
    'a workflow is open exactly while something of its payment is pending; no run failed; what runs did is in our record',
  async run(session) {
    const { temporal, mainUrl, historiesFile } = session.sources;
    if (temporal === null) return { checked: false, why: 'Temporal’s address is not known' };
    await copyInto(session.main, 'open_runs', ['id'], openIds(temporal));
    const { rows } = await session.main.query<{ id: string; pending: boolean; total: string }>(
      `select coalesce(p.id, r.id) as id, p.id is not null as pending, count(*) over () as total
       from (select id from payments where pending) p full join open_runs r on r.id = p.id
       where p.id is null or r.id is null order by 1 limit ${ASKED_MAX}`,
    );
    const total = Number(rows[0]?.total ?? 0);
    const differing = await stillDiffering(
      session,
      temporal,
      mainUrl,
      rows.map(({ id }) => id),
    );
    const confirmed = Math.max(0, total - rows.length) + differing.size;
    const violations: Violation[] = [];
    for (const [id, what] of [...differing].slice(0, TOLD))
      violations.push({ payment: id, what, records: await recordsOf(session, id) });
    const { rows: counted } = await session.main.query<{ open: string; pending: string }>(
      'select (select count(*) from open_runs) as open, (select count(*) from payments where pending) as pending',
    );
    const runs = historiesFile === null ? null : await checkHistories(session, temporal, historiesFile);
    return {
      ...nothingFound(
        BigInt(counted[0]?.open ?? 0) + BigInt(counted[0]?.pending ?? 0) + BigInt(runs?.checked ?? 0),
        'open runs, pending payments and closed runs',
      ),
      violations: [...violations, ...(runs?.violations ?? [])].slice(0, TOLD),
      violationCount: confirmed + (runs?.violations.length ?? 0),
      notChecked:
        runs === null ? ['histories of closed runs: no file to remember them in (--histories)'] : [],
      notes: runs === null ? [] : [runs.coverage],
    };
  },
};

async function* openIds(client: Client): AsyncGenerator<readonly (readonly Value[])[]> {
  let batch: Value[][] = [];
  for await (const { workflowId } of client.workflow.list({
    query: `WorkflowType = 'payment' AND ExecutionStatus = 'Running'`,
    pageSize: BATCH,
  })) {
    batch.push([workflowId]);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

/** Asks both sides directly, again and again, until they agree or patience ends: what they still say then. */
async function stillDiffering(
  { patienceMs }: Session,
  client: Client,
  mainUrl: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const end = Date.now() + patienceMs;
  let differing = new Map(ids.map((id) => [id, '']));
  if (ids.length === 0) return differing;
  const now = await connect(mainUrl, 'proof-check');
  try {
    for (;;) {
      const still = new Map<string, string>();
      for (const id of differing.keys()) {
        const what = await differs(client, now, id);
        if (what !== null) still.set(id, what);
      }
      differing = still;
      if (differing.size === 0 || Date.now() > end) return differing;
      await delay(250);
    }
  } finally {
    await now.end();
  }
}

async function differs(client: Client, main: pg.Client, id: string): Promise<string | null> {
  const open = await isOpen(client, id);
  const { rows } = await main.query<{ pending: boolean }>('select pending from payments where id = $1', [id]);
  const pending = rows[0]?.pending ?? null;
  if (pending === open) return null;
  const ours =
    pending === null ? 'there is no such payment' : `${pending ? 'something' : 'nothing'} of it is pending`;
  return `its workflow is ${open ? 'open' : 'not open'}, and ${ours}`;
}

async function isOpen(client: Client, id: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(id).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

interface Histories {
  readonly checked: number;
  readonly violations: readonly Violation[];
  readonly coverage: string;
}

async function checkHistories(session: Session, client: Client, path: string): Promise<Histories> {
  const violations: Violation[] = [];
  const began = performance.now();
  const ends = new Map<string, number>();
  let checked = 0;
  let until = 'nothing yet';
  let all = 0;
  for await (const { runs, memory } of closedRuns(client, path, HISTORIES_MAX)) {
    checked += runs.length;
    until = memory.until;
    all = memory.checked;
    for (const { ended } of runs) ends.set(ended, (ends.get(ended) ?? 0) + 1);
    const silent = new Set(
      await unnamed(
        session.main,
        runs.filter(({ calls, ended }) => calls > 0 && ended === 'COMPLETED').map(({ run }) => run),
      ),
    );
    for (const { workflow, run, ended, calls } of runs) {
      const what =
        ended === 'FAILED' || ended === 'TIMED_OUT'
          ? `run ${run} ended as ${ended.toLowerCase()}: nothing about money may end like that`
          : silent.has(run)
            ? `run ${run} made ${calls} calls to an acquirer, and no line of our history names it`
            : null;
      if (what !== null)
        violations.push({ payment: workflow, what, records: await recordsOf(session, workflow) });
    }
  }
  const seconds = (performance.now() - began) / 1_000;
  const counts = [...ends].map(([end, count]) => `${count} ${end.toLowerCase()}`).join(', ');
  return {
    checked,
    violations,
    coverage: `histories: ${checked} closed runs read now (${counts || 'none'}; ${Math.round(checked / seconds)}/s), ${all} in all, every one that closed up to ${until}`,
  };
}

/** Of these runs, those that wrote nothing into our record. */
async function unnamed(main: pg.Client, runs: readonly string[]): Promise<readonly string[]> {
  if (runs.length === 0) return [];
  const { rows } = await main.query<{ run: string }>(
    `select run from unnest($1::text[]) as run except select workflow_run_id from payment_history where workflow_run_id = any ($1)`,
    [runs],
  );
  return rows.map(({ run }) => run);
}
