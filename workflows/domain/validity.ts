import type { CardBrand } from './card.ts';

const DAY_MS = 86_400_000;

/**
 * How long an authorization is valid: dated data, not constants in code (payment-rules:
 * authorization validity). Source: public summaries of the schemes' rules, from memory, to be
 * confirmed against the acquirer's contract; a date given by the acquirer wins.
 */
const VALIDITY_DAYS_AS_OF_2026_11_01 = {
  visa: 7,
  mastercard: 7,
  amex: 7,
  discover: 10,
  diners: 10,
  jcb: 7,
  unionpay: 7,
  maestro: 7,
  other: 7,
} as const satisfies Record<CardBrand, number>;

/** Capture closes this long before the authorization does, so that clearing reaches the issuer in time. */
const CLEARING_MARGIN_MS = DAY_MS / 2;

/** When capturing closes, in epoch ms. `overrideMs` (development) replaces validity and margin. */
export function captureBeforeOf(brand: CardBrand, authorizedAt: number, overrideMs: number | null): number {
  if (overrideMs !== null) return authorizedAt + overrideMs;
  return authorizedAt + VALIDITY_DAYS_AS_OF_2026_11_01[brand] * DAY_MS - CLEARING_MARGIN_MS;
}
