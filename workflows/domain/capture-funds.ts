import type { Posting } from './change.ts';
import type { Currency } from './currencies.ts';
import { COST_KINDS, feeOf, inCurrency, partsPerMillion, scheduleFor } from './fees.ts';
import { convert, minorRateOf, type ExchangeRate } from './fx.ts';
import type { AttemptId, OperationId } from './ids.ts';
import type { Operation } from './payment.ts';
import type { LedgerEvent, MovedPart } from './posting.ts';
import { plus, ratio, roundHalfEven } from './rounding.ts';
import type { CaptureFunds, CaptureSettlement, TermsInForce } from './settlement.ts';

/** What was taken, by which operation and attempt, in the payment's currency. */
export interface Captured {
  readonly operation: OperationId;
  readonly attempt: AttemptId | null;
  readonly amount: bigint;
  readonly currency: Currency;
}

/** What deciding about money adds to an operation and to the ledger. */
export interface Accounted {
  readonly operation: Partial<Pick<Operation, 'settlement' | 'funds'>>;
  readonly postings: readonly Posting[];
}

/**
 * What the terms in force make of a capture: conversion, costs and what is passed on of them, the
 * platform's fee, the reserve, and when the rest becomes available. Without terms it is what it was:
 * the captured amount stays pending, nothing is written beside it.
 */
export function settleCapture(captured: Captured, terms: TermsInForce | undefined, now: number): Accounted {
  if (terms === undefined || isEmpty(terms)) return { operation: {}, postings: [] };
  const settlement = settlementOf(captured, terms, now);
  const { gross, recharged, platformFee, reserve } = settlement;
  const funds: CaptureFunds = {
    kind: 'capture',
    pending: gross - recharged - (platformFee?.amount ?? 0n) - (reserve?.amount ?? 0n),
    refunded: 0n,
    carried: 0n,
    feeReturned: 0n,
    movedAt: null,
    releasedAt: null,
  };
  return { operation: { settlement, funds }, postings: postingsFor(captured, settlement) };
}

function isEmpty({ fees, reserve, availability, settlement }: TermsInForce): boolean {
  return fees.length === 0 && reserve === null && availability === null && settlement === null;
}

function settlementOf(
  { amount, currency: presented }: Captured,
  terms: TermsInForce,
  now: number,
): CaptureSettlement {
  const rate = rateOf(presented, terms);
  const currency = rate === null ? presented : rate.quote;
  const minorRate = rate === null ? null : minorRateOf(rate);
  const gross = rate === null ? amount : convert(amount, rate);
  const charged = COST_KINDS.flatMap((kind) => {
    const schedule = scheduleFor(terms.fees, kind, presented);
    return schedule === null ? [] : [{ kind, schedule, exact: feeOf(schedule, amount) }];
  });
  const passedOn = charged
    .filter(({ schedule }) => schedule.recharge)
    .map(({ kind, exact }) => ({ kind, exact: inCurrency(exact, minorRate) }));
  const parts = new Map(passedOn.map(({ kind, exact }) => [kind, roundHalfEven(exact)]));
  // One line on the merchant's statement, so it is rounded once; the parts are rounded for the books.
  const recharged = roundHalfEven(passedOn.reduce((sum, { exact }) => plus(sum, exact), ratio(0n)));
  const platform = scheduleFor(terms.fees, 'platform', currency);
  const held = terms.reserve === null ? 0n : roundHalfEven(partsPerMillion(gross, terms.reserve.ppm));
  return {
    kind: 'capture',
    currency,
    gross,
    rate,
    refundRate: terms.settlement?.refundRate ?? 'capture',
    platformFee:
      platform === null
        ? null
        : {
            schedule: platform.id,
            amount: roundHalfEven(feeOf(platform, gross)),
            onRefund: platform.onRefund,
          },
    costs: charged.map(({ kind, schedule, exact }) => ({
      kind,
      schedule: schedule.id,
      amount: roundHalfEven(exact),
      recharged: parts.get(kind) ?? null,
    })),
    recharged,
    rounding: [...parts.values()].reduce((rest, part) => rest - part, recharged),
    reserve:
      terms.reserve === null || held === 0n
        ? null
        : { terms: terms.reserve.id, amount: held, releaseAt: now + terms.reserve.forMs },
    availability:
      terms.availability === null
        ? null
        : { terms: terms.availability.id, at: now + terms.availability.afterMs },
  };
}

/** Null = the funds stay in the payment's currency: so agreed, or no rate is known, and none is made up. */
function rateOf(presented: Currency, { settlement, rate }: TermsInForce): ExchangeRate | null {
  if (settlement === null || settlement.currency === presented || rate === null) return null;
  if (rate.base !== presented || rate.quote !== settlement.currency)
    throw new RangeError(
      `rate ${rate.base}/${rate.quote} is not the one of ${presented}/${settlement.currency}`,
    );
  return rate;
}

function postingsFor(captured: Captured, settlement: CaptureSettlement): readonly Posting[] {
  const { currency, gross, rate, costs, platformFee, reserve, rounding } = settlement;
  const { operation, attempt, currency: presented } = captured;
  const post = (event: LedgerEvent, parts: readonly MovedPart[]): readonly Posting[] =>
    posting(event, parts, operation, attempt);
  return [
    ...(rate === null
      ? []
      : post('converted', [
          { part: 'presented', amount: captured.amount, currency: presented },
          { part: 'settled', amount: gross, currency },
        ])),
    ...post(
      'costs_accrued',
      costs.map(({ kind, amount }) => ({ part: kind, amount, currency: presented })),
    ),
    ...post('costs_recharged', [
      ...costs.map(({ kind, recharged }) => ({ part: kind, amount: recharged ?? 0n, currency })),
      { part: 'rounding', amount: rounding, currency },
    ]),
    ...post('platform_fee', [{ part: 'amount', amount: platformFee?.amount ?? 0n, currency }]),
    ...post('reserve_held', [{ part: 'amount', amount: reserve?.amount ?? 0n, currency }]),
  ];
}

/** One posting of several amounts; none when all of them are zero. */
export function posting(
  event: LedgerEvent,
  parts: readonly MovedPart[],
  operation: OperationId,
  attempt: AttemptId | null,
): readonly Posting[] {
  const moved = parts.filter(({ amount }) => amount !== 0n);
  return moved.length === 0 ? [] : [{ event, amount: moved, operation, attempt }];
}
