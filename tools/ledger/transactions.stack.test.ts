import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openMainDatabase, type MainDatabase } from '../../schema/testing/main-database.ts';
import { untilSealable } from '../../temporal-dev/testing/until-sealable.ts';
import { Problems, type Problem } from './problems.ts';
import { partitionsOf } from './snapshot.ts';
import type { Sealed } from './suspects.ts';
import { generateLedger } from './testing/generate.ts';
import { BATCH, TAMPERINGS } from './testing/tamperings.ts';
import { verifyTransactions } from './transactions.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/** The promise: where one page ends and the next begins, nothing is lost, counted twice or looked over. */

const TABLES = ['ledger_transactions', 'ledger_postings', 'ledger_sealed', 'ledger_balances'] as const;
const WHOLE = 4_096;

let database: MainDatabase;
let client: pg.PoolClient;
beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
  client = await database.superuser.connect();
  await generateLedger(client, { merchants: 3, payments: 30 });
  await untilSealable(client);
  for (let seals = 0; seals < 3; seals += 1) await client.query('select from seal_ledger($1)', [BATCH]);
});
afterAll(async () => {
  client.release();
  await database.close();
});
beforeEach(() => client.query('begin; set local session_replication_role = replica'));

/** All partitions in pages of that size, as the transaction that is open sees them, which is undone. */
async function verify(pageSizes: readonly number[]): Promise<readonly object[]> {
  try {
    const { rows } = await client.query<NonNullable<Sealed['upTo']>>(
      'select last_xact::text as xact, last_merchant_id as merchant_id, last_transaction_id as id from ledger_seals order by number desc limit 1',
    );
    const sealed = { upTo: rows[0] ?? null, textSeals: 0n };
    const found = [];
    for (const pageSize of pageSizes) {
      const problems = new Problems();
      const total = { accounts: 0n, transactions: 0n, postings: 0n, unsealed: 0n, sealed: 0n };
      for (const tables of await partitionsOf(client, TABLES))
        total.accounts += await verifyTransactions(
          client,
          tables,
          sealed,
          problems,
          (page) => {
            for (const count of ['transactions', 'postings', 'unsealed', 'sealed'] as const)
              total[count] += page[count];
          },
          pageSize,
        );
      found.push({ total, problems: problems.list().toSorted(byText), count: problems.count });
    }
    return found;
  } finally {
    await client.query('rollback');
  }
}
const byText = (one: Problem, other: Problem): number => (one.text < other.text ? -1 : 1);

describe('pages of any size', () => {
  it('of an honest ledger are whole, and what is counted is all that there is', async () => {
    const { rows } = await client.query<{ total: object }>(
      `select json_build_object('transactions', (select count(*) from ledger_transactions), 'sealed', (select count(*) from ledger_sealed),
        'postings', (select count(*) from ledger_postings), 'accounts', (select count(distinct (merchant_id, code, currency)) from ledger_balances)) as total`,
    );
    for (const found of await verify([1, 2, 3, 7, WHOLE]))
      expect(
        JSON.parse(
          JSON.stringify(found, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
        ),
      ).toMatchObject({
        problems: [],
        total: { ...rows[0]?.total },
      });
  });

  it.each(TAMPERINGS)('find as much as one page does: $what', async ({ sql }) => {
    await client.query(sql);
    const [whole, ...others] = await verify([WHOLE, 1, 3, 20]);
    for (const other of others) expect(other).toEqual(whole);
  });
});
