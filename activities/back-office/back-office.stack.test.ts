import type { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool } from '../../platform/database.ts';
import type { Logger } from '../../platform/logger.ts';
import { newId } from '../../platform/new-id.ts';
import { createTemporalClient } from '../../platform/temporal.ts';
import { temporalTestServerProgram } from '../../temporal-dev/parts/programs.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { createDatabase, type TestDatabase } from '../../temporal-dev/testing/database.ts';
import type { DeliveryId, MerchantId, PaymentId } from '../../workflows/domain/ids.ts';
import { PAYMENT_WORKFLOW, PAYMENTS_TASK_QUEUE } from '../../workflows/payment/payment.contract.ts';
import { createDeliveryStarter } from '../webhooks/start-delivery.ts';
import { createKeeper } from './keeper.ts';
import { pendingPayments } from './pending-payments.ts';
import { createRelay } from './relay.ts';
import { retryingDeliveries } from './retrying-deliveries.ts';
import { createHasOpenRun, createKnock } from './temporal.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { startTimeSkipping } from '../../temporal-dev/testing/time-skipping.ts';

/** Real PostgreSQL, and a Temporal server of its own without workers: what is started stays open. */
let environment: TestWorkflowEnvironment;
let client: Client;
let database: TestDatabase;
let owner: pg.Pool;
let pool: pg.Pool;

const events: string[] = [];
const log = (event: string): void => {
  events.push(event);
};
const logger: Logger = { error: log, warn: log, info: log, debug: log };
const running = new AbortController().signal;

beforeAll(async () => {
  environment = await startTimeSkipping(await temporalTestServerProgram());
  client = environment.client;
  database = await createDatabase(await readRunFile(stackRunFile()), { schema: 'main' });
  owner = new pg.Pool({ connectionString: database.ownerUrl, max: 2 });
  pool = createPool(
    { url: database.workerUrl, poolSize: 5, statementTimeoutMs: 10_000, role: 'back-office-test' },
    logger,
  );
});
afterAll(async () => {
  await Promise.all([pool.end(), owner.end()]);
  await database.drop();
  await environment.teardown();
});

let merchant: MerchantId;
beforeEach(async () => {
  await owner.query('update payments set pending = false, version = version + 1 where pending');
  await owner.query('delete from commands');
  await owner.query('delete from deliveries');
  merchant = newId('mer');
  await owner.query(
    "insert into merchants (id, name, country, mcc) values ($1, 'Back office tests', 'NL', '5732')",
    [merchant],
  );
  events.length = 0;
});

async function addPayment(ageMs: number): Promise<PaymentId> {
  const id = newId('pay');
  await owner.query(
    `insert into payments (merchant_id, id, mode, amount, currency, capture_method, staging_id, authorize_by, created_at, updated_at)
     select $1, $2, 'test', 1000, 'EUR', 'automatic', 'stg_' || substr($2, 5), at + interval '1 hour', at, at
     from (select clock_timestamp() - $3 * interval '1 millisecond') as t(at)`,
    [merchant, id, ageMs],
  );
  return id;
}

async function addCommand(payment: PaymentId, kind: 'create' | 'capture', ageMs: number): Promise<string> {
  const id = newId('cmd');
  await owner.query(
    `insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body, created_at)
     values ($1, $2, $3, $4, 'merchant', $5, '{}', clock_timestamp() - $6 * interval '1 millisecond')`,
    [merchant, id, payment, kind, `${kind === 'create' ? 'auth' : 'cap'}_${payment.slice(4)}`, ageMs],
  );
  return id;
}

async function addDelivery(state: 'pending' | 'retrying', ageMs: number): Promise<DeliveryId> {
  const suffix = newId('pay').slice(4);
  const id = `dlv_${suffix}_test` as DeliveryId;
  await owner.query(
    `insert into deliveries (merchant_id, id, event_id, endpoint_id, state, created_at)
     values ($1, $2, $3, 'whe_test', $4, clock_timestamp() - $5 * interval '1 millisecond')`,
    [merchant, id, `evt_${suffix}`, state, ageMs],
  );
  return id;
}

/** Whether a run is open, and how many signals it got; null when there never was one. */
async function seen(
  workflowId: string,
): Promise<{ readonly status: string; readonly signals: number } | null> {
  try {
    const handle = client.workflow.getHandle(workflowId);
    const { status } = await handle.describe();
    const { events: history } = await handle.fetchHistory();
    const signals = (history ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length;
    return { status: status.name, signals };
  } catch {
    return null;
  }
}

const relayOf = (temporal: Client, { page = 500, afterMs = 5_000 } = {}) =>
  createRelay({ pool, knock: createKnock(temporal), logger, afterMs, page, concurrency: 4 });

describe('the relay', () => {
  it('starts the payment of a command whose doorbell was lost', async () => {
    const payment = await addPayment(10_000);
    await addCommand(payment, 'create', 6_000);
    await expect(relayOf(client)(running)).resolves.toEqual({ overdue: 1, knocked: 1 });
    expect(await seen(payment)).toEqual({ status: 'RUNNING', signals: 1 });
    const { type, taskQueue } = await client.workflow.getHandle(payment).describe();
    expect([type, taskQueue]).toEqual([PAYMENT_WORKFLOW, PAYMENTS_TASK_QUEUE]);
  });

  it('leaves alone what is young, and what is done', async () => {
    const afterMs = 3_600_000;
    const young = await addPayment(0);
    await addCommand(young, 'create', 0);
    const done = await addPayment(2 * afterMs);
    const command = await addCommand(done, 'create', 2 * afterMs);
    await owner.query(
      "update commands set state = 'done', answer_status = 201, answer_body = '{}', done_at = now() where id = $1",
      [command],
    );
    await expect(relayOf(client, { afterMs })(running)).resolves.toEqual({ overdue: 0, knocked: 0 });
    expect(await seen(young)).toBeNull();
    expect(await seen(done)).toBeNull();
  });

  it('rings once for all commands of a payment, and not again a moment later', async () => {
    const payment = await addPayment(60_000);
    await addCommand(payment, 'create', 30_000);
    await addCommand(payment, 'capture', 20_000);
    const relay = relayOf(client);
    await expect(relay(running)).resolves.toEqual({ overdue: 2, knocked: 1 });
    await expect(relay(running)).resolves.toEqual({ overdue: 2, knocked: 0 });
    expect(await seen(payment)).toEqual({ status: 'RUNNING', signals: 1 });
  });

  it('goes through all pages, also when many commands have the same time', async () => {
    const payments = await Promise.all(Array.from({ length: 7 }, () => addPayment(60_000)));
    for (const payment of payments) await addCommand(payment, 'create', 30_000);
    await owner.query("update commands set created_at = timestamptz '2026-01-01 00:00:00.123456+00'");
    await expect(relayOf(client, { page: 2 })(running)).resolves.toEqual({ overdue: 7, knocked: 7 });
  });

  it('does no harm when there are two of it', async () => {
    const payment = await addPayment(60_000);
    await addCommand(payment, 'create', 30_000);
    await Promise.all([relayOf(client)(running), relayOf(client)(running)]);
    expect(await seen(payment)).toEqual({ status: 'RUNNING', signals: 2 });
  });

  it('rings when Temporal is back for what it could not ring for', async () => {
    const payment = await addPayment(60_000);
    await addCommand(payment, 'create', 30_000);
    const away = createTemporalClient({
      address: '127.0.0.1:1',
      namespace: 'default',
      identity: 'a test',
      dataConverter: {},
      retries: false,
    });
    let temporal = away.client;
    const relay = createRelay({
      pool,
      knock: (ref) => createKnock(temporal)(ref),
      logger,
      afterMs: 5_000,
      page: 500,
      concurrency: 4,
    });
    await expect(relay(running)).rejects.toThrow();
    temporal = client;
    await expect(relay(running)).resolves.toEqual({ overdue: 1, knocked: 1 });
    await away.close();
  });
});

const paymentKeeper = () =>
  createKeeper({
    rows: pendingPayments(pool, createKnock(client), 10_000),
    hasOpenRun: createHasOpenRun(client),
    logger,
    event: 'keeper_restarted_payment',
    concurrency: 4,
    perSecond: 50,
  });

describe('the keeper of payments', () => {
  it('starts a pending payment that has no run at all, and says so', async () => {
    const payment = await addPayment(60_000);
    await expect(paymentKeeper()(running)).resolves.toEqual({ asked: 1, started: 1 });
    expect(await seen(payment)).toEqual({ status: 'RUNNING', signals: 1 });
    expect(events).toEqual(['keeper_restarted_payment']);
  });

  it('starts one whose run was terminated, and leaves one alone whose run is open', async () => {
    const terminated = await addPayment(60_000);
    const open = await addPayment(50_000);
    await paymentKeeper()(running);
    await client.workflow.getHandle(terminated).terminate('a test');
    expect(await seen(terminated)).toMatchObject({ status: 'TERMINATED' });
    await expect(paymentKeeper()(running)).resolves.toEqual({ asked: 2, started: 1 });
    expect(await seen(terminated)).toMatchObject({ status: 'RUNNING' });
    expect(await seen(open)).toEqual({ status: 'RUNNING', signals: 1 });
  });

  it('does not ask about what was touched a moment ago, nor about what is not pending', async () => {
    await addPayment(1_000);
    const finished = await addPayment(60_000);
    await owner.query('update payments set pending = false, version = version + 1 where id = $1', [finished]);
    await expect(paymentKeeper()(running)).resolves.toEqual({ asked: 0, started: 0 });
  });
});

describe('the keeper of deliveries', () => {
  const deliveryKeeper = () =>
    createKeeper({
      rows: retryingDeliveries(pool, createDeliveryStarter(client), 10_000),
      hasOpenRun: createHasOpenRun(client),
      logger,
      event: 'keeper_restarted_delivery',
      concurrency: 4,
      perSecond: 50,
    });

  it('starts a retrying delivery that has no open run, whose dispatcher died or whose run was terminated', async () => {
    const orphan = await addDelivery('retrying', 60_000);
    await addDelivery('pending', 60_000);
    await addDelivery('retrying', 1_000);
    await expect(deliveryKeeper()(running)).resolves.toEqual({ asked: 1, started: 1 });
    expect(await seen(orphan)).toMatchObject({ status: 'RUNNING' });
    await expect(deliveryKeeper()(running)).resolves.toEqual({ asked: 1, started: 0 });
    await client.workflow.getHandle(orphan).terminate('a test');
    await expect(deliveryKeeper()(running)).resolves.toEqual({ asked: 1, started: 1 });
    expect(events).toEqual(['keeper_restarted_delivery', 'keeper_restarted_delivery']);
  });
});
