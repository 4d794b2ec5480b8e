import type pg from 'pg';
import { amountOnWire } from '../amount.ts';
import type { Credential } from '../auth/api-key.ts';
import { instantSql, type Instant } from '../instant.ts';
import { onNormalSide, type Side } from './entry.ts';
import { accountId } from './ids.ts';

export interface AccountBalance {
  readonly code: string;
  readonly currency: string;
  readonly normalSide: Side;
  readonly opened: Instant;
  readonly closed: Instant | null;
  /** Debits minus credits, in minor units. */
  readonly sum: bigint;
}

// A balance of the past is today's without what came after: exact, and as cheap as the instant is near.
// One statement, so one snapshot: balances and the postings that moved them are of the same moment.
const BALANCES = `
  select a.code, a.currency, a.normal_side, ${instantSql('a.opened_at')} as opened, ${instantSql('a.closed_at')} as closed,
         (coalesce(b.balance, 0) - coalesce(later.amount, 0))::bigint as sum
  from ledger_accounts a
  left join (
    select code, currency, sum(balance) as balance
    from ledger_balances where merchant_id = $1 and mode = $2
    group by code, currency
  ) b using (code, currency)
  left join (
    select p.code, p.currency, sum(p.amount) as amount
    from ledger_transactions t join ledger_postings p on p.merchant_id = t.merchant_id and p.mode = t.mode and p.transaction_id = t.id
    where t.merchant_id = $1 and t.mode = $2 and t.at > $3::timestamptz
    group by p.code, p.currency
  ) later using (code, currency)
  where a.merchant_id = $1 and a.mode = $2
  order by a.code, a.currency`;

/** Every account's balance over the transactions with `at` up to the instant; null = all there are. */
export async function readBalances(
  database: Pick<pg.Pool, 'query'>,
  { merchant, mode }: Credential,
  at: Instant | null,
): Promise<AccountBalance[]> {
  const { rows } = await database.query<Omit<AccountBalance, 'normalSide'> & { normal_side: Side }>({
    text: BALANCES,
    values: [merchant, mode, at ?? 'infinity'],
  });
  return rows.map(({ normal_side: normalSide, ...row }) => ({ ...row, normalSide }));
}

export function balanceOnWire({ code, currency, normalSide, sum }: AccountBalance): Record<string, unknown> {
  return {
    object: 'balance',
    account_id: accountId(code, currency),
    account: code,
    currency,
    normal_side: normalSide,
    balance: amountOnWire(onNormalSide(sum, normalSide)),
  };
}

export function accountOnWire(account: AccountBalance): Record<string, unknown> {
  const { account_id: id, ...balance } = balanceOnWire(account);
  return { ...balance, object: 'ledger_account', id, opened: account.opened, closed: account.closed };
}
