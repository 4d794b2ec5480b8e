import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrate } from '../platform/migrate.ts';
import { newId } from '../platform/new-id.ts';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { createDatabase, type TestDatabase } from '../temporal-dev/testing/database.ts';
import { migrateMain } from './migrate.ts';
import type { PaymentId } from '../workflows/domain/ids.ts';
import { recordParts } from './testing/change-document.ts';
import { insert, newPayment } from './testing/main-database.ts';
import { idMadeAt, monthName, monthsAgo } from './testing/old-ids.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: a database from before the cut by time keeps every row when it is brought up, and goes on. */

const SCHEMA = import.meta.dirname;
const TABLES = ['payment_history', 'events', 'deliveries', 'delivery_attempts'] as const;
const merchant = newId('mer');
const endpoint = newId('whe');
const births = [monthsAgo(7), new Date(monthsAgo(6).getTime() - 1), monthsAgo(2), new Date()];
const payments = births.map((at) => idMadeAt('pay', at) as PaymentId);
const LINE = {
  merchant_id: merchant,
  at: new Date(),
  event: 'e',
  status: 's',
  detail: {},
  workflow_run_id: 'r',
};

let database: TestDatabase;
let folder: string;
let owner: pg.Pool;
let worker: pg.Pool;

/** Only the files that such a database was made of; no functions, which are as they are now. */
async function migrateToBefore(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  for (const file of await readdir(join(SCHEMA, 'migrations')))
    if (file < '0010') await cp(join(SCHEMA, 'migrations', file), join(folder, file));
  await migrate(database.ownerUrl, { migrations: folder });
}

/** A payment of two steps with an event of the first, its delivery and one attempt of that. */
async function addWhole(payment: PaymentId, born: Date): Promise<void> {
  await insert(owner, 'payments', { ...newPayment(merchant, payment), version: 2 });
  for (const [index, cause] of ['begin', 'go on'].entries())
    await insert(owner, 'payment_history', { ...LINE, payment_id: payment, version: index + 1, cause });
  const event = idMadeAt('evt', born);
  await insert(owner, 'events', {
    merchant_id: merchant,
    id: event,
    mode: 'test',
    payment_id: payment,
    version: 1,
    type: 'payment.failed',
    body: '{"\u00e9":"\\\\"}',
    created_at: born,
  });
  const delivery = `dlv_${event.slice(4)}_${endpoint.slice(4)}`;
  await insert(owner, 'deliveries', {
    merchant_id: merchant,
    id: delivery,
    event_id: event,
    endpoint_id: endpoint,
    created_at: born,
  });
  await insert(owner, 'delivery_attempts', {
    merchant_id: merchant,
    delivery_id: delivery,
    number: 1,
    at: born,
    response_status: 500,
    error: 'no',
    latency_ms: 7,
  });
}

const tableRows = async (table: string): Promise<unknown[]> =>
  (
    await owner.query<{ row: unknown }>(
      // What a later migration adds is no part of what was there.
      `select to_jsonb(t) - '{written_in,api_version,sent_body,order_key,order_at,traceparent,waits_for}'::text[] as row from ${table} t order by to_jsonb(t)::text`,
    )
  ).rows;

beforeAll(async () => {
  database = await createDatabase(await readRunFile(stackRunFile()), { schema: 'none' });
  owner = new pg.Pool({ connectionString: database.ownerUrl, max: 2 });
  worker = new pg.Pool({ connectionString: database.workerUrl, max: 2 });
  await migrateToBefore();
  await insert(owner, 'merchants', { id: merchant, name: 'An old shop', country: 'NL', mcc: '5732' });
  await insert(owner, 'webhook_endpoints', {
    merchant_id: merchant,
    id: endpoint,
    mode: 'test',
    url: 'https://shop.example/',
    sealed_secret: {},
  });
  for (const [index, id] of payments.entries()) await addWhole(id, births[index] ?? new Date());
  await insert(owner, 'payment_history', { ...LINE, payment_id: 'pay_x', version: 1, cause: 'of no time' });
});
afterAll(async () => {
  await Promise.all([owner.end(), worker.end()]);
  await database.drop();
  await rm(folder, { recursive: true });
});

it('carries every row over into its month, and everything goes on', async () => {
  const before = await Promise.all(TABLES.map(tableRows));
  expect(before.map((rows) => rows.length)).toEqual([2 * payments.length + 1, 4, 4, 4]);

  await migrateMain(database.ownerUrl);

  expect(await Promise.all(TABLES.map(tableRows))).toEqual(before);
  const { rows: places } = await owner.query<{ place: string; rows: number }>(
    `select tableoid::regclass::text as place, count(*)::integer as rows from payment_history group by 1 order by 1`,
  );
  const months = [7, 2, 0].map((ago) => `payment_history_${monthName(monthsAgo(ago))}`);
  expect(places).toEqual([
    { place: months[0], rows: 4 },
    { place: months[1], rows: 2 },
    { place: months[2], rows: 2 },
    { place: 'payment_history_unordered', rows: 1 },
  ]);
  const { rows: cut } = await owner.query<{ parent: string; partitions: number }>(
    'select parent, count(*)::integer as partitions from time_partitions group by 1 order by 1',
  );
  // Seven months ago until six ahead, and both ends.
  expect(cut).toEqual([...TABLES].sort().map((parent) => ({ parent, partitions: 7 + 1 + 6 + 2 })));
  expect((await owner.query("select from pg_namespace where nspname = 'by_merchant'")).rowCount).toBe(0);

  for (const payment of payments) {
    expect(await recordParts(worker, merchant, payment, { cause: 'go on', expected_version: 2 })).toBe(
      'repeated',
    );
    expect(await recordParts(worker, merchant, payment, { cause: 'after', expected_version: 2 })).toBe(
      'applied',
    );
  }
  await worker.query("update deliveries set state = 'delivered', concluded_at = now()");
  expect(
    (await refusalOf(worker.query("update deliveries set state = 'pending', concluded_at = null"))).message,
  ).toContain('is delivered: it cannot become pending');
  for (const table of ['payment_history', 'events', `events_${monthName(new Date())}`])
    expect((await refusalOf(owner.query(`delete from ${table}`))).message).toContain('is append-only');
});

it('changes nothing when it is run again', async () => {
  const before = await Promise.all(TABLES.map(tableRows));
  await migrateMain(database.ownerUrl);
  expect(await Promise.all(TABLES.map(tableRows))).toEqual(before);
});
