import { posting } from './capture-funds.ts';
import { change, type Change } from './change.ts';
import { lotOf } from './lots.ts';
import type { Operation, PaymentState } from './payment.ts';

/** When the next thing happens to a capture's funds by itself (epoch ms); null = nothing will. */
export function fundsDueAt(operation: Operation): number | null {
  const due = [availableAt(operation), releaseAt(operation)].filter((at) => at !== null);
  return due.length === 0 ? null : Math.min(...due);
}

function availableAt(operation: Operation): number | null {
  const lot = operation.state === 'succeeded' ? lotOf(operation) : null;
  return lot === null || lot.funds.movedAt !== null ? null : (lot.settlement.availability?.at ?? null);
}

function releaseAt(operation: Operation): number | null {
  const lot = operation.state === 'succeeded' ? lotOf(operation) : null;
  return lot === null || lot.funds.releasedAt !== null ? null : (lot.settlement.reserve?.releaseAt ?? null);
}

/** The next capture whose funds are due becomes available, once; null when none is due. */
export function makeFundsAvailable({ operations }: PaymentState, now: number): Change | null {
  const capture = operations.find((operation) => (availableAt(operation) ?? Infinity) <= now);
  const lot = capture === undefined ? null : lotOf(capture);
  if (capture === undefined || lot === null) return null;
  const { funds, settlement } = lot;
  const parts = [{ part: 'amount' as const, amount: funds.pending, currency: settlement.currency }];
  return {
    ...change(`funds_available:${capture.id}`, 'funds_available'),
    operations: [{ ...capture, funds: { ...funds, pending: 0n, movedAt: now } }],
    postings: posting('funds_available', parts, capture.id, null),
  };
}

/** The next reserve that is due goes back to where its capture's funds are, once; null when none is due. */
export function releaseReserve({ operations }: PaymentState, now: number): Change | null {
  const capture = operations.find((operation) => (releaseAt(operation) ?? Infinity) <= now);
  const lot = capture === undefined ? null : lotOf(capture);
  if (capture === undefined || lot === null) return null;
  const { funds, settlement } = lot;
  const amount = settlement.reserve?.amount ?? 0n;
  const moved = funds.movedAt !== null;
  const part = moved ? ('available' as const) : ('pending' as const);
  return {
    ...change(`reserve_released:${capture.id}`, 'reserve_released'),
    operations: [
      {
        ...capture,
        funds: { ...funds, pending: funds.pending + (moved ? 0n : amount), releasedAt: now },
      },
    ],
    postings: posting(
      'reserve_released',
      [{ part, amount, currency: settlement.currency }],
      capture.id,
      null,
    ),
  };
}
