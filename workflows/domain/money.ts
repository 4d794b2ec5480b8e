import { CURRENCIES, isCurrency, type Currency } from './currencies.ts';

/** The most that one operation may move, in minor units (payment-rules: amounts at the edges). */
export const OPERATION_LIMIT = 999_999_999_999n;

/** An amount: whole minor units of one currency. Never a float, never without its currency. */
export interface Money {
  readonly minor: bigint;
  readonly currency: Currency;
}

/**
 * Reads an amount from the outside.
 * @throws RangeError when it is not between 1 and {@link OPERATION_LIMIT}, or the currency is unknown.
 */
export function money(minor: bigint, currency: string): Money {
  if (!isCurrency(currency)) throw new RangeError(`${currency} is not an active ISO 4217 currency`);
  if (minor < 1n || minor > OPERATION_LIMIT) {
    throw new RangeError(`amount ${minor} is not between 1 and ${OPERATION_LIMIT} minor units`);
  }
  return { minor, currency };
}

/** For people: `50.00 EUR`, `500 JPY`. */
export function formatMoney({ minor, currency }: Money): string {
  const { exponent } = CURRENCIES[currency];
  if (exponent === 0) return `${minor} ${currency}`;
  const sign = minor < 0n ? '-' : '';
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, '0');
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)} ${currency}`;
}
