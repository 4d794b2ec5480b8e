import type { AcquirerCapabilities, CurrencyRule } from '../../../workflows/domain/capabilities.ts';
import { CURRENCIES, type Currency } from '../../../workflows/domain/currencies.ts';

/**
 * How Stripe writes amounts. Data, with where it is from and when it was last compared: its exponents
 * are not those of ISO 4217.
 */
export const STRIPE_CURRENCIES = {
  asOf: '2026-11-21',
  source:
    'docs.stripe.com/currencies (zero-decimal, three-decimal, special cases, minimum charge amounts); minimums and the list of currencies not taken are from memory, compare with the account before going live',
  /** No decimals, whatever the standard says (MGA has two there). */
  zeroDecimal: [
    'BIF',
    'CLP',
    'DJF',
    'GNF',
    'JPY',
    'KMF',
    'KRW',
    'MGA',
    'PYG',
    'RWF',
    'VND',
    'VUV',
    'XAF',
    'XOF',
    'XPF',
  ],
  /** Three decimals of which the last is always 0. */
  threeDecimal: ['BHD', 'JOD', 'KWD', 'OMR', 'TND'],
  /**
   * No decimals in the standard, written with two that are 00. (HUF and TWD are special for payouts
   * only; their charges have two decimals as in the standard.)
   */
  zeroDecimalWrittenWithTwo: ['ISK', 'UGX'],
  /** Active in ISO 4217 and not taken. */
  notTaken: [
    'BTN',
    'CUC',
    'CUP',
    'ERN',
    'GHS',
    'IQD',
    'IRR',
    'KPW',
    'LYD',
    'MRU',
    'SDG',
    'SSP',
    'STN',
    'SVC',
    'SYP',
    'TMT',
    'VED',
    'VES',
    'ZWG',
  ],
  /** The least that is charged, as Stripe writes amounts; 1 where none is known. */
  minimum: {
    AED: 200,
    AUD: 50,
    BGN: 100,
    BRL: 50,
    CAD: 50,
    CHF: 50,
    CZK: 1500,
    DKK: 250,
    EUR: 50,
    GBP: 30,
    HKD: 400,
    HUF: 17500,
    INR: 50,
    JPY: 50,
    MXN: 1000,
    MYR: 200,
    NOK: 300,
    NZD: 50,
    PLN: 200,
    RON: 200,
    SEK: 300,
    SGD: 50,
    THB: 1000,
    USD: 50,
  } as Readonly<Partial<Record<Currency, number>>>,
  /** Eight digits, as Stripe writes amounts. */
  maximum: 99_999_999,
} as const;

/** The rule of a currency at Stripe; null = not taken. Its amounts are ISO 4217 minor units. */
export function stripeCurrency(code: Currency): CurrencyRule | null {
  const { zeroDecimal, threeDecimal, zeroDecimalWrittenWithTwo, notTaken, minimum, maximum } =
    STRIPE_CURRENCIES;
  const within = (list: readonly string[]): boolean => list.includes(code);
  if (within(notTaken)) return null;
  const iso = CURRENCIES[code].exponent;
  const exponent = within(zeroDecimal)
    ? 0
    : within(threeDecimal)
      ? 3
      : within(zeroDecimalWrittenWithTwo)
        ? 2
        : iso;
  // Between the two ways of writing: one of them is a whole multiple of the other.
  const more = 10n ** BigInt(Math.max(iso - exponent, 0));
  const fewer = 10n ** BigInt(Math.max(exponent - iso, 0));
  const toIso = (amount: number): bigint => (BigInt(amount) * more + fewer - 1n) / fewer;
  const min = toIso(minimum[code] ?? 1);
  return {
    exponent,
    min: min === 0n ? 1n : min,
    max: (BigInt(maximum) * more) / fewer,
    step: within(threeDecimal) ? 10n : more,
  };
}

/** What this adapter can do with a Stripe account. */
export const STRIPE_CAPABILITIES: AcquirerCapabilities = {
  wire: 'stripe',
  authorization: true,
  sale: true,
  // Stripe can, where the account has it; this adapter does not yet. Accounts there take none.
  increment: false,
  partialCapture: true,
  // "multicapture": asked for with each authorization, given where the account has it.
  multipleCapture: 'by_account',
  void: true,
  partialVoid: true,
  refund: true,
  partialRefund: true,
  verification: false,
  cardPresent: false,
  inquiry: 'by_reference',
  // Keys may be removed once they are 24 hours old.
  keyLifetimeMs: 24 * 3_600_000,
  inFlightMs: 10 * 60_000,
  currency: stripeCurrency,
};

/** The same key is the same request this long after it was first used: half of its lifetime (ms). */
export const SAME_KEY_FOR_MS = 12 * 3_600_000;
