import type { Operation, PaymentState } from './payment.ts';
import type { CaptureFunds, CaptureSettlement } from './settlement.ts';

/** A capture and what is left of it to be given back. */
export interface Lot {
  readonly capture: Operation;
  /** Null when it was made without terms: then it is pending in the payment's currency, for good. */
  readonly account: { readonly settlement: CaptureSettlement; readonly funds: CaptureFunds } | null;
  readonly left: bigint;
}

/** A capture's settlement and funds; null for whatever has none. */
export function lotOf({ settlement, funds }: Operation): Lot['account'] {
  return settlement?.kind === 'capture' && funds?.kind === 'capture' ? { settlement, funds } : null;
}

/**
 * The captures of a payment in the order in which refunds take from them: the oldest first. What was
 * given back of captures without terms is known only together, and was taken in the same order.
 */
export function lotsOf({ payment, operations }: PaymentState): readonly Lot[] {
  const captures = operations
    .filter(({ kind, state }) => kind === 'capture' && state === 'succeeded')
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  let untold = payment.amountRefunded + payment.amountRefundPending;
  for (const capture of captures) untold -= lotOf(capture)?.funds.refunded ?? 0n;
  return captures.map((capture) => {
    const account = lotOf(capture);
    const refunded = account?.funds.refunded ?? least(untold, capture.amount);
    if (account === null) untold -= refunded;
    return { capture, account, left: capture.amount - refunded };
  });
}

export function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

type Moves = Partial<Pick<CaptureFunds, 'pending' | 'refunded' | 'carried' | 'feeReturned'>>;

/** The capture with its funds moved by that much. */
export function withFunds(capture: Operation, funds: CaptureFunds, by: Moves): Operation {
  return {
    ...capture,
    funds: {
      ...funds,
      pending: funds.pending + (by.pending ?? 0n),
      refunded: funds.refunded + (by.refunded ?? 0n),
      carried: funds.carried + (by.carried ?? 0n),
      feeReturned: funds.feeReturned + (by.feeReturned ?? 0n),
    },
  };
}
