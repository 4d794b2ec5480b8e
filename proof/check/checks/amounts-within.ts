import type { Check } from '../check.ts';
import { ask } from '../suspects.ts';

/** Neither the acquirers nor our books have taken more than was promised, or given back more than was taken. */
export const amountsWithin: Check = {
  number: 5,
  name: 'amounts-within',
  promise: 'captured ≤ authorized and refunded ≤ captured, from the journals alone and from the ledger alone',
  run: (session) =>
    ask(session, {
      name: 'amounts-within',
      of: 'references in journals and payments in the ledger',
      count: 'select (select count(*) from by_reference) + (select count(*) from payments) as count',
      notChecked: session.unreadJournals,
      find: [
        `select merchant_id, payment_id, last_at as at,
           format('by the journal of %s, %s was authorized %s, captured %s, refunded %s %s', acquirer, reference, authorized, captured, refunded, currency) as what
         from by_reference where captured > authorized or refunded > captured or held < 0`,
        `select l.merchant_id, l.payment_id, null::timestamptz as at,
           format('by the ledger alone: still held %s, captured less refunded and on its way back %s', held, kept) as what
         from (
           select t.merchant_id, t.payment_id, p.currency,
             sum(p.amount) filter (where p.code = 'auth_hold:acquirer') as held,
             sum(case when p.code = 'refunds_in_flight' then p.amount when p.code <> 'auth_hold:acquirer' then p.amount else 0 end) as kept
           from ledger_transactions t
           join ledger_postings p on p.merchant_id = t.merchant_id and p.transaction_id = t.id
           where t.event in ('authorized', 'incremented', 'released', 'expired', 'captured', 'sold', 'capture_failed', 'hold_restored',
                             'refund_accepted', 'refund_succeeded', 'refund_refused', 'refund_failed')
             and (p.code in ('auth_hold:acquirer', 'refunds_in_flight') or p.code like 'acquirer\\_receivable:%')
           group by 1, 2, 3
         ) l where held < 0 or kept < 0`,
      ],
    }),
};
