import { amountOnWire } from '../amount.ts';
import { accountId } from './ids.ts';

export type Side = 'debit' | 'credit';

/** Postings are signed, debits positive; people and spreadsheets are told the side by name. */
export function sided(amount: bigint): { readonly side: Side; readonly amount: bigint } {
  return amount < 0n ? { side: 'credit', amount: -amount } : { side: 'debit', amount };
}

/** A sum of postings as a balance: positive on the side on which the account normally grows. */
export function onNormalSide(sum: bigint, side: Side): bigint {
  return side === 'debit' ? sum : -sum;
}

/** One leg as every answer shows it. `posted`: debit positive, minor units. */
export function entryOnWire(code: string, currency: string, posted: bigint): Record<string, unknown> {
  const { side, amount } = sided(posted);
  return {
    account_id: accountId(code, currency),
    account: code,
    side,
    amount: amountOnWire(amount),
    currency,
  };
}
