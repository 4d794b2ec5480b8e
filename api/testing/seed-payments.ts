import { createHash } from 'node:crypto';
import type pg from 'pg';
import { newId } from '../../platform/new-id.ts';
import type { PaymentId } from '../../workflows/domain/ids.ts';
import { EXAMPLES } from '../contract/examples.ts';

/** One payment as a list shows it, with a capture, a refund and an event where its status has them. */
export interface SeededPayment {
  readonly id: PaymentId;
  readonly status: 'authorized' | 'captured' | 'declined' | 'failed' | 'refunded';
  readonly amount: number;
  readonly currency: 'EUR' | 'USD';
  readonly createdAt: Date;
  readonly fingerprint: string;
  readonly order: string;
}

export interface SeedPayments {
  readonly merchant: string;
  readonly mode?: 'test' | 'live';
  readonly count: number;
}

const fingerprintOf = (n: number): string => createHash('sha256').update(`card ${n}`).digest('hex');

/**
 * Payments of one merchant, in the order of their ids, written past the guards. Every 50th failed,
 * every 10th was declined, every 7th refunded, every third is only held; ten cards, an order each,
 * `metadata.cart` of ten values.
 */
export async function seedPayments(
  database: pg.Pool,
  { merchant, mode = 'test', count }: SeedPayments,
): Promise<readonly SeededPayment[]> {
  const start = Date.now() - count;
  const payments = Array.from({ length: count }, (_, n): SeededPayment => ({
    id: newId('pay'),
    status:
      n % 50 === 49
        ? 'failed'
        : n % 10 === 9
          ? 'declined'
          : n % 7 === 6
            ? 'refunded'
            : n % 3 === 2
              ? 'authorized'
              : 'captured',
    amount: 1_000 + n,
    currency: n % 5 === 4 ? 'USD' : 'EUR',
    createdAt: new Date(start + n),
    fingerprint: fingerprintOf(n % 10),
    order: `order ${n}`,
  })).sort((one, other) => (one.id < other.id ? -1 : 1));
  const client = await database.connect();
  try {
    await client.query('set session_replication_role = replica');
    await client.query(
      `insert into payments (merchant_id, id, mode, amount, currency, capture_method, staging_id, authorize_by, created_at,
         order_reference, metadata, card_token, card_brand, card_bin, card_last_four, card_expiry_month, card_expiry_year,
         card_fingerprint, authorization_state, conclusion, amount_authorized, amount_captured, amount_refunded, status, pending, version)
       select $1, s.id, $2, s.amount, s.currency, 'manual', 'stg_seed', s.at + interval '10 minutes', s.at, s.reference,
         jsonb_build_object('cart', 'c' || s.n % 10), 'card_seed' || s.n % 10, 'visa', '42424242', '4242', 12, 2034, s.fingerprint,
         case s.status when 'authorized' then 'held' when 'captured' then 'released' when 'refunded' then 'released' else 'none' end,
         case when s.status in ('declined', 'failed') then s.status else 'open' end,
         case when s.status in ('declined', 'failed') then 0 else s.amount end,
         case when s.status in ('captured', 'refunded') then s.amount else 0 end,
         case when s.status = 'refunded' then s.amount else 0 end, s.status, s.status = 'authorized', 3
       from unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::timestamptz[], $8::text[], $9::text[])
         with ordinality as s (id, status, amount, currency, at, fingerprint, reference, n)`,
      [
        merchant,
        mode,
        payments.map(({ id }) => id),
        payments.map(({ status }) => status),
        payments.map(({ amount }) => amount),
        payments.map(({ currency }) => currency),
        payments.map(({ createdAt }) => createdAt),
        payments.map(({ fingerprint }) => fingerprint),
        payments.map(({ order }) => order),
      ],
    );
    await client.query(
      `insert into operations (merchant_id, id, payment_id, kind, amount, state, phase, created_at, concluded_at, final)
       select p.merchant_id, k.prefix || substr(p.id, 4), p.id, k.kind, p.amount, 'succeeded', 'concluded', p.created_at, p.created_at, k.kind = 'capture'
       from payments p join (values ('cap', 'capture', array['captured', 'refunded']), ('ref', 'refund', array['refunded'])) as k (prefix, kind, statuses)
         on p.status = any (k.statuses)
       where p.merchant_id = $1 and p.mode = $2`,
      [merchant, mode],
    );
    await client.query(
      `insert into events (merchant_id, id, mode, payment_id, version, type, body, created_at)
       select $1, 'evt' || substr(p.id, 4), p.mode, p.id, p.version, 'payment.' || replace(p.status, 'refunded', 'captured'),
         jsonb_build_object('id', 'evt' || substr(p.id, 4), 'object', 'event', 'type', 'payment.' || replace(p.status, 'refunded', 'captured'),
           'created', '2031-05-14T10:00:00.000Z', 'data', jsonb_build_object('payment', $3::jsonb || jsonb_build_object('id', p.id)))::text,
         p.created_at
       from payments p where p.merchant_id = $1 and p.mode = $2`,
      [merchant, mode, JSON.stringify(EXAMPLES.Payment)],
    );
    await client.query('analyze payments, operations, events');
  } finally {
    // Not returned: its triggers are off.
    client.release(true);
  }
  return payments;
}
