import type { Check } from '../check.ts';
import { ask } from '../suspects.ts';

/** An answer that ends a request: not "processing", not "come back", not about the key itself. */
const FINAL = `(a.status in (200, 201) or a.status between 400 and 499 and a.status not in (401, 403, 408, 413, 415, 429)
  and a.code is distinct from 'idempotency_key_reused' and a.code is distinct from 'request_in_progress')`;

/** The same request again is the same operation, and is answered with the same bytes. */
export const oneOperationPerKey: Check = {
  number: 8,
  name: 'one-operation-per-key',
  promise:
    'one operation per idempotency key; every answer names it; all final answers are byte-equal, and none goes back to processing',
  run: (session) =>
    ask(session, {
      name: 'one-operation-per-key',
      of: 'idempotency keys',
      count: 'select count(*) from idempotency_keys',
      notChecked:
        session.sources.clientLog === null
          ? ['answers: no client wrote down what it was answered (--client-log)']
          : [],
      find: [
        `select k.merchant_id, k.payment_id, null::timestamptz as at,
           format('key %s names command %s, which %s', k.key, k.command_id, case when c.id is null then 'does not exist' else 'is of ' || c.payment_id end) as what
         from idempotency_keys k left join commands c on c.merchant_id = k.merchant_id and c.id = k.command_id
         where c.payment_id is distinct from k.payment_id`,
        `select merchant_id, min(payment_id) as payment_id, null::timestamptz as at, format('%s keys name command %s', count(*), command_id) as what
         from idempotency_keys where command_id is not null group by merchant_id, command_id having count(*) > 1`,
        `select a.merchant_id, k.payment_id, null::timestamptz as at, format('key %s is of %s, and was answered about %s', k.key, k.payment_id, a.payment_id) as what
         from asked a join idempotency_keys k on k.merchant_id = a.merchant_id and k.mode = a.mode and k.key = a.key
         where a.status in (200, 201, 202) and a.payment_id is distinct from k.payment_id`,
        `select a.merchant_id, k.payment_id, null::timestamptz as at,
           format('key %s was answered %s with other bytes than are kept for it (%s)', a.key, a.status, coalesce(c.answer_status::text, 'none')) as what
         from asked a
         join idempotency_keys k on k.merchant_id = a.merchant_id and k.mode = a.mode and k.key = a.key
         join commands c on c.merchant_id = k.merchant_id and c.id = k.command_id
         where ${FINAL} and (c.answer_body is distinct from a.body or c.answer_status is distinct from a.status)`,
        `select b.merchant_id, b.payment_id, null::timestamptz as at, format('key %s was answered %s, and then 202 again', a.key, a.status) as what
         from asked b join asked a on a.merchant_id = b.merchant_id and a.mode = b.mode and a.key = b.key and a.ended_at < b.asked_at
         where b.status = 202 and ${FINAL}`,
      ],
    }),
};
