import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type pg from 'pg';
import { nothingFound, TOLD, type Check, type Violation } from '../check.ts';
import { copyInto, type Value } from '../copy.ts';
import { checkHistories } from '../checked-histories.ts';
import { recordsOf } from '../records.ts';
import { ask } from '../suspects.ts';
import { connect, type Session } from '../session.ts';

/** Differences that are asked about one by one; more than that is told as it was found. */
const ASKED_MAX = 500;
const BATCH = 1_000;

/** What should have happened an hour ago, on a payment that nobody has paused. What waits for a person is not due. */
const STUCK = {
  name: 'stuck',
  of: 'pending operations',
  count: "select count(*) from operations where state = 'pending'",
  find: [
    `select o.merchant_id, o.payment_id, clock_timestamp() - interval '30 minutes' as at, format('%s %s has been %s since %s, and nothing goes on', o.kind, o.id, o.phase, coalesce(o.due_at, a.planned_at, o.created_at)) as what
     from operations o join payments p on p.merchant_id = o.merchant_id and p.id = o.payment_id
     left join attempts a on a.merchant_id = o.merchant_id and a.id = o.current_attempt_id
     where o.state = 'pending' and o.phase <> 'case' and p.paused_at is null
       and (o.due_at is not null or o.phase in ('ready', 'in_flight', 'reversing'))
       and coalesce(o.due_at, a.planned_at, o.created_at) < clock_timestamp() - interval '1 hour'`,
  ],
};

/** A run is open exactly while something of its payment is pending, and no run ended by failing. */
export const openMeansPending: Check = {
  number: 12,
  name: 'open-means-pending',
  promise:
    'a workflow is open exactly while something of its payment is pending, and does within an hour what is due; no run failed; what runs did is in our record',
  async run(session) {
    const { temporal, mainUrl, historiesFile } = session.sources;
    if (temporal === null) return { checked: false, why: 'Temporal’s address is not known' };
    await copyInto(session.main, 'open_runs', ['id', 'run'], openIds(temporal));
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
    const stuck = await ask(session, STUCK);
    const { rows: counted } = await session.main.query<{ open: string; pending: string }>(
      'select (select count(*) from open_runs) as open, (select count(*) from payments where pending) as pending',
    );
    const runs = historiesFile === null ? null : await checkHistories(session, temporal, historiesFile);
    return {
      ...nothingFound(
        BigInt(counted[0]?.open ?? 0) + BigInt(counted[0]?.pending ?? 0) + BigInt(runs?.checked ?? 0),
        'open runs, pending payments and closed runs',
      ),
      violations: [...violations, ...stuck.violations, ...(runs?.violations ?? [])].slice(0, TOLD),
      violationCount: confirmed + stuck.violationCount + (runs?.violations.length ?? 0),
      notChecked:
        runs === null ? ['histories of closed runs: no file to remember them in (--histories)'] : [],
      notes: runs === null ? [] : [runs.coverage],
    };
  },
};

async function* openIds(client: Client): AsyncGenerator<readonly (readonly Value[])[]> {
  let batch: Value[][] = [];
  for await (const { workflowId, runId } of client.workflow.list({
    query: `WorkflowType = 'payment' AND ExecutionStatus = 'Running'`,
    pageSize: BATCH,
  })) {
    batch.push([workflowId, runId]);
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
