import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordParts, twoLegs } from './testing/change-document.ts';
import { openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: what happened is never written over. By permission for the application, by trigger for the owner. */

let database: MainDatabase;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
  // Partitions that are made later are guarded like those of the migrations.
  await database.worker.query('select keep_partitions(9)');
  const payment = await database.addPayment();
  await recordParts(database.worker, database.shop.merchant, payment, {
    transactions: [twoLegs('auth_1:authorized', 500)],
    events: [{ id: 'evt_1', mode: 'test', type: 'payment.authorized', body: '{}' }],
  });
});
afterAll(() => database.close());

const COLUMNS = {
  ledger_postings: 'amount = amount',
  ledger_transactions: 'event = event',
  payment_history: 'event = event',
  events: 'body = body',
} as const satisfies Record<string, string>;

const CASES = Object.entries(COLUMNS).flatMap(([table, columns]) => [
  { table, operation: 'update', statement: (of: string) => `update ${of} set ${columns}` },
  { table, operation: 'delete', statement: (of: string) => `delete from ${of}` },
  { table, operation: 'truncate', statement: (of: string) => `truncate ${of}` },
]);

/** The table itself and each of its partitions: a statement may name either. */
async function relations(table: string): Promise<string[]> {
  const { rows } = await database.owner.query<{ relation: string }>(
    'select relid::text as relation from pg_partition_tree($1::regclass)',
    [table],
  );
  expect(rows.length).toBeGreaterThan(8);
  return rows.map(({ relation }) => relation);
}

describe('history, ledger and events', () => {
  it.each(CASES)('refuse $operation of $table to api and worker', async ({ table, statement }) => {
    for (const pool of [database.api, database.worker]) {
      for (const relation of await relations(table)) {
        const refused = await refusalOf(pool.query(statement(relation)));
        expect(refused).toMatchObject({
          code: 'insufficient_privilege',
          message: `permission denied for table ${relation} `,
        });
      }
    }
  });

  it.each(CASES)('refuse $operation of $table to the owner', async ({ table, operation, statement }) => {
    for (const relation of await relations(table)) {
      const refused = await refusalOf(database.owner.query(statement(relation)));
      expect(refused).toMatchObject({
        code: 'insufficient_privilege',
        message: expect.stringMatching(
          new RegExp(
            `^${table}(_p\\d|_\\d{4}_\\d\\d|_before_\\d{4}_\\d\\d|_unordered)? is append-only: ${operation} refused; post a correcting entry instead`,
          ),
        ) as string,
      });
    }
  });

  it('are all still there', async () => {
    for (const [table, rows] of [
      ['ledger_postings', 2],
      ['ledger_transactions', 1],
      ['payment_history', 1],
      ['events', 1],
    ] as const) {
      expect((await database.owner.query(`select from ${table}`)).rowCount).toBe(rows);
    }
  });
});
