import { isCurrency, type Currency } from '../../workflows/domain/currencies.ts';

/** One account of a merchant and mode. */
export interface AccountKey {
  /** As in the chart of accounts: `merchant_payable:pending`. */
  readonly code: string;
  readonly currency: Currency;
}

/** Where an entry stands: the ledger's order is by transaction, then by line. */
export interface EntryKey {
  readonly transaction: bigint;
  readonly line: number;
}

const ACCOUNT = /^([a-z_]{1,64})(?:\.([a-z0-9_-]{1,64}))?\.([A-Z]{3})$/;
const CODE = /^[a-z_]{1,64}(?::[a-z0-9_-]{1,64})?$/;
const TRANSACTION = /^ltx_([1-9]\d{0,17})$/;
const ENTRY = /^ent_([1-9]\d{0,17})_([1-9]\d{0,3})$/;

/** `merchant_payable.pending.EUR`: dots, because a colon needs escaping in some clients, and no code has a dot. */
export function accountId(code: string, currency: string): string {
  return `${code.replace(':', '.')}.${currency}`;
}

export function parseAccountId(text: string): AccountKey | null {
  const [, kind = '', qualifier, currency = ''] = ACCOUNT.exec(text) ?? [];
  if (!isCurrency(currency)) return null;
  return { code: qualifier === undefined ? kind : `${kind}:${qualifier}`, currency };
}

export function isAccountCode(text: string): boolean {
  return CODE.test(text);
}

export function transactionId(id: bigint): string {
  return `ltx_${id}`;
}

export function parseTransactionId(text: string): bigint | null {
  const digits = TRANSACTION.exec(text)?.[1];
  return digits === undefined ? null : BigInt(digits);
}

export function entryId(transaction: bigint, line: number): string {
  return `ent_${transaction}_${line}`;
}

export function parseEntryId(text: string): EntryKey | null {
  const [, transaction, line] = ENTRY.exec(text) ?? [];
  if (transaction === undefined || line === undefined) return null;
  return { transaction: BigInt(transaction), line: Number(line) };
}
