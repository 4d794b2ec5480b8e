import type pg from 'pg';
import { amountOnWire } from '../amount.ts';
import type { Credential } from '../auth/api-key.ts';
import type { Route } from '../call.ts';

const BALANCES = `
  select b.code, b.currency, b.balance, a.normal_side
  from ledger_balances b
  join ledger_accounts a using (merchant_id, mode, code, currency)
  where b.merchant_id = $1 and b.mode = $2
  order by b.code, b.currency`;

// From the postings themselves, not from the balances that they move.
const TRIAL_BALANCE = `
  select currency,
         coalesce(sum(amount) filter (where amount > 0), 0)::text as debits,
         coalesce(-sum(amount) filter (where amount < 0), 0)::text as credits
  from ledger_postings
  where merchant_id = $1 and mode = $2
  group by currency
  order by currency`;

type Database = Pick<pg.Pool, 'query'>;

/** The caller's own ledger: every account's balance, and that debits equal credits. */
export function ledgerRoutes(database: Database): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/balances',
      handle: async ({ credential }) => ({
        status: 200,
        body: JSON.stringify(await readBalances(database, credential)),
      }),
    },
    {
      method: 'GET',
      path: '/v1/ledger/trial-balance',
      handle: async ({ credential }) => ({
        status: 200,
        body: JSON.stringify(await readTrialBalance(database, credential)),
      }),
    },
  ];
}

/** Each balance is positive on its account's normal side. */
async function readBalances(
  database: Database,
  { merchant, mode }: Credential,
): Promise<Record<string, unknown>> {
  const { rows } = await database.query<{
    code: string;
    currency: string;
    balance: bigint;
    normal_side: 'debit' | 'credit';
  }>({
    name: 'read_balances',
    text: BALANCES,
    values: [merchant, mode],
  });
  return {
    object: 'list',
    data: rows.map(({ code, currency, balance, normal_side: side }) => ({
      object: 'balance',
      account: code,
      currency,
      normal_side: side,
      balance: amountOnWire(side === 'debit' ? balance : -balance),
    })),
  };
}

async function readTrialBalance(
  database: Database,
  { merchant, mode }: Credential,
): Promise<Record<string, unknown>> {
  const { rows } = await database.query<{ currency: string; debits: string; credits: string }>({
    name: 'read_trial_balance',
    text: TRIAL_BALANCE,
    values: [merchant, mode],
  });
  const currencies = rows.map(({ currency, debits, credits }) => ({
    currency,
    debits: amountOnWire(BigInt(debits)),
    credits: amountOnWire(BigInt(credits)),
    balanced: debits === credits,
  }));
  return {
    object: 'trial_balance',
    mode,
    balanced: currencies.every(({ balanced }) => balanced),
    currencies,
  };
}
