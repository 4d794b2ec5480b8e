import type pg from 'pg';
import type { Problems } from './problems.ts';

/** One partition of each of the two tables. */
export interface AccountTables {
  readonly ledger_postings: string;
  readonly ledger_balances: string;
}

/** Numbers are texts: JSON has none that are large enough. */
interface BrokenAccount {
  merchant_id: string;
  mode: string;
  code: string;
  currency: string;
  stripe: number;
  balance: string | null;
  last_sequence: string | null;
  posted: string;
  postings: string;
  highest: string;
}

/** Accounts told of one partition. */
const TOLD = 20;

/**
 * Every account of a partition, stripe by stripe: its balance is the sum of its postings, and their
 * sequence goes from 1 to the last one without a gap (that no number is taken twice is a unique key's
 * promise).
 * @returns how many accounts there are.
 */
export async function verifyAccounts(
  client: pg.ClientBase,
  tables: AccountTables,
  problems: Problems,
): Promise<bigint> {
  const { rows } = await client.query<{ accounts: bigint; broken: readonly BrokenAccount[] | null }>(`
    select count(distinct (merchant_id, mode, code, currency)) as accounts, (array_agg(to_json(a)) filter (where a.broken))[1:${TOLD}] as broken
    from (
      select merchant_id, mode, code, currency, stripe, b.balance::text, b.last_sequence::text, coalesce(p.posted, 0)::text as posted,
             coalesce(p.postings, 0)::text as postings, coalesce(p.highest, 0)::text as highest,
             b.balance is distinct from coalesce(p.posted, 0) or b.last_sequence is distinct from coalesce(p.highest, 0)
               or coalesce(p.highest, 0) <> coalesce(p.postings, 0) or p.lowest <> 1 as broken
      from (
        select merchant_id, mode, code, currency, stripe, sum(amount) as posted, count(*) as postings,
               max(account_sequence) as highest, min(account_sequence) as lowest
        from ${tables.ledger_postings} group by merchant_id, mode, code, currency, stripe
      ) p
      full join ${tables.ledger_balances} b using (merchant_id, mode, code, currency, stripe)
    ) a`);
  const [answer] = rows;
  for (const account of answer?.broken ?? []) await tell(client, tables, account, problems);
  return answer?.accounts ?? 0n;
}

async function tell(
  client: pg.ClientBase,
  tables: AccountTables,
  account: BrokenAccount,
  problems: Problems,
): Promise<void> {
  const { merchant_id, mode, code, currency, stripe, balance, last_sequence, posted, postings, highest } =
    account;
  const name = `account ${code} ${currency} of ${merchant_id} (${mode})${stripe === 0 ? '' : `, stripe ${stripe},`}`;
  if (postings !== highest) {
    const { rows } = await client.query<{ missing: bigint }>(
      `select n as missing from (
         select account_sequence, row_number() over (order by account_sequence) as n from ${tables.ledger_postings}
         where merchant_id = $1 and mode = $2 and code = $3 and currency = $4 and stripe = $5
       ) numbered where account_sequence <> n order by n limit 1`,
      [merchant_id, mode, code, currency, stripe],
    );
    problems.add(
      'sequence',
      `${name} has ${postings} postings numbered up to ${highest}: number ${rows[0]?.missing ?? '?'} is missing`,
    );
  }
  if (last_sequence === null) problems.add('balance', `${name} has ${postings} postings and no balance`);
  else if (last_sequence !== highest)
    problems.add(
      'sequence',
      `${name} has handed out numbers up to ${last_sequence}, and its postings go up to ${highest}`,
    );
  if (balance !== null && balance !== posted)
    problems.add('balance', `${name} has a balance of ${balance}, and its postings sum up to ${posted}`);
}
