import type pg from 'pg';
import type { AccountSum } from './account-sums.ts';

interface BalanceRow {
  merchant_id: string;
  mode: string;
  code: string;
  currency: string;
  stripe: number;
  balance: bigint;
  last_sequence: bigint;
}

/** What was found of the accounts of some merchants. */
export interface ComparedBalances {
  readonly accounts: bigint;
  /** Every balance is the sum of its postings, and their sequence goes from 1 to the last without a gap. */
  readonly areWhole: boolean;
}

/**
 * Holds what postings came to against the balances of one partition.
 * @param after the last merchant that was compared before.
 * @param upTo the last merchant that these sums are of; null = all that are left.
 */
export async function compareBalances(
  client: pg.ClientBase,
  table: string,
  after: string,
  upTo: string | null,
  sums: readonly AccountSum[],
): Promise<ComparedBalances> {
  const { rows } = await client.query<BalanceRow>(
    `select merchant_id, mode, code, currency, stripe, balance, last_sequence from ${table}
     where merchant_id > $1${upTo === null ? '' : ' and merchant_id <= $2'}`,
    upTo === null ? [after] : [after, upTo],
  );
  const accounts = new Set<string>();
  const unseen = new Map<string, BalanceRow>();
  for (const row of rows) {
    accounts.add(accountOf(row));
    unseen.set(stripeOf(row), row);
  }
  let areWhole = unseen.size === rows.length;
  for (const sum of sums) {
    accounts.add(accountOf(sum));
    const row = unseen.get(stripeOf(sum));
    unseen.delete(stripeOf(sum));
    if (
      row === undefined ||
      row.balance !== sum.posted ||
      row.last_sequence !== BigInt(sum.highest) ||
      sum.highest !== sum.postings ||
      sum.lowest !== 1
    )
      areWhole = false;
  }
  for (const { balance, last_sequence } of unseen.values())
    if (balance !== 0n || last_sequence !== 0n) areWhole = false;
  return { accounts: BigInt(accounts.size), areWhole };
}

type Name = Pick<BalanceRow, 'merchant_id' | 'mode' | 'code' | 'currency' | 'stripe'>;
const accountOf = ({ merchant_id, mode, code, currency }: Name): string =>
  JSON.stringify([merchant_id, mode, code, currency]);
const stripeOf = ({ merchant_id, mode, code, currency, stripe }: Name): string =>
  JSON.stringify([merchant_id, mode, code, currency, stripe]);
