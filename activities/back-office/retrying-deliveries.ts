import type pg from 'pg';
import type { DeliveryId, MerchantId } from '../../workflows/domain/ids.ts';
import type { DeliveryRef } from '../../workflows/ports/webhooks.ts';
import { webhookDeliveryWorkflowId } from '../../workflows/webhook-delivery/webhook-delivery.contract.ts';
import type { KeptRows } from './keeper.ts';

export interface RetryingDelivery {
  readonly merchant: MerchantId;
  readonly delivery: DeliveryId;
  /** With microseconds, which a Date would lose: it is a cursor. */
  readonly createdAt: string;
}

/**
 * Deliveries whose first attempt failed and which were made more than `olderThanMs` ago, oldest
 * first (index deliveries_retrying).
 * @param start starts the workflow of a delivery where none is open.
 */
export function retryingDeliveries(
  pool: pg.Pool,
  start: (ref: DeliveryRef) => Promise<void>,
  olderThanMs: number,
): KeptRows<RetryingDelivery> {
  return {
    async page(last, limit) {
      const { rows } = await pool.query<RetryingDelivery>(
        `select merchant_id as merchant, id as delivery, created_at::text as "createdAt" from deliveries
         where state = 'retrying' and created_at < clock_timestamp() - $1 * interval '1 millisecond'
           and (created_at, id) > ($2::timestamptz, $3)
         order by created_at, id limit $4`,
        [olderThanMs, last?.createdAt ?? '-infinity', last?.delivery ?? '', limit],
      );
      return rows;
    },
    workflowId: ({ delivery }) => webhookDeliveryWorkflowId(delivery),
    async stillOpen({ merchant, delivery }) {
      const { rows } = await pool.query<{ open: boolean }>(
        `select state = 'retrying' as open from deliveries where merchant_id = $1 and id = $2`,
        [merchant, delivery],
      );
      return rows[0]?.open ?? false;
    },
    start: ({ merchant, delivery }) => start({ merchant, delivery }),
  };
}
