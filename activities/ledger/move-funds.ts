import type pg from 'pg';
import { loadPayment } from '../../schema/load-payment.ts';
import type { Change } from '../../workflows/domain/change.ts';
import { makeFundsAvailable, releaseReserve } from '../../workflows/domain/due-funds.ts';
import type { MerchantId, PaymentId } from '../../workflows/domain/ids.ts';
import { recordChange } from './record.ts';

/** What was done for one payment: how many of its captures' funds were moved. */
export interface FundsMoved {
  readonly available: number;
  readonly released: number;
}

/** What writes down in whose name it was done: there is no workflow run. */
const BACK_OFFICE = 'back-office';
/** How often one move is decided again when somebody else changed the payment first. */
const STALE_LIMIT = 5;

/**
 * Does everything that is due for the funds of a payment, each as a change of its own: recorded once,
 * whoever else does the same, and refused as stale by the database when the payment was changed by
 * somebody meanwhile. A workflow step that comes second decides again on what is then committed.
 */
export function createFundsMover(pool: pg.Pool) {
  /** @throws Error when the payment was changed by others all the time; the next turn tries again. */
  async function move(
    merchant: MerchantId,
    payment: PaymentId,
    now: number,
    decide: (state: NonNullable<Awaited<ReturnType<typeof loadPayment>>>, now: number) => Change | null,
  ): Promise<number> {
    for (let moved = 0, stale = 0; stale < STALE_LIMIT;) {
      const state = await loadPayment(pool, merchant, payment);
      const made = state === null ? null : decide(state, now);
      if (state === null || made === null) return moved;
      const context = { at: now, workflowRunId: BACK_OFFICE, activity: null, placed: null, route: null };
      const recorded = await recordChange(pool, state, made, context);
      if (recorded === 'applied') moved += 1;
      else stale += 1;
    }
    throw new Error(`funds of ${payment} were not moved: it was changed ${STALE_LIMIT} times meanwhile`);
  }

  return async (merchant: MerchantId, payment: PaymentId, now: number): Promise<FundsMoved> => ({
    available: await move(merchant, payment, now, makeFundsAvailable),
    released: await move(merchant, payment, now, releaseReserve),
  });
}
