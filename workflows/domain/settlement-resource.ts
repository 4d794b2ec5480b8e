import type { ExchangeRate } from './fx.ts';
import type { Operation } from './payment.ts';
import type { CaptureFunds, CaptureSettlement, RefundFunds, RefundSettlement } from './settlement.ts';

/**
 * What a capture or refund came to for the merchant, as the outside sees it; nothing when it was made
 * without terms. What the platform itself is charged is no part of it.
 */
export function settlementResource({ settlement, funds }: Operation): Record<string, unknown> {
  if (settlement === null) return {};
  switch (settlement.kind) {
    case 'capture':
      return funds?.kind === 'capture' ? { settlement: ofCapture(settlement, funds) } : {};
    case 'refund':
      return { settlement: ofRefund(settlement, funds?.kind === 'refund' ? funds : null) };
  }
}

function ofCapture(settlement: CaptureSettlement, funds: CaptureFunds): Record<string, unknown> {
  const { currency, gross, platformFee, recharged, reserve, availability } = settlement;
  const fees = (platformFee?.amount ?? 0n) + recharged;
  return {
    currency,
    gross: minorUnits(gross),
    fees: minorUnits(fees),
    fee_details: { platform: minorUnits(platformFee?.amount ?? 0n), recharged: minorUnits(recharged) },
    net: minorUnits(gross - fees),
    fees_refunded: minorUnits(funds.feeReturned),
    exchange_rate: rateResource(settlement.rate),
    reserve:
      reserve === null
        ? null
        : {
            amount: minorUnits(reserve.amount),
            release_at: iso(reserve.releaseAt),
            released: funds.releasedAt !== null,
          },
    available_at: availability === null ? null : iso(availability.at),
    available: funds.movedAt !== null,
  };
}

/** A refund of several captures is one line for each: they can have been settled in different ways. */
function ofRefund(
  { slices }: RefundSettlement,
  funds: RefundFunds | null,
): readonly Record<string, unknown>[] {
  return slices.map(({ capture, currency, pending, available, rate }) => {
    const fees = funds?.feeReturned.find((one) => one.capture === capture)?.amount ?? 0n;
    return {
      capture,
      currency,
      gross: minorUnits(pending + available),
      fees_refunded: minorUnits(fees),
      net: minorUnits(pending + available - fees),
      exchange_rate: rateResource(rate),
    };
  });
}

function rateResource(rate: ExchangeRate | null): Record<string, unknown> | null {
  if (rate === null) return null;
  return { from: rate.base, to: rate.quote, rate: rate.rate, source: rate.source, at: iso(rate.validAt) };
}

/** A JSON number; a text of digits beyond 2^53 - 1, which another currency's minor units can reach. */
function minorUnits(amount: bigint): number | string {
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  return amount <= limit && amount >= -limit ? Number(amount) : amount.toString();
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
