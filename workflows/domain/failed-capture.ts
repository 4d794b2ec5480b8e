import { posting, type Accounted } from './capture-funds.ts';
import type { Operation } from './payment.ts';
import type { MovedPart } from './posting.ts';
import { lotOf } from './lots.ts';

/**
 * What the terms made of a capture that failed after all, undone: as if it had never been settled. All
 * of it is brought back to pending in the payment's currency, where `capture_failed` takes it.
 * Null when something of it was given back already: whose money that was, only a person can say.
 */
export function unsettleCapture(capture: Operation, now: number): Accounted | null {
  const lot = lotOf(capture);
  if (lot === null) return { operation: {}, postings: [] };
  const { settlement, funds } = lot;
  if (funds.refunded !== 0n || funds.carried !== 0n || funds.feeReturned !== 0n) return null;
  const { currency, gross, rate, costs, recharged, rounding } = settlement;
  const fee = settlement.platformFee?.amount ?? 0n;
  const reserve = settlement.reserve?.amount ?? 0n;
  const reserveHeld = funds.releasedAt === null ? reserve : 0n;
  const available = funds.movedAt === null ? 0n : gross - recharged - fee - reserveHeld;
  const post = (
    event: Parameters<typeof posting>[0],
    parts: readonly MovedPart[],
  ): ReturnType<typeof posting> => posting(event, parts, capture.id, null);
  return {
    operation: {
      funds: {
        ...funds,
        pending: 0n,
        movedAt: funds.movedAt ?? now,
        releasedAt: funds.releasedAt ?? (settlement.reserve === null ? null : now),
      },
    },
    postings: [
      ...post('funds_recalled', [{ part: 'amount', amount: available, currency }]),
      ...post('reserve_released', [{ part: 'pending', amount: reserveHeld, currency }]),
      ...post('platform_fee_refunded', [{ part: 'pending', amount: fee, currency }]),
      ...post('costs_recharge_reversed', [
        ...costs.map(({ kind, recharged: part }) => ({ part: kind, amount: part ?? 0n, currency })),
        { part: 'rounding', amount: rounding, currency },
      ]),
      ...post(
        'costs_reversed',
        // Costs are counted in the currency of the payment, which is the rate's base where there is one.
        costs.map(({ kind, amount }) => ({ part: kind, amount, currency: rate?.base ?? currency })),
      ),
      ...(rate === null
        ? []
        : post('conversion_reversed', [
            { part: 'settled', amount: gross, currency },
            { part: 'presented', amount: capture.amount, currency: rate.base },
          ])),
    ],
  };
}
