import type { Currency } from './currencies.ts';
import type { CostKind, FeeSchedule } from './fees.ts';
import type { ExchangeRate } from './fx.ts';
import type { OperationId } from './ids.ts';

/** What was agreed with a merchant and is in force now, for one account, brand and currency. */
export interface TermsInForce {
  /** The most particular first. */
  readonly fees: readonly FeeSchedule[];
  /** A part of every capture is held back for some time. */
  readonly reserve: { readonly id: string; readonly ppm: bigint; readonly forMs: number } | null;
  /** When captured funds become available; null = they stay pending. */
  readonly availability: { readonly id: string; readonly afterMs: number } | null;
  /** In what currency the merchant is settled; null = in the one of the payment. */
  readonly settlement: {
    readonly id: string;
    readonly currency: Currency;
    /** What a refund is converted at: the rate of its capture, or the one in force when it is accepted. */
    readonly refundRate: 'capture' | 'current';
  } | null;
  /** From the payment's currency to that of the settlement; null = none is needed, or none is known. */
  readonly rate: ExchangeRate | null;
}

/**
 * What a capture came to, and by which terms: written with the capture, never changed after. Amounts
 * are minor units of `currency` unless they say otherwise; times are epoch ms.
 */
export interface CaptureSettlement {
  readonly kind: 'capture';
  readonly currency: Currency;
  /** The captured amount in that currency. */
  readonly gross: bigint;
  readonly rate: ExchangeRate | null;
  readonly refundRate: 'capture' | 'current';
  readonly platformFee: {
    readonly schedule: string;
    readonly amount: bigint;
    readonly onRefund: 'keep' | 'return';
  } | null;
  readonly costs: readonly {
    readonly kind: CostKind;
    readonly schedule: string;
    /** Minor units of the payment's currency. */
    readonly amount: bigint;
    /** What is passed on of it, rounded by itself; null = nothing. */
    readonly recharged: bigint | null;
  }[];
  /** What the merchant is charged for all of them together: rounded once. */
  readonly recharged: bigint;
  /** What rounding once differs by from the parts. */
  readonly rounding: bigint;
  readonly reserve: { readonly terms: string; readonly amount: bigint; readonly releaseAt: number } | null;
  readonly availability: { readonly terms: string; readonly at: number } | null;
}

/** The funds of one capture, a lot: where they are now. */
export interface CaptureFunds {
  readonly kind: 'capture';
  /** Still in merchant_payable:pending. Fees can make it negative. */
  readonly pending: bigint;
  /** Given back, or on the way back, in the payment's currency. */
  readonly refunded: bigint;
  /** What of the gross was given back with that, at the rate of the capture. */
  readonly carried: bigint;
  readonly feeReturned: bigint;
  /** When they became available; null = they are pending. */
  readonly movedAt: number | null;
  readonly releasedAt: number | null;
}

/** What a refund took from one capture, and where: what is put back if it is refused. */
export interface RefundSlice {
  readonly capture: OperationId;
  /** In the payment's currency. */
  readonly amount: bigint;
  /** Of the next four. */
  readonly currency: Currency;
  readonly pending: bigint;
  readonly available: bigint;
  /** What it is at the rate of the capture; equal to what was taken unless another rate was used. */
  readonly carried: bigint;
  /** The rate that took it; null = nothing was converted. */
  readonly rate: ExchangeRate | null;
}

/** What a refund took, and from where: written when it is accepted, never changed after. */
export interface RefundSettlement {
  readonly kind: 'refund';
  readonly slices: readonly RefundSlice[];
}

export interface RefundFunds {
  readonly kind: 'refund';
  /** Of the platform's fees, with the refund's success; minor units of the capture's settlement. */
  readonly feeReturned: readonly { readonly capture: OperationId; readonly amount: bigint }[];
}

export type Settlement = CaptureSettlement | RefundSettlement;
export type Funds = CaptureFunds | RefundFunds;
