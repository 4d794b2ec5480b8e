import type { Check } from '../check.ts';
import { ask } from '../suspects.ts';

/** From each status of a payment to those that may follow it; itself always may. */
const MAY_FOLLOW: Readonly<Record<string, readonly string[]>> = {
  processing: [
    'authorized',
    'in_review',
    'captured',
    'partially_captured',
    'voided',
    'declined',
    'blocked',
    'failed',
    'expired',
  ],
  in_review: ['authorized', 'captured', 'partially_captured', 'voided', 'expired', 'processing'],
  authorized: ['partially_captured', 'captured', 'voided', 'expired', 'processing'],
  partially_captured: ['captured', 'partially_refunded', 'refunded', 'authorized'],
  captured: [
    'partially_refunded',
    'refunded',
    'partially_captured',
    'authorized',
    'failed',
    'voided',
    'expired',
  ],
  partially_refunded: ['refunded', 'captured', 'partially_captured'],
  refunded: ['partially_refunded', 'captured', 'partially_captured'],
  expired: ['processing', 'authorized', 'failed'],
  voided: ['failed'],
  declined: [],
  blocked: [],
  failed: [],
};

const LEGAL = Object.entries(MAY_FOLLOW)
  .flatMap(([from, all]) => all.map((to) => `('${from}', '${to}')`))
  .join(', ');

/** Written here once more, so that the database's own function is held against another hand's. */
const STATUS = `case
  when p.conclusion <> 'open' then p.conclusion
  when p.amount_captured > 0 and p.amount_refunded >= p.amount_captured then 'refunded'
  when p.amount_captured > 0 and p.amount_refunded > 0 then 'partially_refunded'
  when p.amount_captured > 0 and p.authorization_state = 'held' and p.amount_captured < p.amount_authorized then 'partially_captured'
  when p.amount_captured > 0 then 'captured'
  when p.authorization_state = 'held' then case p.review when 'open' then 'in_review' else 'authorized' end
  else case p.authorization_state when 'released' then 'voided' when 'expired' then 'expired' when 'withdrawn' then 'failed' else 'processing' end
end`;

/** Rows are what their histories and their parts make of them. */
export const rowsAreLegal: Check = {
  number: 9,
  name: 'rows-are-legal',
  promise:
    'every row came by a legal path, amounts are the fold of their rows, and the status is its function',
  run: (session) =>
    ask(session, {
      name: 'rows-are-legal',
      of: 'payments',
      count: 'select count(*) from payments',
      notChecked: ['payments whose history was archived: their path'],
      find: [
        `select p.merchant_id, p.id as payment_id, null::timestamptz as at, format('its status is %s and should be %s', p.status, ${STATUS}) as what
         from payments p where p.status <> ${STATUS}`,
        `select p.merchant_id, p.id as payment_id, null::timestamptz as at,
           format('captured %s, refunded %s, being refunded %s, disputed %s; by its operations %s, %s, %s, %s',
             p.amount_captured, p.amount_refunded, p.amount_refund_pending, p.amount_disputed, o.captured, o.refunded, o.refunding, o.disputed) as what
         from payments p left join (
           select merchant_id, payment_id,
             sum(amount) filter (where kind = 'capture' and state = 'succeeded') as captured,
             sum(amount) filter (where kind = 'refund' and state = 'succeeded') as refunded,
             sum(amount) filter (where kind = 'refund' and state = 'pending') as refunding,
             coalesce(sum(amount) filter (where kind = 'chargeback' and state = 'succeeded'), 0)
               - coalesce(sum(amount) filter (where kind = 'chargeback_reversal' and state = 'succeeded'), 0) as disputed
           from operations group by 1, 2
         ) o on o.merchant_id = p.merchant_id and o.payment_id = p.id
         where p.amount_captured <> coalesce(o.captured, 0) or p.amount_refunded <> coalesce(o.refunded, 0)
            or p.amount_refund_pending <> coalesce(o.refunding, 0) or p.amount_disputed <> coalesce(o.disputed, 0)`,
        // Archived lines are the oldest: where one is missing the row's own line still has to be there.
        `select p.merchant_id, p.id as payment_id, null::timestamptz as at,
           format('it is %s at version %s; its history has %s lines up to version %s, the last %s', p.status, p.version, coalesce(h.lines, 0), coalesce(h.last, 0), coalesce(h.status, 'none')) as what
         from payments p left join (
           select merchant_id, payment_id, count(*) as lines, max(version) as last, (array_agg(status order by version desc))[1] as status
           from payment_history group by 1, 2
         ) h on h.merchant_id = p.merchant_id and h.payment_id = p.id
         where p.version > 0 and (h.last is distinct from p.version or h.lines <> p.version or h.status is distinct from p.status)
           and not exists (select from archives a where a.parent = 'payment_history' and a.dropped_at is not null and p.id collate "C" >= a.low and p.id collate "C" < a.high)`,
        `select h.merchant_id, h.payment_id, null::timestamptz as at, format('it went from %s to %s at version %s (%s)', b.status, h.status, h.version, h.event) as what
         from payment_history h
         join payment_history b on b.merchant_id = h.merchant_id and b.payment_id = h.payment_id and b.version = h.version - 1
         where b.status <> h.status and (b.status, h.status) not in (${LEGAL})`,
      ],
    }),
};
