import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { insert, openMainDatabase, type MainDatabase } from '../../schema/testing/main-database.ts';
import { monthName, monthsAgo } from '../../schema/testing/old-ids.ts';
import { createPartitionKeeper } from './partitions.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/** The promise: the months to come always have their partitions, and what will never be archived is reported. */

let database: MainDatabase;
const logged: { readonly level: string; readonly event: string; readonly fields: unknown }[] = [];
const log =
  (level: string) =>
  (event: string, fields: unknown = {}): void => {
    logged.push({ level, event, fields });
  };
const logger = { error: log('error'), warn: log('warn'), info: log('info'), debug: log('debug') };

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());
beforeEach(() => {
  logged.length = 0;
});

const turn = (ahead: number) => createPartitionKeeper({ pool: database.worker, logger, ahead })();

it('makes a month ahead once, and says so', async () => {
  const month = monthName(monthsAgo(-7));
  const made = ['deliveries', 'delivery_attempts', 'events', 'payment_history'].map(
    (table) => `${table}_${month}`,
  );
  expect(await turn(7)).toEqual({ made, unordered: [] });
  expect(await turn(7)).toEqual({ made: [], unordered: [] });
  expect(logged).toEqual([{ level: 'info', event: 'partitions_made', fields: { partitions: made } }]);
});

it('warns of every table with ids that are no times', async () => {
  const event = {
    merchant_id: database.shop.merchant,
    mode: 'test',
    payment_id: 'pay_1',
    version: 1,
    body: '{}',
    created_at: new Date(),
  };
  await insert(database.owner, 'events', { ...event, id: 'evt_x', type: 'one' });
  await insert(database.owner, 'delivery_attempts', {
    merchant_id: database.shop.merchant,
    delivery_id: 'dlv_00000000000000000000000001_1',
    number: 1,
    at: new Date(),
    latency_ms: 1,
  });
  expect(await turn(6)).toEqual({ made: [], unordered: ['delivery_attempts', 'events'] });
  expect(logged).toEqual([
    {
      level: 'warn',
      event: 'partition_ids_without_time',
      fields: { tables: ['delivery_attempts', 'events'] },
    },
  ]);
});
