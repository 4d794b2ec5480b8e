import type { AcquirerCapabilities, CurrencyRule } from '../../../workflows/domain/capabilities.ts';
import { CURRENCIES, type Currency } from '../../../workflows/domain/currencies.ts';

/**
 * How Adyen writes amounts. Data, with where it is from and when it was last compared: some of its
 * exponents are not those of ISO 4217.
 */
export const ADYEN_CURRENCIES = {
  asOf: '2026-11-21',
  source:
    'docs.adyen.com/development-resources/currency-codes (exponents marked as different from the standard); the currencies not taken and the maximum are from memory, compare with the account before going live',
  /** Decimals that are not those of the standard (there: CLP 0, CVE 2, IDR 2, ISK 0). */
  exponent: { CLP: 2, CVE: 0, IDR: 0, ISK: 2 } as Readonly<Partial<Record<Currency, number>>>,
  /** Active in ISO 4217 and not taken. */
  notTaken: ['AFN', 'BIF', 'BTN', 'CDF', 'CUC', 'ERN', 'IRR', 'KPW', 'LRD', 'SDG', 'SSP', 'SYP'],
  /** As Adyen writes amounts; 1 = nothing smaller is known to be refused. */
  minimum: 1,
  /** As Adyen writes amounts: the most of one operation on this platform. */
  maximum: 999_999_999_999,
} as const;

/** The rule of a currency at Adyen; null = not taken. Its amounts are ISO 4217 minor units. */
export function adyenCurrency(code: Currency): CurrencyRule | null {
  const { exponent: differs, notTaken, minimum, maximum } = ADYEN_CURRENCIES;
  if ((notTaken as readonly string[]).includes(code)) return null;
  const iso = CURRENCIES[code].exponent;
  const exponent = differs[code] ?? iso;
  // Between the two ways of writing: one of them is a whole multiple of the other.
  const more = 10n ** BigInt(Math.max(iso - exponent, 0));
  const fewer = 10n ** BigInt(Math.max(exponent - iso, 0));
  return {
    exponent,
    min: (BigInt(minimum) * more + fewer - 1n) / fewer,
    max: (BigInt(maximum) * more) / fewer,
    step: more,
  };
}

/**
 * How keys live there. The documentation has said 31 days and says 7 (m): the lower counts, as a
 * minimum that it promises.
 */
export const ADYEN_KEYS = {
  asOf: '2026-11-21',
  source: 'docs.adyen.com/development-resources/api-idempotency: valid for at least 7 days (m)',
  lifetimeMs: 7 * 24 * 3_600_000,
} as const;

/** What this adapter can do with an Adyen merchant account. */
export const ADYEN_CAPABILITIES: AcquirerCapabilities = {
  wire: 'adyen',
  authorization: true,
  sale: true,
  // Adyen can (amountUpdates); this adapter does not yet.
  increment: false,
  partialCapture: true,
  // An account without it gives back what a first capture leaves.
  multipleCapture: 'by_account',
  void: true,
  partialVoid: true,
  refund: true,
  partialRefund: true,
  verification: false,
  cardPresent: false,
  inquiry: 'same_key',
  keyLifetimeMs: ADYEN_KEYS.lifetimeMs,
  inFlightMs: 10 * 60_000,
  currency: adyenCurrency,
};

/** The same key is the same request this long after it was first used: half of its lifetime (ms). */
export const SAME_KEY_FOR_MS = ADYEN_KEYS.lifetimeMs / 2;

/**
 * A question to the issuer is repeated for this long (ms). If the first never arrived the repeat is
 * what is executed: later than this it would be an authorization that nobody waits for any more
 * (payment-rules: late is not yes). From then on only Adyen's own report tells.
 */
export const AUTHORIZATION_REPEATED_FOR_MS = 5 * 60_000;
