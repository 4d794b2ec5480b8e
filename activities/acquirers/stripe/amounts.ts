import { fromWireAmount, toWireAmount, type CurrencyRule } from '../../../workflows/domain/capabilities.ts';
import { isCurrency, type Currency } from '../../../workflows/domain/currencies.ts';
import { stripeCurrency } from './capabilities.ts';

/** An amount as Stripe writes it. */
export interface StripeAmount {
  /** Below 2^53: eight digits. */
  readonly amount: number;
  /** Three letters, lower case. */
  readonly currency: string;
}

/**
 * ISO 4217 minor units to what Stripe is told. Zero stays zero (a release takes nothing).
 * @throws RangeError when it does not take the currency, or the amount cannot be said exactly.
 */
export function toStripe(minor: bigint, currency: string): StripeAmount {
  const { code, rule } = ruleOf(currency);
  if (minor % rule.step !== 0n)
    throw new RangeError(`${minor} minor units of ${code} are no multiple of ${rule.step}`);
  if (minor > rule.max) throw new RangeError(`${minor} minor units of ${code} exceed ${rule.max}`);
  return { amount: Number(toWireAmount(minor, code, rule)), currency: code.toLowerCase() };
}

/** The way back, compared with what was sent; null when it is another currency, or no whole minor units. */
export function fromStripe(answered: StripeAmount, currency: string): bigint | null {
  const { code, rule } = ruleOf(currency);
  if (answered.currency !== code.toLowerCase() || !Number.isSafeInteger(answered.amount)) return null;
  return fromWireAmount(BigInt(answered.amount), code, rule);
}

function ruleOf(currency: string): { readonly code: Currency; readonly rule: CurrencyRule } {
  const rule = isCurrency(currency) ? stripeCurrency(currency) : null;
  if (!isCurrency(currency) || rule === null)
    throw new RangeError(`${currency} is no currency that Stripe takes`);
  return { code: currency, rule };
}
