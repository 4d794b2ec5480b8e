import type { Check } from '../check.ts';
import { ask } from '../suspects.ts';

/** After the last moment for captures: the clearing margin (12 h), and a day for what releases it. */
const LATE = `interval '36 hours'`;

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
           and not exists (select from operations o where o.merchant_id = coalesce(r.merchant_id, p.merchant_id) and o.payment_id = coalesce(r.payment_id, p.id) and o.failure_code = 'capture_failed')`,
      ],
    }),
};
