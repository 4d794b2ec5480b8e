import type { Records } from './check.ts';
import type { Session } from './session.ts';

/** What everybody has written down about a payment, each in one line. */
export async function recordsOf({ main, sources }: Session, payment: string): Promise<Records> {
  const { rows } = await main.query<{ ours: string | null; ledger: string | null; acquirer: string | null }>(
    `select
       (select p.status || ' v' || p.version || ', authorization ' || p.authorization_state || ', authorized ' || p.amount_authorized
          || ' captured ' || p.amount_captured || ' refunded ' || p.amount_refunded || ' ' || p.currency || (case when p.pending then ', pending' else '' end)
        from payments p where p.id = $1)
       || coalesce((select '; ' || string_agg(concat_ws(' ', o.kind, o.amount, o.state, nullif(o.phase, 'concluded')), ', ' order by o.created_at, o.id)
          from operations o where o.payment_id = $1), '')
       || coalesce((select '; ' || string_agg(concat_ws(' ', a.id, a.kind, a.state, a.outcome), ', ' order by a.planned_at, a.id)
          from attempts a where a.payment_id = $1), '') as ours,
       (select string_agg(concat(t.event, ' ', (select sum(p.amount) from ledger_postings p where p.merchant_id = t.merchant_id and p.transaction_id = t.id and p.amount > 0)), ', ' order by t.id)
          from ledger_transactions t where t.payment_id = $1) as ledger,
       (select string_agg(concat_ws(' ', m.acquirer, m.reference, m.kind, m.amount, m.currency, case when m.undone_at is not null then '(undone)' end), ', ' order by m.at, m.key)
          from matched m where m.payment_id = $1 and m.kind is not null) as acquirer`,
    [payment],
  );
  const [row] = rows;
  return {
    workflow: await workflowOf({ sources }, payment),
    ours: `${row?.ours ?? 'no such payment'}; books: ${row?.ledger ?? 'nothing'}`,
    acquirer: row?.acquirer ?? 'nothing',
  };
}

async function workflowOf({ sources }: Pick<Session, 'sources'>, payment: string): Promise<string> {
  if (sources.temporal === null) return 'not asked';
  try {
    const { status, runId, historyLength } = await sources.temporal.workflow.getHandle(payment).describe();
    return `${status.name.toLowerCase()}, run ${runId}, ${historyLength} events`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
