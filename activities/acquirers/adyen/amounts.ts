import { fromWireAmount, toWireAmount, type CurrencyRule } from '../../../workflows/domain/capabilities.ts';
import { isCurrency, type Currency } from '../../../workflows/domain/currencies.ts';
import { adyenCurrency } from './capabilities.ts';

/** An amount as Adyen writes it. */
export interface AdyenAmount {
  /** Below 2^53. */
  readonly value: number;
  /** Three letters, upper case. */
  readonly currency: string;
}

/**
 * ISO 4217 minor units to what Adyen is told.
 * @throws RangeError when it does not take the currency, or the amount cannot be said exactly.
 */
export function toAdyen(minor: bigint, currency: string): AdyenAmount {
  const { code, rule } = ruleOf(currency);
  if (minor % rule.step !== 0n)
    throw new RangeError(`${minor} minor units of ${code} are no multiple of ${rule.step}`);
  if (minor > rule.max) throw new RangeError(`${minor} minor units of ${code} exceed ${rule.max}`);
  return { value: Number(toWireAmount(minor, code, rule)), currency: code };
}

/** The way back, compared with what was sent; null when it is another currency, or no whole minor units. */
export function fromAdyen(answered: AdyenAmount, currency: string): bigint | null {
  if (answered.currency !== currency || !Number.isSafeInteger(answered.value) || answered.value < 0)
    return null;
  const { code, rule } = ruleOf(currency);
  return fromWireAmount(BigInt(answered.value), code, rule);
}

function ruleOf(currency: string): { readonly code: Currency; readonly rule: CurrencyRule } {
  const rule = isCurrency(currency) ? adyenCurrency(currency) : null;
  if (!isCurrency(currency) || rule === null)
    throw new RangeError(`${currency} is no currency that Adyen takes`);
  return { code: currency, rule };
}
