import { checkCursor } from '../lists/cursor.ts';
import type pg from 'pg';
import { amountOnWire } from '../amount.ts';
import type { Credential } from '../auth/api-key.ts';
import { instantSql, type Instant } from '../instant.ts';
import type { ListEntries } from '../schemas/ledger.ts';
import { entryOnWire, onNormalSide, type Side } from './entry.ts';
import { entryId, transactionId, type AccountKey, type EntryKey } from './ids.ts';
import { pageOf } from './page.ts';
import { settledUpTo } from './settled.ts';

type Database = Pick<pg.Pool, 'query'>;

interface EntryRow {
  transaction_id: bigint;
  line: number;
  amount: bigint;
  /** Of the account right after this entry, debits minus credits. */
  balance: bigint;
  at: Instant;
  event: string;
  payment_id: string | null;
  operation_id: string | null;
}

/**
 * One page of an account's entries, newest first in the order of the ledger, each with the balance
 * right after it; null when there is no such account.
 * @throws Problem when the cursor is not one of this account's entries.
 */
export async function listEntries(
  database: Database,
  credential: Credential,
  account: AccountKey,
  wish: ListEntries,
): Promise<Record<string, unknown> | null> {
  const { merchant, mode } = credential;
  const { rows: accounts } = await database.query<{ normal_side: Side }>({
    name: 'find_ledger_account',
    text: `select normal_side from ledger_accounts
           where merchant_id = $1 and mode = $2 and code = $3 and currency = $4`,
    values: [merchant, mode, account.code, account.currency],
  });
  const side = accounts[0]?.normal_side;
  if (side === undefined) return null;
  await checkCursor(wish, 'entry of this account', (cursor) =>
    isEntry(database, credential, account, cursor),
  );
  const { text, values } = entriesQuery(credential, account, wish, await settledUpTo(database));
  const { rows } = await database.query<EntryRow>({ text, values: [...values] });
  return pageOf(wish, rows, (row) => ({
    id: entryId(row.transaction_id, row.line),
    object: 'ledger_entry',
    transaction: transactionId(row.transaction_id),
    at: row.at,
    event: row.event,
    payment: row.payment_id,
    operation: row.operation_id,
    ...entryOnWire(account.code, account.currency, row.amount),
    balance: amountOnWire(onNormalSide(row.balance, side)),
  }));
}

async function isEntry(
  database: Database,
  { merchant, mode }: Credential,
  { code, currency }: AccountKey,
  { transaction, line }: EntryKey,
): Promise<boolean> {
  const { rowCount } = await database.query({
    name: 'find_ledger_entry',
    text: `select from ledger_postings
           where merchant_id = $1 and mode = $2 and code = $3 and currency = $4 and transaction_id = $5 and line = $6`,
    values: [merchant, mode, code, currency, transaction, line],
  });
  return rowCount === 1;
}

/**
 * The balance after the newest entry of the page is today's without everything newer than that entry
 * (what is not settled yet included); those after the older ones follow from it. One statement, so
 * one snapshot; the sum reads the index alone.
 */
function entriesQuery(
  { merchant, mode }: Credential,
  { code, currency }: AccountKey,
  wish: ListEntries,
  settled: bigint,
): { readonly text: string; readonly values: readonly unknown[] } {
  const { limit, starting_after: after, ending_before: before } = wish;
  const values: unknown[] = [merchant, mode, code, currency, settled, limit + 1];
  const account = 'merchant_id = $1 and mode = $2 and code = $3 and currency = $4';
  let page = `select transaction_id, line, amount from ledger_postings where ${account} and transaction_id <= $5`;
  const cursor = before ?? after;
  if (cursor !== undefined) {
    values.push(cursor.transaction, cursor.line);
    page += ` and (transaction_id, line) ${before === undefined ? '<' : '>'} ($7::bigint, $8::integer)`;
  }
  const order = before === undefined ? 'desc' : 'asc';
  page += ` order by transaction_id ${order}, line ${order} limit $6`;
  const text = `
    with page as materialized (${page}),
    newest as materialized (select transaction_id, line from page order by transaction_id desc, line desc limit 1),
    after_newest as (
      select coalesce((select sum(balance) from ledger_balances where ${account}), 0)
           - coalesce((select sum(amount) from ledger_postings where ${account}
               and (transaction_id, line) > ((select transaction_id from newest), (select line from newest))), 0) as balance
    )
    select page.transaction_id, page.line, page.amount, t.event, ${instantSql('t.at')} as at, t.payment_id, t.operation_id,
           (after_newest.balance - coalesce(sum(page.amount) over (
              order by page.transaction_id desc, page.line desc rows between unbounded preceding and 1 preceding), 0)
           )::bigint as balance
    from page cross join after_newest
    join ledger_transactions t on t.merchant_id = $1 and t.id = page.transaction_id
    order by page.transaction_id desc, page.line desc`;
  return { text, values };
}
