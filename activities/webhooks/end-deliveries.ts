import type pg from 'pg';
import type { Logger } from '../../platform/logger.ts';

export interface EndDeliveriesOptions {
  readonly pool: pg.Pool;
  readonly logger: Logger;
  /** Ended in one statement. */
  readonly page: number;
}

/**
 * Ends what waits for its next attempt at an endpoint that is disabled or gone (index deliveries_retrying):
 * its merchant can then replay all of it as soon as the endpoint is enabled again, and need not know what
 * still comes by itself. What nobody has tried yet is ended by the dispatcher. A workflow that sleeps over
 * such a delivery finds it concluded when it wakes.
 */
export function createDeliveryEnder({ pool, logger, page }: EndDeliveriesOptions): () => Promise<void> {
  return async () => {
    let ended = 0;
    let last: number;
    do {
      const { rowCount } = await pool.query({
        name: 'end_deliveries',
        text: `with over as (
                 select d.merchant_id, d.id from deliveries d
                 where d.state = 'retrying' and not exists (
                   select from webhook_endpoints w
                   where w.merchant_id = d.merchant_id and w.id = d.endpoint_id and w.enabled)
                 order by d.created_at limit $1 for update skip locked
               )
               update deliveries d set state = 'endpoint_disabled', concluded_at = clock_timestamp()
               from over where d.merchant_id = over.merchant_id and d.id = over.id`,
        values: [page],
      });
      last = rowCount ?? 0;
      ended += last;
    } while (last === page);
    if (ended > 0) logger.info('webhook_deliveries_ended', { ended });
  };
}
