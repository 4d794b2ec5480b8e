import type { Redis } from 'ioredis';
import type pg from 'pg';
import { atBoundary } from '../../platform/crash-points.ts';
import type { Logger } from '../../platform/logger.ts';
import { CURRENCIES, isCurrency } from '../../workflows/domain/currencies.ts';
import { assessRisk } from '../../workflows/domain/risk.ts';
import type { FraudActivities } from '../../workflows/ports/fraud.ts';
import { countInDatabase, countInRedis, type VelocityQuery } from './velocity.ts';

export interface FraudDependencies {
  readonly pool: pg.Pool;
  readonly redis: Redis;
  readonly logger: Logger;
}

/** Reads what a score needs; the score itself is pure (workflows/domain/risk.ts). */
export function createFraudActivities({ pool, redis, logger }: FraudDependencies): FraudActivities {
  async function count(query: VelocityQuery) {
    try {
      return { counts: await countInRedis(redis, query), degraded: false };
    } catch (error) {
      logger.warn('velocity_without_redis', { payment: query.payment, error });
      return { counts: await countInDatabase(pool, query), degraded: true };
    }
  }

  return {
    score: ({ merchant, payment, card }) =>
      atBoundary('score', async () => {
        const { rows } = await pool.query<{ amount: bigint; currency: string; ip_address: string | null }>({
          name: 'score_payment',
          text: 'select amount, currency, ip_address from payments where merchant_id = $1 and id = $2',
          values: [merchant, payment],
        });
        const [row] = rows;
        if (row === undefined) throw new Error(`payment ${payment} of ${merchant} does not exist`);
        const { counts, degraded } = await count({
          merchant,
          payment,
          fingerprint: card.fingerprint,
          ipAddress: row.ip_address,
          now: Date.now(),
        });
        const exponent = isCurrency(row.currency) ? CURRENCIES[row.currency].exponent : 2;
        return assessRisk({ amount: row.amount, exponent, counts, degraded });
      }),
  };
}
