import type pg from 'pg';
import type { Problems } from './problems.ts';

/** Adjustments told; the rest are counted. */
const TOLD = 20;

/**
 * What operators adjusted is exactly what one of them asked for and another approved, posted once; and
 * nothing is posted as an adjustment that is none.
 */
export async function verifyAdjustments(client: pg.ClientBase, problems: Problems): Promise<void> {
  const { rows } = await client.query<{ broken: number; texts: readonly string[] | null }>(`
    select count(broken)::integer as broken, (array_agg(broken) filter (where broken is not null))[1:${TOLD}] as texts
    from (
      select case
        when a.id is null then 'adjustment ' || p.id || ' of ' || p.merchant_id || ' is posted and nobody approved it'
        when p.id is null then 'adjustment ' || a.id || ' of ' || a.merchant_id || ' was approved by ' || a.decided_by || ' and is not posted'
        when a.decided_by = a.requested_by then 'adjustment ' || a.id || ' of ' || a.merchant_id || ' was approved by who asked for it, ' || a.decided_by
        when p.legs <> 2 or (a.mode, a.debit_code, a.credit_code, a.amount, a.currency, a.payment_id)
             is distinct from (p.mode, p.debit_code, p.credit_code, p.amount, p.currency, p.payment_id)
          then format('adjustment %s of %s was approved as %s %s from %s to %s (%s), and posted as %s %s from %s to %s (%s)',
            a.id, a.merchant_id, a.amount, a.currency, a.credit_code, a.debit_code, coalesce(a.payment_id, a.mode),
            p.amount, p.currency, p.credit_code, p.debit_code, coalesce(p.payment_id, p.mode))
        end as broken
      from (select * from public.adjustments where state = 'approved') a
      full join (
        select t.merchant_id, t.mode, t.business_key as id, t.payment_id, count(*) as legs, max(l.amount) as amount, min(l.currency) as currency,
               min(l.code) filter (where l.amount > 0) as debit_code, min(l.code) filter (where l.amount < 0) as credit_code
        from public.ledger_transactions t join public.ledger_postings l on l.merchant_id = t.merchant_id and l.transaction_id = t.id
        where t.event = 'adjusted'
        group by t.merchant_id, t.mode, t.business_key, t.payment_id
      ) p on p.merchant_id = a.merchant_id and p.id = a.id
    ) checked`);
  const [answer] = rows;
  for (const text of answer?.texts ?? []) problems.add('adjustment', text);
  for (let told = answer?.texts?.length ?? 0; told < (answer?.broken ?? 0); told += 1) problems.more();
}
