import type { Check } from '../check.ts';
import { ask } from '../suspects.ts';

/** Whatever a client was told is so, and what it was not told it can find out. */
export const answersAreTrue: Check = {
  number: 7,
  name: 'answers-are-true',
  promise:
    'an answered success is present, an answered failure had no effect, an unknown was resolved to one',
  run: async (session) => {
    if (session.sources.clientLog === null)
      return { checked: false, why: 'no client wrote down what it was answered (--client-log)' };
    return ask(session, {
      name: 'answers-are-true',
      of: 'answers',
      count: `select count(*) from asked where kind <> 'read'`,
      notChecked: session.unreadJournals.map((one) => `failures against ${one}`),
      find: [
        // What an answer shows of a payment is what the payment was at that version.
        `select a.merchant_id, a.payment_id, null::timestamptz as at,
           format('answered %s at version %s to %s, which was %s then', a.object_status, a.version, coalesce(a.key, a.path), coalesce(h.status, 'not there')) as what
         from asked a left join payment_history h on h.merchant_id = a.merchant_id and h.payment_id = a.payment_id and h.version = a.version
         where a.kind <> 'read' and a.object = 'payment' and a.status in (200, 201) and h.status is distinct from a.object_status`,
        `select a.merchant_id, a.payment_id, null::timestamptz as at,
           format('answered that %s is %s, and it is %s', a.operation_id, a.object_status, coalesce(o.state, 'not there')) as what
         from asked a left join operations o on o.merchant_id = a.merchant_id and o.id = a.operation_id
         where a.kind <> 'read' and a.object in ('refund', 'increment') and a.object_status in ('succeeded', 'failed')
           and o.state is distinct from a.object_status and o.failure_code is distinct from 'refund_failed'`,
        // A payment that was answered as declined, blocked, failed or voided took nothing and holds nothing.
        `select distinct a.merchant_id, a.payment_id, r.last_at as at,
           format('answered %s, and by %s %s %s is taken and %s held', a.object_status, r.acquirer, r.reference, r.captured - r.refunded, r.held) as what
         from asked a join by_reference r on r.merchant_id = a.merchant_id and r.payment_id = a.payment_id and not r.open
         where a.kind <> 'read' and a.object = 'payment' and a.object_status in ('declined', 'blocked', 'failed', 'voided')
           and (r.captured > r.refunded or r.held > 0)`,
        // A request that was refused, and a refund or increment that failed, did nothing.
        `select distinct a.merchant_id, c.payment_id, m.at,
           format('%s was refused with %s, and %s did a %s of %s', c.operation_id, coalesce(a.code, a.object_status), m.acquirer, m.kind, m.amount) as what
         from asked a
         join idempotency_keys k on k.merchant_id = a.merchant_id and k.mode = a.mode and k.key = a.key
         join commands c on c.merchant_id = k.merchant_id and c.id = k.command_id
         join matched m on m.merchant_id = c.merchant_id and m.operation_id = c.operation_id and m.undone_at is null
           and m.kind in ('authorization', 'sale', 'increment', 'capture', 'refund')
         join operations o on o.merchant_id = c.merchant_id and o.id = c.operation_id and o.failure_code is distinct from 'refund_failed'
         where (a.object in ('refund', 'increment') and a.object_status = 'failed'
            or a.status between 400 and 499 and a.body = c.answer_body)`,
        // Accepted, and nobody was told how it ended: it has ended, or somebody is at it.
        `select distinct a.merchant_id, c.payment_id, null::timestamptz as at,
           format('%s %s was accepted and is pending, and nothing of its payment is', c.kind, c.operation_id) as what
         from asked a
         join idempotency_keys k on k.merchant_id = a.merchant_id and k.mode = a.mode and k.key = a.key
         join commands c on c.merchant_id = k.merchant_id and c.id = k.command_id and c.state = 'pending'
         join payments p on p.merchant_id = c.merchant_id and p.id = c.payment_id
         where (a.status is null or a.status = 202) and not p.pending`,
        // What was answered as taken cannot be unknown to us.
        `select a.merchant_id, a.payment_id, null::timestamptz as at, format('answered %s under %s, and no such request is known', a.status, a.key) as what
         from asked a left join idempotency_keys k on k.merchant_id = a.merchant_id and k.mode = a.mode and k.key = a.key
         where a.status in (200, 201, 202) and a.key is not null and k.key is null`,
      ],
    });
  },
};
