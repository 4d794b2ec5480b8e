import type pg from 'pg';
import type { Problems } from './problems.ts';

/** One partition of each of the three tables. */
export interface PaymentTables {
  readonly payments: string;
  readonly ledger_transactions: string;
  readonly ledger_postings: string;
}

/** Payments told of one partition. */
const TOLD = 20;

/**
 * What a payment's amounts say must stand in the ledger (payment-rules: postings): [what it is, from
 * the payment, from the ledger]. Debits are positive there, credits negative. A sale that was found
 * late lies on the acquirer's account as well, and is no capture: unallocated_receipts takes it out; so
 * does fee_expense:dispute with what the acquirer took beside a chargeback. What operators adjusted is
 * a correction of the books beside the payments (adjustments.ts).
 */
const EXPECTATIONS = [
  [
    'captured less refunded and charged back',
    'y.amount_captured - y.amount_refunded - y.amount_disputed',
    'l.receivable + l.unallocated + l.dispute_fees',
  ],
  ['charged back', 'y.amount_disputed', 'l.disputed'],
  [
    'held at the acquirer',
    "case when y.authorization_state = 'held' then y.amount_authorized - y.amount_captured else 0 end",
    'l.held',
  ],
  [
    'held for the merchant',
    "case when y.authorization_state = 'held' then y.amount_authorized - y.amount_captured else 0 end",
    '-l.owed',
  ],
  ['refunds in flight', 'y.amount_refund_pending', '-l.in_flight'],
] as const;

/**
 * Every payment of a partition: its amounts are what the ledger says of it.
 * @returns how many payments there are.
 */
export async function verifyPayments(
  client: pg.ClientBase,
  tables: PaymentTables,
  problems: Problems,
): Promise<bigint> {
  const differs = EXPECTATIONS.map(([, said, posted]) => `coalesce(${said}, 0) <> coalesce(${posted}, 0)`);
  const texts = EXPECTATIONS.map(
    ([name, said, posted], index) =>
      `case when ${differs[index] ?? ''} then '; ${name} is ' || coalesce(${said}, 0) || ' by the payment and ' || coalesce(${posted}, 0) || ' by the ledger' end`,
  );
  const { rows } = await client.query<{ payments: bigint; broken: readonly string[] | null }>(`
    select count(id) as payments, (array_agg(broken) filter (where broken is not null))[1:${TOLD}] as broken
    from (
      select y.id, case
        when y.id is null then 'payment ' || l.payment_id || ' of ' || merchant_id || ' has postings and does not exist'
        when ${differs.join(' or ')} then 'payment ' || y.id || ' of ' || merchant_id || ':' || substr(concat(${texts.join(', ')}), 2)
        end as broken
      from (
        select t.merchant_id, t.payment_id,
               coalesce(sum(p.amount) filter (where p.code like 'acquirer\\_receivable%'), 0) as receivable,
               coalesce(sum(p.amount) filter (where p.code = 'unallocated_receipts'), 0) as unallocated,
               coalesce(sum(p.amount) filter (where p.code = 'fee_expense:dispute'), 0) as dispute_fees,
               coalesce(sum(p.amount) filter (where p.code = 'merchant_payable:available' and t.event in ('charged_back', 'chargeback_reversed')), 0) as disputed,
               coalesce(sum(p.amount) filter (where p.code = 'auth_hold:acquirer'), 0) as held,
               coalesce(sum(p.amount) filter (where p.code = 'auth_hold:merchant'), 0) as owed,
               coalesce(sum(p.amount) filter (where p.code = 'refunds_in_flight'), 0) as in_flight
        from ${tables.ledger_transactions} t join ${tables.ledger_postings} p on p.merchant_id = t.merchant_id and p.transaction_id = t.id
        where p.code <> 'merchant_payable:pending' -- in none of the sums, and a third of the rows
          and t.event <> 'adjusted'
        group by t.merchant_id, t.payment_id
      ) l
      full join (select merchant_id, id, id as payment_id, authorization_state, amount_authorized, amount_captured, amount_refunded, amount_refund_pending, amount_disputed
                 from ${tables.payments}) y using (merchant_id, payment_id)
    ) checked`);
  const [answer] = rows;
  for (const text of answer?.broken ?? []) problems.add('payment', text);
  return answer?.payments ?? 0n;
}
