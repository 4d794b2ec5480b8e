import type { Check } from '../check.ts';
import { ask } from '../suspects.ts';

/** Posted from what the acquirer answered; its journal has these. Reports and adjustments are not in it. */
const ANSWERED = `('captured', 'sold', 'refund_succeeded', 'unexpected_sale', 'unexpected_sale_returned')`;

/**
 * What acquirers owe us by our books is what they took less what they gave back, by their own. What they
 * reported later (chargebacks, withdrawn successes) and what operators adjusted stands beside the journal.
 */
export const clearingAgrees: Check = {
  number: 6,
  name: 'clearing-agrees',
  promise: 'clearing accounts equal the acquirers’ net, for every merchant, account and currency',
  run: (session) =>
    ask(session, {
      name: 'clearing-agrees',
      of: 'clearing accounts',
      count: `select count(distinct (merchant_id, mode, code, currency)) from ledger_balances where code like 'acquirer\\_receivable:%'`,
      notChecked: session.unreadJournals,
      find: [
        `select a.merchant_id, null::text as payment_id, null::timestamptz as at,
           format('%s owes %s %s %s by its journal; acquirer_receivable has %s (%s of it reported or adjusted, %s in seconds to come)',
             a.acquirer, a.merchant_id, net, a.currency, balance, beside, underway) as what
         from (
           select merchant_id, mode, acquirer, currency, sum(net) as net, sum(underway) as underway, sum(balance) as balance, sum(beside) as beside, max(at) as at
           from (
             select c.merchant_id, c.mode, m.acquirer, m.currency,
               sum(case m.kind when 'refund' then -m.amount else m.amount end) as net,
               sum(case when m.claimed or not m.open then 0 when m.kind = 'refund' then -m.amount else m.amount end) as underway,
               0::numeric as balance, 0::numeric as beside, max(m.at) as at
             from matched m join merchant_acquirer_accounts c on c.acquirer_id = m.acquirer and c.merchant_account = m.account
             where m.kind in ('capture', 'sale', 'refund') and m.undone_at is null group by 1, 2, 3, 4
             union all
             select merchant_id, mode, substr(code, 21), currency, 0, 0, sum(balance), 0, null
             from ledger_balances where code like 'acquirer\\_receivable:%' group by 1, 2, 3, 4
             union all
             select p.merchant_id, p.mode, substr(p.code, 21), p.currency, 0, 0, 0, sum(p.amount), null
             from ledger_transactions t join ledger_postings p on p.merchant_id = t.merchant_id and p.transaction_id = t.id
             where t.event not in ${ANSWERED} and p.code like 'acquirer\\_receivable:%' group by 1, 2, 3, 4
           ) sides group by 1, 2, 3, 4
         ) a
         where balance <> net - underway + beside and a.acquirer in (${session.readJournals.map((id) => `'${id}'`).join(', ') || `''`})`,
      ],
    }),
};
