import type pg from 'pg';
import type { z } from 'zod';
import type { Call, Reply, Route } from '../call.ts';
import { jsonReply } from '../json-reply.ts';
import { COMPONENTS } from '../contract/components.ts';
import { route, type Taken } from '../contract/route.ts';
import { instantOf } from '../instant.ts';
import { accountOnWire, balanceOnWire, readBalances } from '../ledger/balances.ts';
import { listEntries } from '../ledger/entries.ts';
import { parseAccountId, parseTransactionId } from '../ledger/ids.ts';
import { statementCsv, statementJson } from '../ledger/statement-formats.ts';
import { openStatement } from '../ledger/statement.ts';
import { listTransactions, readTransaction } from '../ledger/transactions.ts';
import { readTrialBalance } from '../ledger/trial-balance.ts';
import { Problem, invalidFields } from '../problem.ts';
import * as schemas from '../schemas/ledger.ts';
import { createStatementSlots, type StatementSlots } from '../statement-slots.ts';
import type { StreamedReply } from '../streamed-reply.ts';

export interface LedgerRoutesOptions {
  readonly database: pg.Pool;
  /** Epoch ms. */
  readonly now: () => number;
}

const READS = { method: 'GET', tag: 'Ledger' } as const;

/** The caller's own ledger, and nobody else's: merchant and mode come from the credential alone. */
export function ledgerRoutes(options: LedgerRoutesOptions): readonly Route[] {
  const { database } = options;
  const slots = createStatementSlots();
  return [
    route({
      ...READS,
      path: '/v1/balances',
      id: 'listBalances',
      summary: 'Balances of all accounts',
      description: 'Now, or as of a moment.',
      query: schemas.pointInTime,
      answers: { 200: { description: 'Every account’s balance.', schema: COMPONENTS.BalanceList } },
      handle: (call) => balances(database, call, balanceOnWire),
    }),
    route({
      ...READS,
      path: '/v1/ledger/accounts',
      id: 'listLedgerAccounts',
      summary: 'Accounts with their balances',
      description: 'The same with when each account was opened and closed.',
      query: schemas.pointInTime,
      answers: { 200: { description: 'Every account.', schema: COMPONENTS.LedgerAccountList } },
      handle: (call) => balances(database, call, accountOnWire),
    }),
    route({
      ...READS,
      path: '/v1/ledger/accounts/:account/entries',
      id: 'listLedgerEntries',
      summary: 'Entries of one account',
      description: 'Newest first, each with the balance right after it.',
      query: schemas.listEntries,
      answers: { 200: { description: 'A page of entries.', schema: COMPONENTS.LedgerEntryList } },
      problems: ['ledger_account_not_found'],
      handle: (call) => entries(database, call),
    }),
    route({
      ...READS,
      path: '/v1/ledger/transactions',
      id: 'listLedgerTransactions',
      summary: 'Transactions with their entries',
      description:
        'Newest first in the order of the ledger; read from page to page every one comes exactly once.',
      query: schemas.listTransactions,
      answers: { 200: { description: 'A page of transactions.', schema: COMPONENTS.LedgerTransactionList } },
      handle: async ({ credential, parameters }) =>
        jsonReply(await listTransactions(database, credential, parameters)),
    }),
    route({
      ...READS,
      path: '/v1/ledger/transactions/:transaction',
      id: 'getLedgerTransaction',
      summary: 'Get a transaction',
      description: 'One transaction with its entries.',
      answers: { 200: { description: 'The transaction.', schema: COMPONENTS.LedgerTransaction } },
      problems: ['ledger_transaction_not_found'],
      handle: (call) => transaction(database, call),
    }),
    route({
      ...READS,
      path: '/v1/ledger/trial-balance',
      id: 'getTrialBalance',
      summary: 'Trial balance',
      description: 'Debits and credits per account and currency, added up from the entries themselves.',
      query: schemas.pointInTime,
      answers: { 200: { description: 'The trial balance.', schema: COMPONENTS.TrialBalance } },
      handle: async ({ credential, parameters: { at } }) =>
        jsonReply(await readTrialBalance(database, credential, at ?? null)),
    }),
    route({
      ...READS,
      path: '/v1/ledger/statement',
      id: 'getLedgerStatement',
      summary: 'Statement of a period',
      description: 'Opening balances, every entry with `from` < `at` ≤ `to`, closing balances; JSON or CSV.',
      query: schemas.statementQuery,
      answers: {
        200: {
          description: 'The statement, sent as it is read.',
          schema: COMPONENTS.LedgerStatement,
          otherMedia: { 'text/csv': 'RFC 4180 in UTF-8 with a header (docs/api.md).' },
        },
      },
      problems: ['too_many_statements'],
      handle: (call) => statement(options, slots, call),
    }),
  ];
}

async function balances(
  database: pg.Pool,
  { credential, parameters: { at } }: Taken<typeof schemas.pointInTime, z.ZodType>,
  onWire: typeof balanceOnWire,
): Promise<Reply> {
  const accounts = await readBalances(database, credential, at ?? null);
  return jsonReply({ object: 'list', at: at ?? null, data: accounts.map(onWire), has_more: false });
}

async function entries(
  database: pg.Pool,
  { credential, params, parameters }: Taken<typeof schemas.listEntries, z.ZodType>,
): Promise<Reply> {
  const account = parseAccountId(params['account'] ?? '');
  const page = account === null ? null : await listEntries(database, credential, account, parameters);
  if (page !== null) return jsonReply(page);
  throw new Problem(
    'ledger_account_not_found',
    'no ledger account with this id belongs to this key: take ids from GET /v1/ledger/accounts, and check whether the key is for test or live',
  );
}

async function transaction(database: pg.Pool, { credential, params }: Call): Promise<Reply> {
  const id = parseTransactionId(params['transaction'] ?? '');
  const found = id === null ? null : await readTransaction(database, credential, id);
  if (found !== null) return jsonReply(found);
  throw new Problem(
    'ledger_transaction_not_found',
    'no ledger transaction with this id belongs to this key: check the id, and whether the key is for test or live',
  );
}

async function statement(
  { database, now }: LedgerRoutesOptions,
  slots: StatementSlots,
  { credential, parameters }: Taken<typeof schemas.statementQuery, z.ZodType>,
): Promise<StreamedReply> {
  const { from, to: wished, account, format } = parameters;
  // What has not happened yet cannot be closed: the statement says up to when it goes.
  const present = instantOf(now());
  const to = wished === undefined || wished > present ? present : wished;
  if (from > to) {
    throw invalidFields([{ code: 'field_invalid', param: 'from', detail: 'from must not be in the future' }]);
  }
  const giveBack = slots.take(credential.merchant);
  try {
    const opened = await openStatement(database, credential, { from, to, account: account ?? null });
    return {
      status: 200,
      headers: {
        'content-type': format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/json',
        'content-disposition': `attachment; filename="statement.${format}"`,
      },
      chunks: format === 'csv' ? statementCsv(opened) : statementJson(opened),
      async close() {
        await opened.close();
        giveBack();
      },
    };
  } catch (error) {
    giveBack();
    throw error;
  }
}
