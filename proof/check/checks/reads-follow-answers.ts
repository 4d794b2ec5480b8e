import type { Check } from '../check.ts';
import { ask } from '../suspects.ts';

/** Whoever was answered and looks again sees at least what it was answered. */
export const readsFollowAnswers: Check = {
  number: 15,
  name: 'reads-follow-answers',
  promise: 'a read after an answer shows at least that answer',
  run: async (session) => {
    if (session.sources.clientLog === null)
      return { checked: false, why: 'no client wrote down what it was answered (--client-log)' };
    return ask(session, {
      name: 'reads-follow-answers',
      of: 'reads',
      count: `select count(*) from asked where kind = 'read' and status = 200`,
      find: [
        `select merchant_id, payment_id, null::timestamptz as at, format('read at %s at version %s, after version %s had been answered', asked_at, version, shown) as what
         from (
           select s.*, max(s.version) filter (where s.tells) over (partition by s.merchant_id, s.payment_id order by s.moment, s.tells
             rows between unbounded preceding and current row) as shown
           from (
             select merchant_id, payment_id, version, ended_at as moment, true as tells, asked_at
             from asked where object = 'payment' and status in (200, 201) and version is not null
             union all
             select a.merchant_id, a.payment_id, min(h.version), a.ended_at, true, a.asked_at
             from asked a join operations o on o.merchant_id = a.merchant_id and o.id = a.operation_id
             join payment_history h on h.merchant_id = o.merchant_id and h.payment_id = o.payment_id and h.at = o.concluded_at
             where a.object in ('refund', 'increment') and a.object_status in ('succeeded', 'failed')
             group by a.merchant_id, a.payment_id, a.operation_id, a.ended_at, a.asked_at
             union all
             select merchant_id, payment_id, version, asked_at, false, asked_at from asked where kind = 'read' and status = 200
           ) s
         ) w where not tells and version < shown`,
        `select a.merchant_id, a.payment_id, null::timestamptz as at, format('read at %s and not found, after it had been answered', a.asked_at) as what
         from asked a where a.kind = 'read' and a.status = 404
           and exists (select from asked b where b.merchant_id = a.merchant_id and b.payment_id = a.payment_id and b.ended_at < a.asked_at and b.status in (200, 201, 202))`,
      ],
    });
  },
};
