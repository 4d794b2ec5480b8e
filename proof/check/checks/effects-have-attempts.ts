import type { Check } from '../check.ts';
import { ask } from '../suspects.ts';

const MONEY = `('authorization', 'sale', 'increment', 'capture', 'refund')`;

/** What an acquirer did and nobody undid, and what we say it did, are the same, one for one. */
export const effectsHaveAttempts: Check = {
  number: 3,
  name: 'effects-have-attempts',
  promise:
    'every approved and unreversed authorization, capture and refund of a journal has exactly one attempt of ours, and the other way round',
  run: (session) =>
    ask(session, {
      name: 'effects-have-attempts',
      of: 'effects and attempts',
      count: `select count(*) from matched where kind in ${MONEY} or attempt_kind in ${MONEY}`,
      notChecked: session.unreadJournals,
      find: [
        `select merchant_id, payment_id, m.at,
           case when attempt_id is null then format('%s did a %s of %s %s (%s) that no attempt of ours is of', acquirer, kind, amount, currency, reference)
             when not claimed then format('%s did a %s of %s %s (%s), and our attempt %s of it is %s', acquirer, kind, amount, currency, reference, attempt_id, state)
             when kind <> attempt_kind then format('%s did a %s (%s), and our attempt %s of it is a %s', acquirer, kind, reference, attempt_id, attempt_kind)
             else format('%s did a %s of %s %s (%s), and by our attempt %s it is %s %s', acquirer, kind, amount, currency, reference, attempt_id, attempt_amount, attempt_currency)
           end as what
         from matched m
         where kind in ${MONEY} and undone_at is null
           and (attempt_id is null
             -- Let go first, and then reversed as well (a renewed authorization): there was nothing left to undo.
             or (not claimed and not open and not (state = 'reversed' and exists (
               select from by_reference r where r.acquirer = m.acquirer and r.account = m.account and r.reference = m.reference and r.ended_at is not null)))
             or (claimed and (kind <> attempt_kind or amount <> attempt_amount or currency <> attempt_currency)))`,
        `select merchant_id, payment_id, null::timestamptz as at,
           format('our attempt %s says that %s did a %s of %s %s, and its journal %s', attempt_id, acquirer, attempt_kind, attempt_amount, attempt_currency,
             case when kind is null then 'has nothing of it' else 'undid it' end) as what
         from matched
         where claimed and attempt_kind in ${MONEY} and (kind is null or undone_at is not null)`,
        `select min(merchant_id) as merchant_id, min(payment_id) as payment_id, max(at) as at,
           format('%s did what attempt %s asked for %s times', min(acquirer), attempt_id, count(*)) as what
         from matched where kind in ${MONEY} and undone_at is null and attempt_id is not null
         group by attempt_id having count(*) > 1`,
      ],
    }),
};
