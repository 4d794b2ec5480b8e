import type { Check } from '../check.ts';
import { ask } from '../suspects.ts';

/** After the last moment for captures: the clearing margin (12 h), and a day for what releases it. */
const LATE = `interval '36 hours'`;

/**
 * After the last moment for captures, an authorization has ended by itself, and what nobody acknowledged the
 * release of counts as gone: the clearing margin before its end, and one after it.
 */
const RUN_OUT = `interval '24 hours'`;

/** Nobody's money is held longer than was agreed, and none is held that we do not know of. */
export const holdsAreLimited: Check = {
  number: 11,
  name: 'holds-are-limited',
  promise: 'no hold stands beyond its limit, and what acquirers hold is what we say is held',
  run: (session) =>
    ask(session, {
      name: 'holds-are-limited',
      of: 'holds',
      count: `select (select count(*) from by_reference where held > 0) + (select count(*) from payments where authorization_state = 'held') as count`,
      notChecked: session.unreadJournals,
      find: [
        `select p.merchant_id, p.id as payment_id, null::timestamptz as at,
           format('%s of it is held, could be captured until %s, and nobody is letting it go', p.amount_authorized - p.amount_captured, p.capture_before) as what
         from payments p
         where p.authorization_state = 'held' and p.capture_before < '${session.at}'::timestamptz - ${LATE}
           and not exists (select from cases c where c.merchant_id = p.merchant_id and c.payment_id = p.id and c.state = 'open')`,
        `select coalesce(r.merchant_id, p.merchant_id) as merchant_id, coalesce(r.payment_id, p.id) as payment_id, r.at,
           format('acquirers hold %s of it, and by our record %s is held', coalesce(r.held, 0), coalesce(p.held, 0)) as what
         from (
           select merchant_id, payment_id, sum(held) as held, max(last_at) as at from by_reference
           where payment_id is not null group by 1, 2 having sum(held) <> 0
         ) r full join (
           select merchant_id, id, amount_authorized - amount_captured as held from payments
           where authorization_state = 'held' and amount_authorized > amount_captured
             and authorization_attempt_id is not null
         ) p on p.merchant_id = r.merchant_id and p.id = r.payment_id
         where coalesce(r.held, 0) <> coalesce(p.held, 0)
           and (p.id is null or exists (
             select from attempts a join payments y on y.merchant_id = a.merchant_id and y.authorization_attempt_id = a.id
             where y.merchant_id = p.merchant_id and y.id = p.id and a.acquirer_id in (${session.readJournals.map((id) => `'${id}'`).join(', ') || `''`})))
           and not exists (select from operations o where o.merchant_id = coalesce(r.merchant_id, p.merchant_id) and o.payment_id = coalesce(r.payment_id, p.id) and o.state = 'pending')
           and not exists (select from operations o where o.merchant_id = coalesce(r.merchant_id, p.merchant_id) and o.payment_id = coalesce(r.payment_id, p.id) and o.failure_code = 'capture_failed')
           -- A journal has no line for what runs out: past its end it holds nothing, and at most what we held.
           and not exists (select from payments y where y.merchant_id = r.merchant_id and y.id = r.payment_id and y.authorization_state = 'expired'
             and y.capture_before <= '${session.at}'::timestamptz - ${RUN_OUT} and r.held <= y.amount_authorized - y.amount_captured)`,
        `select h.merchant_id, h.payment_id, h.at,
           format('its hold was given up at %s, and had not run out before %s', h.at, p.capture_before + ${RUN_OUT}) as what
         from payment_history h join payments p on p.merchant_id = h.merchant_id and p.id = h.payment_id
         where h.event = 'hold_lapsed' and (p.capture_before is null or h.at < p.capture_before + ${RUN_OUT})`,
      ],
    }),
};
