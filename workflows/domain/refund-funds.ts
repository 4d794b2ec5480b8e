import { posting, type Accounted } from './capture-funds.ts';
import type { Posting } from './change.ts';
import { convert, type ExchangeRate } from './fx.ts';
import type { AttemptId, OperationId } from './ids.ts';
import { least, lotOf, lotsOf, withFunds, type Lot } from './lots.ts';
import type { Operation, PaymentState } from './payment.ts';
import type { MovedPart } from './posting.ts';
import { shareOf } from './rounding.ts';
import type { CaptureSettlement, RefundSlice } from './settlement.ts';

/** What a refund does to itself, to the captures it takes from, and to the ledger. */
export interface Refunded extends Accounted {
  /** Captures whose funds it moves, whole rows. */
  readonly captures: readonly Operation[];
}

/**
 * What a refund of that amount takes, before the acquirer is asked: from the funds of its captures
 * where they are, pending or available, at the rate that was agreed.
 * @param rates in force now; a settlement that asks for the current one and finds none takes its own.
 */
export function takeRefund(
  state: PaymentState,
  refund: OperationId,
  amount: bigint,
  rates: readonly ExchangeRate[] = [],
): Refunded {
  const lots = lotsOf(state);
  if (lots.every(({ account }) => account === null))
    return {
      operation: {},
      captures: [],
      postings: [{ event: 'refund_accepted', amount, operation: refund, attempt: null }],
    };
  const slices: RefundSlice[] = [];
  const captures: Operation[] = [];
  let rest = amount;
  for (const lot of lots) {
    const taken = least(lot.left, rest);
    if (taken === 0n) continue;
    rest -= taken;
    const slice = sliceOf(lot, taken, state.payment.currency, rates);
    slices.push(slice);
    if (lot.account !== null)
      captures.push(
        withFunds(lot.capture, lot.account.funds, {
          pending: -slice.pending,
          refunded: taken,
          carried: slice.carried,
        }),
      );
  }
  if (rest > 0n) throw new RangeError(`${refund} takes ${amount}, ${rest} more than its captures have left`);
  return {
    operation: { settlement: { kind: 'refund', slices } },
    captures,
    postings: [
      ...posting('refund_converted', conversionOf(state, slices), refund, null),
      ...posting('refund_accepted', presentedOf(state, slices), refund, null),
    ],
  };
}

function sliceOf(
  { capture, account }: Lot,
  amount: bigint,
  presented: RefundSlice['currency'],
  rates: readonly ExchangeRate[],
): RefundSlice {
  if (account === null)
    return {
      capture: capture.id,
      amount,
      currency: presented,
      pending: amount,
      available: 0n,
      carried: amount,
      rate: null,
    };
  const { settlement, funds } = account;
  const { currency, gross } = settlement;
  // The share so far less what was given back before: the last refund closes it to the last minor unit.
  const share = shareOf(gross, funds.refunded + amount, capture.amount) - funds.carried;
  const carried = share < 0n ? 0n : share;
  const rate = refundRateOf(settlement, rates);
  const taken = rate === null || rate === settlement.rate ? carried : convert(amount, rate);
  const pending = pendingPartOf(account, taken);
  return { capture: capture.id, amount, currency, pending, available: taken - pending, carried, rate };
}

/** Null where nothing is converted. */
function refundRateOf(
  { rate, refundRate }: CaptureSettlement,
  rates: readonly ExchangeRate[],
): ExchangeRate | null {
  if (rate === null || refundRate === 'capture') return rate;
  return rates.find(({ base, quote }) => base === rate.base && quote === rate.quote) ?? rate;
}

/** A refund takes what is still pending of its capture, the rest from what is available. */
function pendingPartOf({ settlement, funds }: NonNullable<Lot['account']>, taken: bigint): bigint {
  if (funds.movedAt !== null) return 0n;
  // These never become available: there is nothing else to take from.
  if (settlement.availability === null) return taken;
  return funds.pending < 0n ? 0n : least(funds.pending, taken);
}

/** What a refund that did not happen, or came back, puts where it would be now had it not been taken. */
export function returnRefund(
  state: PaymentState,
  refund: Operation,
  event: 'refund_refused' | 'refund_failed',
  attempt: AttemptId | null,
): Refunded {
  const { settlement } = refund;
  if (settlement?.kind !== 'refund')
    return {
      operation: {},
      captures: [],
      postings: [{ event, amount: refund.amount, operation: refund.id, attempt }],
    };
  const captures = new Map<OperationId, Operation>();
  const slices = settlement.slices.map((slice) => {
    const capture = state.operations.find(({ id }) => id === slice.capture);
    const account = capture === undefined ? null : lotOf(capture);
    if (capture === undefined || account === null) return slice;
    const moved = account.funds.movedAt !== null;
    captures.set(
      capture.id,
      withFunds(capture, account.funds, {
        pending: moved ? 0n : slice.pending,
        refunded: -slice.amount,
        carried: -slice.carried,
      }),
    );
    return moved ? { ...slice, pending: 0n, available: slice.pending + slice.available } : slice;
  });
  const fees = returnFees(state, refund, captures, attempt);
  return {
    operation: { funds: { kind: 'refund', feeReturned: [] } },
    captures: [...captures.values()],
    postings: [
      ...posting(event, presentedOf(state, slices), refund.id, attempt),
      ...posting('refund_unconverted', conversionOf(state, slices), refund.id, attempt),
      ...fees.postings,
    ],
  };
}

/** What the success of a refund gives back of the platform's fee, where that is agreed. */
export function settleRefund(state: PaymentState, refund: Operation, attempt: AttemptId | null): Refunded {
  const { settlement } = refund;
  if (settlement?.kind !== 'refund') return { operation: {}, captures: [], postings: [] };
  const captures = new Map<OperationId, Operation>();
  const { operation, postings } = returnFees(state, refund, captures, attempt);
  return { operation, captures: [...captures.values()], postings };
}

/**
 * Brings what was given back of each fee to its share of what is refunded now: the steps of several
 * refunds add up to the fee. `captures` holds rows that the same change has touched, and takes more.
 */
function returnFees(
  state: PaymentState,
  refund: Operation,
  captures: Map<OperationId, Operation>,
  attempt: AttemptId | null,
): { readonly operation: Accounted['operation']; readonly postings: readonly Posting[] } {
  const { settlement } = refund;
  if (settlement?.kind !== 'refund') return { operation: {}, postings: [] };
  const given: MovedPart[] = [];
  const feeReturned: { readonly capture: OperationId; readonly amount: bigint }[] = [];
  for (const slice of settlement.slices) {
    const capture = captures.get(slice.capture) ?? state.operations.find(({ id }) => id === slice.capture);
    const account = capture === undefined ? null : lotOf(capture);
    if (capture === undefined || account?.settlement.platformFee?.onRefund !== 'return') continue;
    const { funds } = account;
    const fee = account.settlement.platformFee.amount;
    const amount = shareOf(fee, funds.refunded, capture.amount) - funds.feeReturned;
    if (amount === 0n) continue;
    const moved = funds.movedAt !== null;
    captures.set(
      capture.id,
      withFunds(capture, funds, { pending: moved ? 0n : amount, feeReturned: amount }),
    );
    feeReturned.push({ capture: capture.id, amount });
    given.push({ part: moved ? 'available' : 'pending', amount, currency: slice.currency });
  }
  const back = given.filter(({ amount }) => amount < 0n).map((part) => ({ ...part, amount: -part.amount }));
  return {
    operation: { funds: { kind: 'refund', feeReturned } },
    postings: [
      ...posting(
        'platform_fee_refunded',
        given.filter(({ amount }) => amount > 0n),
        refund.id,
        attempt,
      ),
      ...posting('platform_fee_restored', back, refund.id, attempt),
    ],
  };
}

/** What of the slices moves in the payment's currency: what is converted passes through pending. */
function presentedOf(state: PaymentState, slices: readonly RefundSlice[]): readonly MovedPart[] {
  const { currency } = state.payment;
  return slices.flatMap(({ amount, pending, available, rate }) => [
    { part: 'amount', amount: rate === null ? pending : amount, currency },
    { part: 'available', amount: rate === null ? available : 0n, currency },
  ]);
}

/** What of the slices is converted. */
function conversionOf(state: PaymentState, slices: readonly RefundSlice[]): readonly MovedPart[] {
  return slices
    .filter(({ rate }) => rate !== null)
    .flatMap(({ amount, currency, pending, available, carried }) => [
      { part: 'presented', amount, currency: state.payment.currency },
      { part: 'pending', amount: pending, currency },
      { part: 'available', amount: available, currency },
      { part: 'gain', amount: pending + available - carried, currency },
    ]);
}
