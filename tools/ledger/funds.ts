import type pg from 'pg';
import type { Problems } from './problems.ts';

/** One partition of each of the three tables. */
export interface FundsTables {
  readonly operations: string;
  readonly ledger_transactions: string;
  readonly ledger_postings: string;
}

/** Payments told of one partition. */
const TOLD = 20;

/** What moves the funds of captures; others (disputes, payouts) move a merchant's balances as a whole. */
const EVENTS = `('captured', 'sold', 'capture_failed', 'converted', 'costs_recharged', 'platform_fee', 'platform_fee_refunded',
  'platform_fee_restored', 'reserve_held', 'reserve_released', 'funds_available', 'refund_accepted', 'refund_refused',
  'refund_failed', 'refund_converted', 'refund_unconverted', 'funds_recalled', 'costs_recharge_reversed', 'conversion_reversed')`;

/** What the captures of a payment say must stand in the ledger: [what it is, from the captures, from the ledger]. */
const EXPECTATIONS = [
  ['pending', 'lots.pending', '-books.pending'],
  ['in reserve', 'lots.reserve', '-books.reserve'],
  ['platform fees', 'lots.fees', '-books.fees'],
  ['opened position', 'lots.opened', 'books.position'],
] as const;

/**
 * Every payment of a partition that was captured under terms: what its captures say of their funds is
 * what the ledger says, in each currency that they were settled in.
 */
export async function verifyFunds(
  client: pg.ClientBase,
  tables: FundsTables,
  problems: Problems,
): Promise<void> {
  const differs = EXPECTATIONS.map(([, said, posted]) => `${said} <> coalesce(${posted}, 0)`);
  const texts = EXPECTATIONS.map(
    ([name, said, posted], index) =>
      `case when ${differs[index] ?? ''} then '; ${name} is ' || ${said} || ' by its captures and ' || coalesce(${posted}, 0) || ' by the ledger' end`,
  );
  const { rows } = await client.query<{ broken: string; more: bigint }>(`
    with lots as materialized (
      select merchant_id, payment_id, settlement ->> 'currency' as currency,
             sum((funds ->> 'pending')::bigint) as pending,
             coalesce(sum((settlement #>> '{reserve,amount}')::bigint) filter (where funds ->> 'releasedAt' is null), 0) as reserve,
             sum(coalesce((settlement #>> '{platformFee,amount}')::bigint, 0) - (funds ->> 'feeReturned')::bigint) as fees,
             coalesce(sum((settlement ->> 'gross')::bigint - (funds ->> 'carried')::bigint)
               filter (where jsonb_typeof(settlement -> 'rate') = 'object'), 0) as opened
      from ${tables.operations} where kind = 'capture' and state = 'succeeded' and funds is not null
      group by 1, 2, 3
    )
    select 'payment ' || payment_id || ' of ' || merchant_id || ', in ' || currency || ':' || substr(concat(${texts.join(', ')}), 2) as broken,
           count(*) over () as more
    from lots cross join lateral (
      select sum(p.amount) filter (where p.code = 'merchant_payable:pending') as pending,
             sum(p.amount) filter (where p.code = 'merchant_reserve') as reserve,
             sum(p.amount) filter (where p.code = 'fee_revenue') as fees,
             -- In the currency of the settlement: in that of the payment it is what was captured.
             sum(p.amount) filter (where p.code = 'position' and lots.opened <> 0) as position
      from ${tables.ledger_transactions} t join ${tables.ledger_postings} p on p.merchant_id = t.merchant_id and p.transaction_id = t.id
      where t.merchant_id = lots.merchant_id and t.payment_id = lots.payment_id and p.currency = lots.currency and t.event in ${EVENTS}
    ) books
    -- Captures made without terms are pending as well, and say nothing of it themselves.
    where not exists (
      select from ${tables.operations} o
      where o.merchant_id = lots.merchant_id and o.payment_id = lots.payment_id and o.kind = 'capture' and o.state = 'succeeded' and o.funds is null
    ) and (${differs.join(' or ')})
    limit ${TOLD}`);
  for (const { broken } of rows) problems.add('funds', broken);
  for (let told = rows.length; told < Number(rows[0]?.more ?? 0n); told += 1) problems.more();
}
