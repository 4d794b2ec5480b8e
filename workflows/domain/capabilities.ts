import { CURRENCIES, type Currency } from './currencies.ts';
import type { InquiryKind } from './inquiry.ts';
import { formatMoney } from './money.ts';

/** What an acquirer takes in one currency. Amounts are ISO 4217 minor units. */
export interface CurrencyRule {
  /** Decimals of the amounts on its wire, which need not be those of the standard. */
  readonly exponent: number;
  readonly min: bigint;
  readonly max: bigint;
  /** Every amount is a multiple of it. */
  readonly step: bigint;
}

/**
 * What one adapter can do, declared once and in full: routing, planning and the choice of what becomes
 * of an unknown read it, so that nothing is tried that cannot succeed.
 */
export interface AcquirerCapabilities {
  /** As in acquirers.wire. */
  readonly wire: string;
  readonly authorization: boolean;
  /** Authorization and capture in one message. */
  readonly sale: boolean;
  /** A hold that can grow. */
  readonly increment: boolean;
  readonly partialCapture: boolean;
  /** Several captures of one authorization; by_account = where the contract has it. */
  readonly multipleCapture: 'yes' | 'no' | 'by_account';
  readonly void: boolean;
  /** Release of what is left after a partial capture. */
  readonly partialVoid: boolean;
  readonly refund: boolean;
  readonly partialRefund: boolean;
  /** Asking the issuer about a card with an amount of zero, nothing held. */
  readonly verification: boolean;
  readonly cardPresent: boolean;
  readonly inquiry: InquiryKind;
  /** How long the same key is known to be the same request (ms); null = the wire has no keys. */
  readonly keyLifetimeMs: number | null;
  /**
   * How long a request may be under way after it was written, or begun (ms): "not found" is proof only
   * after that. An acquirer's own row (acquirers.in_flight_age) wins.
   */
  readonly inFlightMs: number;
  /** Null = it does not take the currency. */
  currency(code: Currency): CurrencyRule | null;
}

/** Why an amount cannot be said to that acquirer; null when it can, exactly. */
export function amountProblem(
  { wire, currency: ruleOf }: Pick<AcquirerCapabilities, 'wire' | 'currency'>,
  minor: bigint,
  currency: Currency,
): string | null {
  const rule = ruleOf(currency);
  if (rule === null) return `${wire} does not take ${currency}`;
  const money = formatMoney({ minor, currency });
  if (minor < rule.min) return `${money} is below the least that ${wire} takes`;
  if (minor > rule.max) return `${money} is above the most that ${wire} takes`;
  if (minor % rule.step !== 0n) return `${money} is no multiple of the smallest step of ${wire}`;
  return null;
}

/** Ten to the power of `exponent`. */
function power(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** What is left of `amount` decimals when they become `to`; null when that is not exact. */
function rescale(amount: bigint, from: number, to: number): bigint | null {
  if (to >= from) return amount * power(to - from);
  const divisor = power(from - to);
  return amount % divisor === 0n ? amount / divisor : null;
}

/**
 * The amount as an acquirer with that exponent writes it.
 * @throws RangeError when it is negative, or cannot be said exactly.
 */
export function toWireAmount(minor: bigint, currency: Currency, { exponent }: CurrencyRule): bigint {
  const amount = rescale(minor, CURRENCIES[currency].exponent, exponent);
  if (minor < 0n || amount === null)
    throw new RangeError(
      `${minor} minor units of ${currency} cannot be said exactly with ${exponent} decimals`,
    );
  return amount;
}

/** The way back, for comparing what is answered; null when it is no whole number of minor units. */
export function fromWireAmount(
  amount: bigint,
  currency: Currency,
  { exponent }: CurrencyRule,
): bigint | null {
  return rescale(amount, exponent, CURRENCIES[currency].exponent);
}
