import { checkCursor } from './cursor.ts';
import type pg from 'pg';
import { loadPayments } from '../../schema/load-payment.ts';
import type { PaymentId } from '../../workflows/domain/ids.ts';
import { paymentResource } from '../../workflows/domain/resource.ts';
import type { PaymentStatus } from '../../workflows/domain/status.ts';
import type { Credential } from '../auth/api-key.ts';
import { pageOf } from '../ledger/page.ts';
import type { ListPayments } from '../schemas/payment-queries.ts';
import { KeysetQuery, type SqlQuery } from './keyset.ts';

/** Something is awaited in each of these: then an index of what is pending finds them. */
const ALWAYS_PENDING: ReadonlySet<PaymentStatus> = new Set(['processing', 'authorized']);

/**
 * One page of the merchant's payments, newest first, each as GET shows it without expansions.
 * @throws Problem when the cursor is none of this key's payments.
 */
export async function listPayments(
  database: pg.Pool,
  credential: Credential,
  wish: ListPayments,
): Promise<Record<string, unknown>> {
  await checkCursor(wish, 'payment that belongs to this key', (cursor) =>
    isPayment(database, credential, cursor),
  );
  const { rows } = await database.query<{ id: PaymentId }>(listQuery(credential, wish));
  // Only what is shown is read whole.
  const shown = wish.ending_before === undefined ? rows.slice(0, wish.limit) : rows.slice(-wish.limit);
  const states = await loadPayments(
    database,
    credential.merchant,
    shown.map(({ id }) => id),
  );
  const byId = new Map(states.map((state) => [state.payment.id, state]));
  return pageOf(wish, rows, ({ id }) => {
    const state = byId.get(id);
    if (state === undefined) throw new Error(`payment ${id} was listed and is not there`);
    return paymentResource(state);
  });
}

export async function isPayment(
  database: Pick<pg.Pool, 'query'>,
  { merchant, mode }: Credential,
  id: string,
): Promise<boolean> {
  const { rowCount } = await database.query({
    name: 'is_payment',
    text: 'select from payments where merchant_id = $1 and mode = $2 and id = $3',
    values: [merchant, mode, id],
  });
  return rowCount === 1;
}

/** The statement of a page of payments. */
export function listQuery({ merchant, mode }: Credential, wish: ListPayments): SqlQuery {
  const query = new KeysetQuery('p.id');
  query.equal('p.merchant_id', merchant);
  query.equal('p.mode', mode);
  query.created('p.created_at', 'pay', wish.created);
  query.between('p.amount', 'bigint', wish.amount);
  query.equal('p.status', wish.status);
  if (wish.status !== undefined && ALWAYS_PENDING.has(wish.status)) query.where('p.pending');
  query.equal('p.currency', wish.currency);
  query.equal('p.card_fingerprint', wish.card_fingerprint);
  query.equal('p.order_reference', wish.order_reference);
  query.equal('p.customer_reference', wish.customer_reference);
  query.equal('p.customer_id', wish.customer);
  if (wish.metadata !== undefined)
    query.where(`p.metadata @> ${query.put(JSON.stringify(wish.metadata))}::jsonb and p.metadata <> '{}'`);
  return query.page('p.id', 'payments p', wish);
}
