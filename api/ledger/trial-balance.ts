import type pg from 'pg';
import { amountOnWire } from '../amount.ts';
import type { Credential } from '../auth/api-key.ts';
import type { Instant } from '../instant.ts';
import { onNormalSide, type Side } from './entry.ts';
import { accountId } from './ids.ts';

interface TurnoverRow {
  code: string;
  currency: string;
  normal_side: Side;
  debits: string;
  credits: string;
}

// From the postings themselves, not from the balances that they move: the two can be held against each other.
const turnoverOf = (postings: string): string => `
  select a.code, a.currency, a.normal_side, p.debits::text, p.credits::text
  from (
    select p.code, p.currency,
           coalesce(sum(p.amount) filter (where p.amount > 0), 0) as debits,
           coalesce(-sum(p.amount) filter (where p.amount < 0), 0) as credits
    from ${postings}
    group by p.code, p.currency
  ) p
  join ledger_accounts a on a.merchant_id = $1 and a.mode = $2 and a.code = p.code and a.currency = p.currency
  order by a.code, a.currency`;
const TURNOVER = turnoverOf('ledger_postings p where p.merchant_id = $1 and p.mode = $2');
const TURNOVER_AT = turnoverOf(`ledger_transactions t
    join ledger_postings p on p.merchant_id = t.merchant_id and p.mode = t.mode and p.transaction_id = t.id
    where t.merchant_id = $1 and t.mode = $2 and t.at <= $3::timestamptz`);

/** What was debited and credited, per account and per currency, up to the instant; null = all there is. */
export async function readTrialBalance(
  database: Pick<pg.Pool, 'query'>,
  { merchant, mode }: Credential,
  at: Instant | null,
): Promise<Record<string, unknown>> {
  const { rows } = await database.query<TurnoverRow>(
    at === null
      ? { text: TURNOVER, values: [merchant, mode] }
      : { text: TURNOVER_AT, values: [merchant, mode, at] },
  );
  const totals = new Map<string, { debits: bigint; credits: bigint }>();
  for (const { currency, debits, credits } of rows) {
    const total = totals.get(currency) ?? { debits: 0n, credits: 0n };
    total.debits += BigInt(debits);
    total.credits += BigInt(credits);
    totals.set(currency, total);
  }
  const currencies = [...totals]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([currency, { debits, credits }]) => ({
      currency,
      debits: amountOnWire(debits),
      credits: amountOnWire(credits),
      balanced: debits === credits,
    }));
  return {
    object: 'trial_balance',
    mode,
    at,
    balanced: currencies.every(({ balanced }) => balanced),
    currencies,
    accounts: rows.map(accountOnWire),
  };
}

function accountOnWire({ code, currency, normal_side: side, ...row }: TurnoverRow): Record<string, unknown> {
  const debits = BigInt(row.debits);
  const credits = BigInt(row.credits);
  return {
    account_id: accountId(code, currency),
    account: code,
    currency,
    normal_side: side,
    debits: amountOnWire(debits),
    credits: amountOnWire(credits),
    balance: amountOnWire(onNormalSide(debits - credits, side)),
  };
}
