import type pg from 'pg';
import type { Call, Reply, Route } from '../call.ts';
import { instantOf } from '../instant.ts';
import { accountOnWire, balanceOnWire, readBalances } from '../ledger/balances.ts';
import { listEntries } from '../ledger/entries.ts';
import { parseAccountId, parseTransactionId } from '../ledger/ids.ts';
import { statementCsv, statementJson } from '../ledger/statement-formats.ts';
import { openStatement } from '../ledger/statement.ts';
import { listTransactions, readTransaction } from '../ledger/transactions.ts';
import { readTrialBalance } from '../ledger/trial-balance.ts';
import { Problem, invalidFields } from '../problem.ts';
import { parseQuery } from '../query.ts';
import * as schemas from '../schemas/ledger.ts';
import { createStatementSlots, type StatementSlots } from '../statement-slots.ts';
import type { StreamedReply } from '../streamed-reply.ts';

export interface LedgerRoutesOptions {
  readonly database: pg.Pool;
  /** Epoch ms. */
  readonly now: () => number;
}

/** The caller's own ledger, and nobody else's: merchant and mode come from the credential alone. */
export function ledgerRoutes(options: LedgerRoutesOptions): readonly Route[] {
  const { database } = options;
  const slots = createStatementSlots();
  return [
    { method: 'GET', path: '/v1/balances', handle: (call) => balances(database, call, balanceOnWire) },
    { method: 'GET', path: '/v1/ledger/accounts', handle: (call) => balances(database, call, accountOnWire) },
    {
      method: 'GET',
      path: '/v1/ledger/accounts/:account/entries',
      handle: (call) => entries(database, call),
    },
    {
      method: 'GET',
      path: '/v1/ledger/transactions',
      handle: async ({ credential, query }) =>
        json(await listTransactions(database, credential, parseQuery(schemas.listTransactions, query))),
    },
    {
      method: 'GET',
      path: '/v1/ledger/transactions/:transaction',
      handle: (call) => transaction(database, call),
    },
    {
      method: 'GET',
      path: '/v1/ledger/trial-balance',
      handle: async ({ credential, query }) => {
        const { at } = parseQuery(schemas.pointInTime, query);
        return json(await readTrialBalance(database, credential, at ?? null));
      },
    },
    { method: 'GET', path: '/v1/ledger/statement', handle: (call) => statement(options, slots, call) },
  ];
}

async function balances(
  database: pg.Pool,
  { credential, query }: Call,
  onWire: typeof balanceOnWire,
): Promise<Reply> {
  const { at } = parseQuery(schemas.pointInTime, query);
  const accounts = await readBalances(database, credential, at ?? null);
  return json({ object: 'list', at: at ?? null, data: accounts.map(onWire), has_more: false });
}

async function entries(database: pg.Pool, { credential, params, query }: Call): Promise<Reply> {
  const wish = parseQuery(schemas.listEntries, query);
  const account = parseAccountId(params['account'] ?? '');
  const page = account === null ? null : await listEntries(database, credential, account, wish);
  if (page !== null) return json(page);
  throw new Problem(
    'ledger_account_not_found',
    'no ledger account with this id belongs to this key: take ids from GET /v1/ledger/accounts, and check whether the key is for test or live',
  );
}

async function transaction(database: pg.Pool, { credential, params, query }: Call): Promise<Reply> {
  parseQuery(schemas.nothing, query);
  const id = parseTransactionId(params['transaction'] ?? '');
  const found = id === null ? null : await readTransaction(database, credential, id);
  if (found !== null) return json(found);
  throw new Problem(
    'ledger_transaction_not_found',
    'no ledger transaction with this id belongs to this key: check the id, and whether the key is for test or live',
  );
}

async function statement(
  { database, now }: LedgerRoutesOptions,
  slots: StatementSlots,
  { credential, query }: Call,
): Promise<StreamedReply> {
  const { from, to: wished, account, format } = parseQuery(schemas.statementQuery, query);
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

function json(body: Record<string, unknown>): Reply {
  return { status: 200, body: JSON.stringify(body) };
}
