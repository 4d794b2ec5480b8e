import type { AcquirerCapabilities } from '../../../workflows/domain/capabilities.ts';
import { CURRENCIES } from '../../../workflows/domain/currencies.ts';

/** Field 4 is n12, in the minor units of the standard. */
const AMOUNT_MAX = 999_999_999_999n;

/** What our ISO 8583 dialect can do; a contract may say less. */
export const ISO8583_CAPABILITIES: AcquirerCapabilities = {
  wire: 'iso8583',
  authorization: true,
  sale: true,
  increment: true,
  partialCapture: true,
  multipleCapture: 'yes',
  void: true,
  partialVoid: true,
  refund: true,
  partialRefund: true,
  verification: true,
  cardPresent: false,
  inquiry: 'none',
  keyLifetimeMs: null,
  inFlightMs: 10 * 60_000,
  currency: (code) => ({ exponent: CURRENCIES[code].exponent, min: 1n, max: AMOUNT_MAX, step: 1n }),
};
