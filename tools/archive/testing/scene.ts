import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { recordParts } from '../../../schema/testing/change-document.ts';
import {
  insert,
  newPayment,
  openMainDatabase,
  type MainDatabase,
} from '../../../schema/testing/main-database.ts';
import { cutSince, idMadeAt, monthName, monthsAgo } from '../../../schema/testing/old-ids.ts';
import type { DeliveryId, PaymentId } from '../../../workflows/domain/ids.ts';
import { archive, type ArchiveOptions, type SettledMonth } from '../archive.ts';
import { stackRunFile } from '../../../temporal-dev/testing/stack-run-file.ts';

/** Months before this one of which the history is old enough, with the least number of days that makes it so. */
export const OLD = 4;
export const NEXT = 3;
export const HISTORY_DAYS = 40;
export const HISTORY = `payment_history_${monthName(monthsAgo(OLD))}`;
export const HISTORY_NEXT = `payment_history_${monthName(monthsAgo(NEXT))}`;
/** A month of which the outbox is old enough. */
export const OUTBOX = monthName(monthsAgo(3));
export const LIMIT_MS = 20_000;

const DONE = { status: 'failed', conclusion: 'failed', pending: false };
const atOf = (month: number): string => new Date(monthsAgo(month).getTime() + 3_600_000).toISOString();

/** As `--before` takes it. */
export const beforeMonth = (months: number): string => monthName(monthsAgo(months)).replace('_', '-');

/** A database with months to archive, and a folder; before each test as if nothing had ever been archived. */
export interface ArchiveScene {
  readonly database: MainDatabase;
  readonly folder: string;
  /** Archives OLD and NEXT, unless it is told otherwise. */
  run(options?: Partial<ArchiveOptions>): Promise<readonly SettledMonth[]>;
  rowsOf<T>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  isThere(table: string): Promise<boolean>;
  placeOf(partition: string): Promise<'attached' | 'detaching' | 'detached' | 'gone'>;
  /** A payment that was born in that month, and ended there after two steps. */
  oldPayment(month?: number, end?: Readonly<Record<string, unknown>>): Promise<PaymentId>;
  /** Makes one step of a payment, now. */
  step(payment: PaymentId, version: number, cause: string, by?: Pick<pg.Pool, 'query'>): Promise<string>;
  /** An event of that month with one delivery of that state and one attempt. */
  oldDelivery(month: number, state: 'delivered' | 'failed' | 'pending' | 'retrying'): Promise<DeliveryId>;
  /** A transaction of somebody else that stays open until its end, at the latest that of the test. */
  holding(sql: string): Promise<{ end(): Promise<void> }>;
  /** Whether the archiver waits for a lock. */
  archiverWaits(): Promise<boolean>;
}

/** To be called at the top of a file of tests. */
export function archiveScene(): () => ArchiveScene {
  let scene: ArchiveScene | null = null;
  const held: { end(): Promise<void> }[] = [];

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'archive-'));
    scene = sceneOf(await openMainDatabase(stackRunFile()), folder, held);
  });
  afterAll(async () => {
    if (scene === null) return;
    await scene.database.close();
    await rm(scene.folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    if (scene !== null) await reset(scene);
  });
  afterEach(async () => {
    for (const holder of held.splice(0)) await holder.end();
  });
  return () => {
    if (scene === null) throw new Error('the scene is set before the first test');
    return scene;
  };
}

async function reset(scene: ArchiveScene): Promise<void> {
  const { database, folder } = scene;
  await rm(folder, { recursive: true, force: true });
  const { superuser, owner } = database;
  await superuser.query(`begin; set local session_replication_role = replica;
    truncate payments, payment_history, events, deliveries, delivery_attempts, cases, archives; commit`);
  const aside = await scene.rowsOf<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and not relispartition
     and relname ~ '^(archived_|kept_|(payment_history|events|deliveries|delivery_attempts)_)'`,
  );
  for (const { name } of aside) await owner.query(`drop table ${name}`);
  await cutSince(owner, monthsAgo(OLD));
}

function sceneOf(database: MainDatabase, folder: string, held: { end(): Promise<void> }[]): ArchiveScene {
  const { merchant } = database.shop;

  async function rowsOf<T>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
    const { rows } = await database.owner.query(sql, [...values]);
    return rows as T[];
  }
  const isThere = async (table: string): Promise<boolean> =>
    (await rowsOf<{ is: boolean }>('select to_regclass($1) is not null as is', [table]))[0]?.is ?? false;

  return {
    database,
    folder,
    rowsOf,
    isThere,
    run: (options = {}) =>
      archive({
        ownerUrl: database.urls.owner,
        before: beforeMonth(NEXT - 1),
        folder,
        dryRun: false,
        historyDays: HISTORY_DAYS,
        outboxDays: 30,
        patienceMs: LIMIT_MS,
        rowsWritten: () => undefined,
        settled: () => undefined,
        ...options,
      }),
    async placeOf(partition) {
      const [row] = await rowsOf<{ detaching: boolean }>(
        'select detaching from time_partitions where partition = $1',
        [partition],
      );
      if (row !== undefined) return row.detaching ? 'detaching' : 'attached';
      return (await isThere(partition)) ? 'detached' : 'gone';
    },
    async oldPayment(month = OLD, end = DONE) {
      const id = idMadeAt('pay', new Date(atOf(month))) as PaymentId;
      await insert(database.api, 'payments', newPayment(merchant, id));
      await recordParts(database.worker, merchant, id, { cause: 'begin', at: atOf(month) });
      const last = { cause: 'end', at: atOf(month), expected_version: 1, payment: end };
      await recordParts(database.worker, merchant, id, last);
      return id;
    },
    step: (payment, version, cause, by = database.worker) =>
      recordParts(by, merchant, payment, { cause, expected_version: version, at: new Date().toISOString() }),
    async oldDelivery(month, state) {
      const event = idMadeAt('evt', new Date(atOf(month)));
      const delivery = `dlv_${event.slice(4)}_1` as DeliveryId;
      await insert(database.owner, 'events', {
        merchant_id: merchant,
        id: event,
        mode: 'test',
        payment_id: 'pay_1',
        version: 1,
        type: event,
        body: '{"name":"Zoë \\\\ \\"x\\" \\n"}',
        created_at: atOf(month),
      });
      await insert(database.owner, 'deliveries', {
        merchant_id: merchant,
        id: delivery,
        event_id: event,
        endpoint_id: 'whe_1',
        state,
        created_at: atOf(month),
        concluded_at: state === 'delivered' || state === 'failed' ? atOf(month) : null,
      });
      await insert(database.owner, 'delivery_attempts', {
        merchant_id: merchant,
        delivery_id: delivery,
        number: 1,
        at: atOf(month),
        error: 'tab\tand \\ and é',
        latency_ms: 5,
      });
      return delivery;
    },
    async holding(sql) {
      const client = new pg.Client({ connectionString: database.urls.owner });
      await client.connect();
      const holder = { end: () => client.end() };
      held.push(holder);
      await client.query(`begin; ${sql}`);
      return holder;
    },
    async archiverWaits() {
      const { rowCount } = await database.superuser.query(
        `select from pg_stat_activity where application_name = 'quittance-archive' and datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rowCount === 1;
    },
  };
}
