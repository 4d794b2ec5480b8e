import { CURRENCIES, type Currency } from './currencies.ts';
import { parseDecimal, ratio, roundHalfEven, times, type Ratio } from './rounding.ts';

/** What one unit of `base` costs in units of `quote` (whole units: euro, not cents), and who said so when. */
export interface ExchangeRate {
  readonly base: Currency;
  readonly quote: Currency;
  /** Exact decimal, as the source gave it. */
  readonly rate: string;
  readonly source: string;
  /** Epoch ms. */
  readonly validAt: number;
}

/** The same between minor units: what one cent is in fils, exactly. */
export function minorRateOf({ base, quote, rate }: ExchangeRate): Ratio {
  const exponents = ratio(
    10n ** BigInt(CURRENCIES[quote].exponent),
    10n ** BigInt(CURRENCIES[base].exponent),
  );
  return times(parseDecimal(rate), exponents);
}

/** An amount of the rate's base in its quote, in minor units, rounded by the one rule. */
export function convert(amount: bigint, rate: ExchangeRate): bigint {
  return roundHalfEven(times(ratio(amount), minorRateOf(rate)));
}
