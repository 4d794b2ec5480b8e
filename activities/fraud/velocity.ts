import type { Redis } from 'ioredis';
import type pg from 'pg';
import type { MerchantId, PaymentId } from '../../workflows/domain/ids.ts';
import type { VelocityCounts } from '../../workflows/domain/risk.ts';

export interface VelocityQuery {
  readonly merchant: MerchantId;
  readonly payment: PaymentId;
  readonly fingerprint: string;
  readonly ipAddress: string | null;
  /** Epoch ms. */
  readonly now: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * Counts in Redis: one sorted set per card and per address, its members payment ids, so that a step
 * that runs again counts once. One round trip.
 */
export async function countInRedis(redis: Redis, query: VelocityQuery): Promise<VelocityCounts> {
  const { merchant, payment, fingerprint, ipAddress, now } = query;
  const card = `velocity:${merchant}:card:${fingerprint}`;
  const address = `velocity:${merchant}:ip:${ipAddress ?? 'none'}`;
  const pipeline = redis
    .multi()
    .zadd(card, 'NX', now, payment)
    .zremrangebyscore(card, 0, now - HOUR_MS)
    .pexpire(card, HOUR_MS)
    .zcount(card, now - MINUTE_MS, '+inf')
    .zcard(card);
  if (ipAddress !== null) {
    pipeline
      .zadd(address, 'NX', now, payment)
      .zremrangebyscore(address, 0, now - HOUR_MS)
      .pexpire(address, HOUR_MS)
      .zcard(address);
  }
  const results = await pipeline.exec();
  const read = (index: number): number => {
    const [error, value] = results?.[index] ?? [new Error('Redis gave no answer'), null];
    if (error !== null) throw error;
    return Number(value);
  };
  return { cardLastMinute: read(3), cardLastHour: read(4), ipLastHour: ipAddress === null ? 0 : read(8) };
}

/** The same counts from the record itself: slower, and right whenever Redis cannot be asked. */
export async function countInDatabase(pool: pg.Pool, query: VelocityQuery): Promise<VelocityCounts> {
  const { merchant, payment, fingerprint, ipAddress } = query;
  const { rows } = await pool.query<{ minute: bigint; hour: bigint; ip: bigint }>({
    name: 'velocity_counts',
    text: `select
             (select count(*) from payments where merchant_id = $1 and card_fingerprint = $3 and id <> $2
                and created_at > now() - interval '1 minute') + 1 as minute,
             (select count(*) from payments where merchant_id = $1 and card_fingerprint = $3 and id <> $2
                and created_at > now() - interval '1 hour') + 1 as hour,
             case when $4::text is null then 0 else
             (select count(*) from payments where merchant_id = $1 and ip_address = $4 and id <> $2
                and created_at > now() - interval '1 hour') + 1 end as ip`,
    values: [merchant, payment, fingerprint, ipAddress],
  });
  const [row] = rows;
  return {
    cardLastMinute: Number(row?.minute ?? 1),
    cardLastHour: Number(row?.hour ?? 1),
    ipLastHour: Number(row?.ip ?? 0),
  };
}
