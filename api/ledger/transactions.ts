import { checkCursor } from '../lists/cursor.ts';
import type pg from 'pg';
import type { Credential } from '../auth/api-key.ts';
import { instantSql, type Instant } from '../instant.ts';
import type { ListTransactions } from '../schemas/ledger.ts';
import { entryOnWire } from './entry.ts';
import { transactionId } from './ids.ts';
import { pageOf } from './page.ts';
import { settledUpTo } from './settled.ts';

type Database = Pick<pg.Pool, 'query'>;

interface TransactionRow {
  id: bigint;
  event: string;
  at: Instant;
  payment_id: string | null;
  operation_id: string | null;
  attempt_id: string | null;
}

interface LegRow {
  transaction_id: bigint;
  code: string;
  currency: string;
  amount: bigint;
}

const COLUMNS = `t.id, t.event, ${instantSql('t.at')} as at, t.payment_id, t.operation_id, t.attempt_id`;

const LEGS = `
  select transaction_id, code, currency, amount from ledger_postings
  where merchant_id = $1 and transaction_id = any ($2::bigint[])
  order by transaction_id, line`;

/**
 * One page of the merchant's transactions, newest first in the order of the ledger, up to where the
 * ledger is settled: read from page to page, in either direction, none is missed and none comes twice.
 * @throws Problem when the cursor is not one of this ledger's transactions.
 */
export async function listTransactions(
  database: Database,
  credential: Credential,
  wish: ListTransactions,
): Promise<Record<string, unknown>> {
  await checkCursor(
    wish,
    'transaction of this ledger',
    async (cursor) => (await readTransaction(database, credential, cursor)) !== null,
  );
  const { text, values } = listQuery(credential, wish, await settledUpTo(database));
  const { rows } = await database.query<TransactionRow>({ text, values: [...values] });
  const legs = await readLegs(database, credential, rows);
  return pageOf(wish, rows, (row) => onWire(row, legs));
}

/** One transaction of this merchant and mode; null when there is none with this id. */
export async function readTransaction(
  database: Database,
  credential: Credential,
  id: bigint,
): Promise<Record<string, unknown> | null> {
  const { merchant, mode } = credential;
  const { rows } = await database.query<TransactionRow>({
    name: 'read_ledger_transaction',
    text: `select ${COLUMNS} from ledger_transactions t where t.merchant_id = $1 and t.mode = $2 and t.id = $3`,
    values: [merchant, mode, id],
  });
  const [row] = rows;
  return row === undefined ? null : onWire(row, await readLegs(database, credential, rows));
}

/**
 * Only what is asked stands in the statement, and it is planned anew with its values: whether an
 * account or an event is rare decides which index is good.
 */
function listQuery(
  { merchant, mode }: Credential,
  wish: ListTransactions,
  settled: bigint,
): { readonly text: string; readonly values: readonly unknown[] } {
  const values: unknown[] = [merchant, mode, settled];
  const put = (value: unknown): string => `$${values.push(value)}`;
  const where = ['t.merchant_id = $1', 't.mode = $2', 't.id <= $3'];
  if (wish.payment !== undefined) where.push(`t.payment_id = ${put(wish.payment)}`);
  if (wish.event !== undefined) where.push(`t.event = ${put(wish.event)}`);
  if (wish.at_after !== undefined) where.push(`t.at > ${put(wish.at_after)}::timestamptz`);
  if (wish.at_before !== undefined) where.push(`t.at < ${put(wish.at_before)}::timestamptz`);
  if (wish.starting_after !== undefined) where.push(`t.id < ${put(wish.starting_after)}`);
  if (wish.ending_before !== undefined) where.push(`t.id > ${put(wish.ending_before)}`);
  const leg: string[] = [];
  if (wish.account !== undefined) leg.push(`p.code = ${put(wish.account.code)}`);
  if (wish.account?.currency != null) leg.push(`p.currency = ${put(wish.account.currency)}`);
  if (wish.currency !== undefined) leg.push(`p.currency = ${put(wish.currency)}`);
  if (leg.length > 0) {
    where.push(`exists (select from ledger_postings p
      where p.merchant_id = $1 and p.mode = $2 and p.transaction_id = t.id and ${leg.join(' and ')})`);
  }
  const page = `
    select ${COLUMNS} from ledger_transactions t where ${where.join(' and ')}
    order by t.id ${wish.ending_before === undefined ? 'desc' : 'asc'} limit ${put(wish.limit + 1)}`;
  return { text: `select * from (${page}) t order by t.id desc`, values };
}

async function readLegs(
  database: Database,
  { merchant }: Credential,
  transactions: readonly TransactionRow[],
): Promise<Map<bigint, LegRow[]>> {
  const { rows } = await database.query<LegRow>({
    name: 'read_ledger_legs',
    text: LEGS,
    values: [merchant, transactions.map(({ id }) => id)],
  });
  const legs = new Map<bigint, LegRow[]>();
  for (const row of rows) {
    const known = legs.get(row.transaction_id);
    if (known === undefined) legs.set(row.transaction_id, [row]);
    else known.push(row);
  }
  return legs;
}

function onWire(row: TransactionRow, legs: ReadonlyMap<bigint, readonly LegRow[]>): Record<string, unknown> {
  return {
    id: transactionId(row.id),
    object: 'ledger_transaction',
    event: row.event,
    at: row.at,
    payment: row.payment_id,
    operation: row.operation_id,
    attempt: row.attempt_id,
    entries: (legs.get(row.id) ?? []).map(({ code, currency, amount }) =>
      entryOnWire(code, currency, amount),
    ),
  };
}
