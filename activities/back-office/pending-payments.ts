import type pg from 'pg';
import { paymentWorkflowId } from '../../workflows/payment/payment.contract.ts';
import type { MerchantId, PaymentId } from '../../workflows/domain/ids.ts';
import type { KeptRows } from './keeper.ts';
import type { Knock } from './temporal.ts';

export interface PendingPayment {
  readonly merchant: MerchantId;
  readonly payment: PaymentId;
  /** With microseconds, which a Date would lose: it is a cursor. */
  readonly updatedAt: string;
}

/**
 * Payments with something pending that nobody has touched for `olderThanMs`, longest untouched first
 * (index payments_pending).
 */
export function pendingPayments(pool: pg.Pool, knock: Knock, olderThanMs: number): KeptRows<PendingPayment> {
  return {
    async page(last, limit) {
      const { rows } = await pool.query<PendingPayment>(
        `select merchant_id as merchant, id as payment, updated_at::text as "updatedAt" from payments
         where pending and updated_at < clock_timestamp() - $1 * interval '1 millisecond'
           and (updated_at, id) > ($2::timestamptz, $3)
         order by updated_at, id limit $4`,
        [olderThanMs, last?.updatedAt ?? '-infinity', last?.payment ?? '', limit],
      );
      return rows;
    },
    workflowId: ({ payment }) => paymentWorkflowId(payment),
    async stillOpen({ merchant, payment }) {
      const { rows } = await pool.query<{ pending: boolean }>(
        'select pending from payments where merchant_id = $1 and id = $2',
        [merchant, payment],
      );
      return rows[0]?.pending ?? false;
    },
    start: ({ merchant, payment }) => knock({ merchant, payment }),
  };
}
