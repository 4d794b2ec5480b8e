import type { Check } from '../check.ts';
import { ask } from '../suspects.ts';

/**
 * From the journals: a second authorization of a payment is approved only after the one before was undone or
 * let go, at whichever acquirer. From our rows: at most one attempt is live.
 */
export const oneAuthorization: Check = {
  number: 4,
  name: 'one-authorization',
  promise: 'a payment has at most one live authorization across all acquirers, at any moment',
  run: (session) =>
    ask(session, {
      name: 'one-authorization',
      of: 'authorizations',
      count: 'select count(*) from by_reference where first_at is not null',
      notChecked: session.unreadJournals,
      find: [
        `select merchant_id, payment_id, first_at as at,
           format('%s authorized %s at %s, and %s of the same payment was still live', acquirer, reference, first_at, before) as what
         from (
           select *, lag(reference) over w as before, lag(coalesce(ended_at, 'infinity')) over w as before_ended
           from by_reference where first_at is not null and payment_id is not null
           window w as (partition by payment_id order by first_at, reference)
         ) r where before_ended > first_at`,
        `select merchant_id, payment_id, last_at as at, format('%s authorized %s %s times', acquirer, reference, authorizations) as what
         from by_reference where authorizations > 1`,
        `select merchant_id, payment_id, null::timestamptz as at, format('%s attempts are live by our record', count(*)) as what
         from attempts where live group by 1, 2 having count(*) > 1`,
      ],
    }),
};
