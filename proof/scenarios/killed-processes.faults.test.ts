import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { expectAgreement } from '../support/agreement.ts';
import { GOOD_CARD, idOf, openWorld, sale, settled, SLOW_CARD, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: whichever process dies, and wherever it was, an accepted payment is finished, with one
 * authorization in the acquirer's journal and our record, the books and the journal in agreement.
 */
let world: World;

beforeEach(async () => {
  world = await openWorld(stackRunFile());
});
afterEach(async () => {
  await expectAgreement(world);
  await world.close();
});

const temporalFile = async (): Promise<string> => `${(await world.run()).dir}/temporal/temporal.sqlite`;

async function kill(role: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  process.kill(await world.pid(role), signal);
}

/** A payment whose authorization is at the acquirer right now. */
async function paymentInFlight(): Promise<string> {
  const created = await world.post('/v1/payments', sale(SLOW_CARD), { wait: 0 });
  expect(created.status, created.text).toBe(202);
  const id = idOf(created);
  await until(
    `${id} is being sent`,
    () => world.sql<{ state: string }>('select state from attempts where payment_id = $1', [id]),
    (rows) => rows.some(({ state }) => state === 'sending'),
  );
  return id;
}

async function expectOneAuthorization(id: string): Promise<Record<string, unknown>> {
  const payment = await settled(world, id);
  const journal = await until(
    'the acquirer wrote it down',
    () => world.journal(),
    (entries) => entries.some(({ kind }) => kind === 'sale' || kind === 'approved'),
  );
  expect(journal.filter(({ kind }) => kind === 'sale' || kind === 'approved')).toHaveLength(1);
  return payment;
}

async function apiAnswers(): Promise<void> {
  await until(
    'the api answers',
    () => world.get('/v1/balances'),
    ({ status }) => status === 200,
  );
}

describe('a process is killed in the middle of a payment', () => {
  it('the payments worker: the payment finishes with one authorization', async () => {
    const id = await paymentInFlight();
    await kill('payments');
    const payment = await expectOneAuthorization(id);
    expect(payment['status']).toBe('captured');
  });

  it('the acquirer worker: what it left unknown is reversed, not sent again', async () => {
    const id = await paymentInFlight();
    await kill('acquirers');
    const payment = await expectOneAuthorization(id);
    expect([payment['status'], payment['failure_code']]).toEqual(['failed', 'reversed_unknown']);
    expect((await world.journal()).map(({ kind }) => kind)).toContain('reversed');
  });

  it('the api: the repeated request names the same payment, and one authorization was made', async () => {
    const key = randomUUID();
    const cut = world.post('/v1/payments', sale(SLOW_CARD), { key }).catch(() => null);
    const [row] = await until(
      'the request is accepted',
      () =>
        world.sql<{ payment_id: string }>('select payment_id from idempotency_keys where key = $1', [key]),
      (rows) => rows.length === 1,
    );
    await kill('api');
    expect(await cut).toBeNull();
    await apiAnswers();
    const again = await until(
      'the repeat is answered',
      () => world.post('/v1/payments', sale(SLOW_CARD), { key }),
      ({ status }) => status === 201,
    );
    expect(again.body['id']).toBe(row?.payment_id);
    expect(again.body['status']).toBe('captured');
    await expectOneAuthorization(idOf(again));
  });
});

describe('between the start and the acceptance of a refund', () => {
  it('Temporal and the api are killed: the refund happens once', async () => {
    const created = await world.post('/v1/payments', sale(GOOD_CARD));
    expect(created.body['status'], created.text).toBe('captured');
    const id = idOf(created);
    const worker = await world.pid('payments');
    const key = randomUUID();
    // A worker that is stopped cannot accept: the refund is a row and a ring that nobody heard.
    process.kill(worker, 'SIGSTOP');
    try {
      const cut = world.post(`/v1/payments/${id}/refunds`, { amount: 2_000 }, { key }).catch(() => null);
      await until(
        'the refund is accepted',
        () => world.sql('select 1 from commands where payment_id = $1 and kind = $2', [id, 'refund']),
        (rows) => rows.length === 1,
      );
      await kill('temporal');
      await kill('api');
      expect(await cut).toBeNull();
    } finally {
      process.kill(worker, 'SIGCONT');
    }
    await apiAnswers();
    const again = await until(
      'the repeat is answered',
      () => world.post(`/v1/payments/${id}/refunds`, { amount: 2_000 }, { key }),
      ({ status }) => status === 201,
      90_000,
    );
    expect(again.body).toMatchObject({ object: 'refund', status: 'succeeded', amount: 2_000 });
    expect((await world.journal()).filter(({ kind }) => kind === 'refunded')).toHaveLength(1);
  });
});

describe('Temporal loses the workflow', () => {
  let connection: Connection;
  let client: Client;
  beforeAll(async () => {
    const { temporal } = await readRunFile(stackRunFile());
    connection = await Connection.connect({ address: temporal.address });
    client = new Client({ connection, namespace: temporal.namespace });
  });
  afterAll(() => connection.close());

  it('terminated in flight: the keeper finishes the payment', async () => {
    const id = await paymentInFlight();
    await client.workflow.getHandle(id).terminate('a test pulls the plug');
    await expectOneAuthorization(id);
  });

  it('cancelled in flight: the request becomes a void, and no approval is left without an owner', async () => {
    const created = await world.post('/v1/payments', { ...sale(SLOW_CARD), capture: 'manual' }, { wait: 0 });
    const id = idOf(created);
    await until(
      'it is sent',
      () => world.sql('select 1 from attempts where payment_id = $1 and state = $2', [id, 'sending']),
      (rows) => rows.length === 1,
    );
    await client.workflow.getHandle(id).cancel();
    const payment = await until(
      'it is voided',
      () => world.get(`/v1/payments/${id}`),
      ({ body }) => body['status'] === 'voided',
    );
    expect(payment.body['status']).toBe('voided');
    expect((await world.journal()).map(({ kind }) => kind)).toEqual(['approved', 'voided']);
  });

  it('its state file is deleted with payments in flight: the keeper finishes them', async () => {
    const ids = [await paymentInFlight(), await paymentInFlight()];
    const file = await temporalFile();
    for (const suffix of ['', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true });
    await kill('temporal');
    for (const id of ids)
      expect(['captured', 'failed']).toContain((await settled(world, id, 120_000))['status']);
  }, 150_000);
});
