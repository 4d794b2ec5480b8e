import { amountOnWire } from '../amount.ts';
import { csvRecord, type CsvCell } from '../csv.ts';
import { accountId, entryId, transactionId } from './ids.ts';
import type { Statement, StatementAccount, StatementLine } from './statement.ts';

const COLUMNS = [
  'record',
  'account_id',
  'currency',
  'at',
  'entry',
  'transaction',
  'event',
  'payment',
  'operation',
  'order_reference',
  'description',
  'side',
  'amount',
  'balance',
] as const;
type Columns = Partial<Record<(typeof COLUMNS)[number], CsvCell>>;

const recordOf = (cells: Columns): string => csvRecord(COLUMNS.map((column) => cells[column] ?? null));

/** RFC 4180 with a header: opening balances, entries, closing balances. Without the last ones it is not whole. */
export async function* statementCsv(statement: Statement): AsyncGenerator<string> {
  const { accounts, period } = statement;
  const balance = (record: string, account: StatementAccount, at: string, amount: bigint): string =>
    recordOf({
      record,
      account_id: accountId(account.code, account.currency),
      currency: account.currency,
      at,
      balance: amount,
    });
  yield (
    csvRecord(COLUMNS) +
    accounts.map((account) => balance('opening_balance', account, period.from, account.opening)).join('')
  );
  for await (const lines of statement.batches()) yield lines.map(csvLine).join('');
  yield accounts.map((account) => balance('closing_balance', account, period.to, account.closing)).join('');
}

function csvLine(line: StatementLine): string {
  return recordOf({
    record: 'entry',
    account_id: accountId(line.code, line.currency),
    currency: line.currency,
    at: line.at,
    entry: entryId(line.transaction, line.line),
    transaction: transactionId(line.transaction),
    event: line.event,
    payment: line.payment,
    operation: line.operation,
    order_reference: line.orderReference,
    description: line.description,
    side: line.side,
    amount: line.amount,
    balance: line.balance,
  });
}

/** One JSON document; cut off anywhere, it is not JSON. */
export async function* statementJson(statement: Statement): AsyncGenerator<string> {
  const { accounts, period, mode } = statement;
  const balances = (amountOf: (account: StatementAccount) => bigint): string =>
    JSON.stringify(
      accounts.map((account) => ({
        account_id: accountId(account.code, account.currency),
        account: account.code,
        currency: account.currency,
        normal_side: account.normalSide,
        balance: amountOnWire(amountOf(account)),
      })),
    );
  yield (
    `{"object":"ledger_statement","mode":"${mode}","from":"${period.from}","to":"${period.to}",` +
    `"opening_balances":${balances(({ opening }) => opening)},\n"entries":[`
  );
  let separator = '\n';
  for await (const lines of statement.batches()) {
    yield separator + lines.map((line) => JSON.stringify(jsonLine(line))).join(',\n');
    separator = ',\n';
  }
  yield `],\n"closing_balances":${balances(({ closing }) => closing)}}\n`;
}

function jsonLine(line: StatementLine): Record<string, unknown> {
  return {
    id: entryId(line.transaction, line.line),
    object: 'ledger_entry',
    transaction: transactionId(line.transaction),
    at: line.at,
    event: line.event,
    payment: line.payment,
    operation: line.operation,
    order_reference: line.orderReference,
    description: line.description,
    account_id: accountId(line.code, line.currency),
    account: line.code,
    side: line.side,
    amount: amountOnWire(line.amount),
    currency: line.currency,
    balance: amountOnWire(line.balance),
  };
}
