import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { GOOD_CARD, idOf, openWorld, sale, settled, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: what an acquirer tells by itself is proven, stored once, and becomes of the payment what
 * it says, in whatever order and however often it comes; what nobody here asked for is taken over.
 */
const ACQUIRER = 'acquirer-3';
const CARD = '5555555555554444';
let world: World;
let superuser: pg.Pool;
let secret: string;
let apiKey: string;
let account: string;

beforeAll(async () => {
  world = await openWorld(stackRunFile(), { acquirers: [ACQUIRER] });
  const run = await world.run();
  const main = new URL(run.postgres.urls.owner).pathname;
  superuser = new pg.Pool({
    connectionString: Object.assign(new URL(run.postgres.superuserUrl), { pathname: main }).href,
    max: 1,
  });
  const secrets = JSON.parse(await readFile(join(run.dir, 'secrets.json'), 'utf8')) as Record<string, string>;
  secret = secrets['stripeEventSecret'] ?? '';
  apiKey = secrets['stripeApiKey'] ?? '';
  const [row] = await world.sql<{ merchant_account: string }>(
    'select merchant_account from merchant_acquirer_accounts where merchant_id = $1',
    [world.merchant],
  );
  account = row?.merchant_account ?? '';
});
afterAll(async () => {
  await superuser.end();
  await world.close();
});

async function control(path: string, body: Record<string, unknown>): Promise<void> {
  const at = (await world.run()).acquirers.find(({ id }) => id === ACQUIRER)?.control ?? '';
  const response = await fetch(`${at}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  });
  expect(response.ok, await response.text()).toBe(true);
}

const fault = (match: Record<string, string>, action: Record<string, unknown>, times = 1): Promise<void> =>
  control('faults', { times, match, action });

/** Somebody does it at the acquirer's own counter. */
async function atTheCounter(path: string, params: Record<string, string>): Promise<Record<string, unknown>> {
  const wire = (await world.run()).acquirers.find(({ id }) => id === ACQUIRER)?.wire;
  const response = await fetch(`http://${wire?.host ?? ''}:${wire?.port ?? 0}/v1/${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiKey}`,
      'stripe-account': account,
      'idempotency-key': randomUUID(),
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams(params).toString(),
    signal: AbortSignal.timeout(5_000),
  });
  const body = (await response.json()) as Record<string, unknown>;
  expect(response.status, JSON.stringify(body)).toBe(200);
  return body;
}

/** What an operator types. */
function resolve(...args: string[]): Promise<string> {
  return new Promise((done, reject) => {
    const all = ['dist/tools/ops-resolve.js', ...args, '--run-file', stackRunFile()];
    execFile(process.execPath, all, (error, out, errors) => {
      if (error === null) done(out);
      else reject(new Error(`${args.join(' ')}: ${errors}${out}`));
    });
  });
}

interface Sent {
  readonly signedAt?: number;
  readonly signedWith?: string;
  readonly acquirer?: string;
  readonly body?: string;
}

async function send(event: Record<string, unknown>, how: Sent = {}): Promise<number> {
  const payload = JSON.stringify(event);
  const timestamp = Math.floor((how.signedAt ?? Date.now()) / 1_000);
  const header = Stripe.webhooks.generateTestHeaderString({
    payload,
    secret: how.signedWith ?? secret,
    timestamp,
  });
  const response = await fetch(`${(await world.run()).api}/v1/acquirer-events/${how.acquirer ?? ACQUIRER}`, {
    method: 'POST',
    headers: { 'stripe-signature': header, 'content-type': 'application/json' },
    body: how.body ?? payload,
    signal: AbortSignal.timeout(10_000),
  });
  await response.body?.cancel();
  return response.status;
}

const eventOf = (type: string, object: Record<string, unknown>): Record<string, unknown> => ({
  id: `evt_${randomUUID().replaceAll('-', '')}`,
  object: 'event',
  created: Math.floor(Date.now() / 1_000),
  account,
  type,
  data: { object },
});

const inbox = (where: string, value: unknown) =>
  world.sql<{ state: string; note: string | null; payment_id: string | null }>(
    `select state, note, payment_id from acquirer_events where ${where} = $1 order by received_at`,
    [value],
  );

const intentOf = async (payment: string): Promise<string> => {
  const [row] = await world.sql<{ acquirer_reference: string }>(
    "select acquirer_reference from attempts where payment_id = $1 and kind in ('sale', 'authorization')",
    [payment],
  );
  return row?.acquirer_reference ?? '';
};

const paymentUntil = async (
  id: string,
  what: string,
  holds: (body: Record<string, unknown>) => boolean,
): Promise<Record<string, unknown>> =>
  (
    await until(
      `${id} ${what}`,
      () => world.get(`/v1/payments/${id}`),
      ({ body }) => holds(body),
    )
  ).body;

/** What has waited is looked at as if it had come sixteen minutes ago. */
async function age(payment: string): Promise<void> {
  const client = await superuser.connect();
  try {
    await client.query("set session_replication_role = 'replica'");
    await client.query(
      `update acquirer_events set received_at = received_at - interval '16 minutes', due_at = now() where payment_id = $1 and state = 'waiting'`,
      [payment],
    );
  } finally {
    await client.query("set session_replication_role = 'origin'");
    client.release();
  }
}

const waitsFor = (payment: string, text: string): Promise<unknown> =>
  until(
    `an event of ${payment} waits`,
    () => inbox('payment_id', payment),
    (rows) => rows.some(({ state, note }) => state === 'waiting' && note?.includes(text) === true),
  );

const casesOf = async (payment: string): Promise<readonly string[]> => {
  const rows = await world.sql<{ kind: string }>(
    'select kind from cases where payment_id = $1 order by kind',
    [payment],
  );
  return rows.map(({ kind }) => kind);
};

describe('an event', () => {
  const intent = {
    id: 'pi_nobody',
    object: 'payment_intent',
    status: 'succeeded',
    amount: 1,
    amount_capturable: 0,
    amount_received: 1,
    currency: 'eur',
    capture_method: 'automatic',
    metadata: {},
  };

  it('is stored once, and answered 200 each time it comes', async () => {
    const event = eventOf('payment_intent.succeeded', intent);
    expect(await Promise.all([send(event), send(event), send(event)])).toEqual([200, 200, 200]);
    expect(await send(event)).toBe(200);
    expect(await inbox('dedupe_key', event['id'])).toHaveLength(1);
  });

  it.each([
    ['signed by somebody else', { signedWith: 'whsec_of_somebody_else' }, 400],
    ['signed six minutes ago', { signedAt: Date.now() - 6 * 60_000 }, 400],
    ['signed in six minutes', { signedAt: Date.now() + 6 * 60_000 }, 400],
    ['of other bytes than were signed', { body: '{"id":"evt_other"}' }, 400],
    ['to an acquirer that nobody knows', { acquirer: 'acquirer-9' }, 404],
  ])('%s is refused, and nothing of it is kept', async (_, how: Sent, status) => {
    const event = eventOf('payment_intent.succeeded', intent);
    expect(await send(event, how)).toBe(status);
    expect(await inbox('dedupe_key', event['id'])).toEqual([]);
  });

  it('about something that is not here yet waits, and is delivered when it appears', async () => {
    const id = idOf(await world.post('/v1/payments', sale(CARD, { capture: 'manual' })));
    await world.post(`/v1/payments/${id}/capture`, {});
    const reference = `pi_early${randomUUID().slice(0, 8)}`;
    const event = eventOf('payment_intent.processing', { ...intent, id: reference, status: 'processing' });
    expect(await send(event)).toBe(200);
    await until(
      'it waits',
      () => inbox('dedupe_key', event['id']),
      ([row]) => row?.note === 'about nothing that is here yet',
    );
    await world.sql(
      "update attempts set acquirer_reference = $2 where payment_id = $1 and kind = 'capture'",
      [id, reference],
    );
    await until(
      'it is delivered',
      () => inbox('dedupe_key', event['id']),
      ([row]) => row?.state === 'delivered' && row.payment_id === id,
    );
  });
});

describe('a payment whose acquirer tells what became of it', () => {
  it('is captured by what an event says when the answer is lost and nobody can be asked', async () => {
    await fault({ request: 'read' }, { type: 'error_not_executed' }, 30);
    await fault({ request: 'confirm' }, { type: 'reset_after' });
    await fault({ event: 'payment_intent.succeeded' }, { type: 'event_twice' });
    const id = idOf(await world.post('/v1/payments', sale(CARD), { wait: 0 }));
    expect(await settled(world, id)).toMatchObject({ status: 'captured', amount_captured: 5_000 });
    await until(
      'what was told is taken',
      () =>
        world.sql<{ state: string }>(
          "select state from commands where payment_id = $1 and kind = 'late_answer'",
          [id],
        ),
      ([told]) => told?.state === 'done',
    );
    const at = (await world.run()).acquirers.find((one) => one.id === ACQUIRER)?.control ?? '';
    await fetch(`${at}/faults`, { method: 'DELETE' });
  });

  it('takes an event that overtakes the reply for what the reply says', async () => {
    await fault({ event: 'payment_intent.succeeded' }, { type: 'event_first' });
    await fault({ event: 'charge.succeeded' }, { type: 'event_first' });
    const id = idOf(await world.post('/v1/payments', sale(CARD)));
    expect(await settled(world, id)).toMatchObject({ status: 'captured' });
    await until(
      'its event is worked off',
      () => inbox('payment_id', id),
      (rows) => rows.length > 0 && rows.every(({ state }) => state === 'delivered'),
    );
    expect(await casesOf(id)).toEqual([]);
  });

  it('has a refund that failed after it had succeeded, though the success is told last', async () => {
    const id = idOf(await world.post('/v1/payments', sale(CARD)));
    await fault({ event: 'refund.created' }, { type: 'event_delay', delayMs: 4_000 });
    const refunded = await world.post(`/v1/payments/${id}/refunds`, { amount: 2_000 });
    expect(refunded.body['status']).toBe('succeeded');
    const [attempt] = await world.sql<{ acquirer_reference: string }>(
      "select acquirer_reference from attempts where payment_id = $1 and kind = 'refund'",
      [id],
    );
    await control('settings', { settleRefund: { id: attempt?.acquirer_reference, status: 'failed' } });
    await paymentUntil(id, 'has its money back', (body) => body['amount_refunded'] === 0);
    await until(
      'the success is told at last',
      () => inbox('payment_id', id),
      (rows) => rows.filter(({ state }) => state === 'delivered').length >= 4,
    );
    expect((await world.get(`/v1/payments/${id}`)).body).toMatchObject({
      status: 'captured',
      amount_refunded: 0,
    });
  });

  it('has a refund that is declined by an event while it was pending, and stays so', async () => {
    await fault({ request: 'refund' }, { type: 'pending' });
    const id = idOf(await world.post('/v1/payments', sale(CARD)));
    await fault({ event: 'refund.created' }, { type: 'event_delay', delayMs: 2_000 });
    const asked = await world.post(`/v1/payments/${id}/refunds`, { amount: 1_000 }, { wait: 0 });
    const attempt = await until(
      'the refund has a name',
      () =>
        world.sql<{ acquirer_reference: string | null }>(
          "select acquirer_reference from attempts where payment_id = $1 and kind = 'refund'",
          [id],
        ),
      ([row]) => row?.acquirer_reference != null,
    );
    await control('settings', { settleRefund: { id: attempt[0]?.acquirer_reference, status: 'failed' } });
    expect(asked.status).toBe(202);
    const body = await paymentUntil(id, 'has a failed refund', (one) =>
      (one['refunds'] as { status: string }[]).some(({ status }) => status === 'failed'),
    );
    expect(body).toMatchObject({ status: 'captured', amount_refunded: 0 });
  });
});

describe('what was done at the counter of the acquirer', () => {
  it('is adopted after a quarter of an hour: a refund counts against what can be refunded', async () => {
    const id = idOf(await world.post('/v1/payments', sale(GOOD_CARD)));
    await atTheCounter('refunds', { payment_intent: await intentOf(id), amount: '3000' });
    await waitsFor(id, 'is none of ours');
    expect((await world.get(`/v1/payments/${id}`)).body).toMatchObject({ amount_refunded: 0 });
    await age(id);
    const body = await paymentUntil(id, 'has the refund', (one) => one['amount_refunded'] === 3_000);
    expect(body['refunds']).toMatchObject([{ amount: 3_000, status: 'succeeded', origin: 'acquirer' }]);
    expect(await casesOf(id)).toEqual(['adopted']);
    expect((await world.post(`/v1/payments/${id}/refunds`, { amount: 2_001 })).status).toBe(422);
    expect((await world.post(`/v1/payments/${id}/refunds`, { amount: 2_000 })).status).toBe(201);
  });

  it('is adopted: a capture and a release of the rest', async () => {
    const id = idOf(await world.post('/v1/payments', sale(GOOD_CARD, { capture: 'manual', amount: 9_000 })));
    await atTheCounter(`payment_intents/${await intentOf(id)}/capture`, {
      amount_to_capture: '4000',
      final_capture: 'false',
    });
    await waitsFor(id, 'capture');
    await age(id);
    await paymentUntil(id, 'is captured in part', (one) => one['amount_captured'] === 4_000);
    expect((await world.post(`/v1/payments/${id}/capture`, { amount: 5_001 })).status).toBe(422);
    expect((await world.post(`/v1/payments/${id}/void`, {})).status).toBe(200);
  });

  it('is adopted: a cancellation', async () => {
    const id = idOf(await world.post('/v1/payments', sale('4111111111111111', { capture: 'manual' })));
    await atTheCounter(`payment_intents/${await intentOf(id)}/cancel`, {});
    await waitsFor(id, 'void');
    await age(id);
    await paymentUntil(id, 'is voided', (one) => one['status'] === 'voided');
    expect(await casesOf(id)).toEqual(['adopted']);
  });
});

describe('a capture that two people called not executed, and that was executed', () => {
  it("is given back, is never the merchant's afterwards, and the next one is known for what it is", async () => {
    const id = idOf(await world.post('/v1/payments', sale(CARD, { capture: 'manual', amount: 9_000 })));
    const intent = await intentOf(id);
    await until(
      'its authorization is told',
      () => inbox('payment_id', id),
      (rows) => rows.length > 0 && rows.every(({ state }) => state === 'delivered'),
    );
    await fault({ event: 'payment_intent.amount_capturable_updated' }, { type: 'event_lost' });
    await fault({ request: 'capture' }, { type: 'reset_after' });
    await fault({ request: 'capture' }, { type: 'reset_before' }, 100);
    await world.post(`/v1/payments/${id}/capture`, { amount: 4_000 }, { wait: 0 });
    const [capture] = await until(
      'the capture is unknown',
      () =>
        world.sql<{ id: string; phase: string }>(
          "select id, phase from operations where payment_id = $1 and kind = 'capture'",
          [id],
        ),
      ([row]) => row?.phase === 'unknown',
    );
    const said = ['--merchant', world.merchant, '--payment', id, '--operation', capture?.id ?? ''];
    const why = ['--outcome', 'not_executed', '--evidence', 'report line 7', '--reason', 'not in the report'];
    const out = await resolve('propose', '--by', 'anna', ...said, ...why);
    await resolve('approve', /res_\w+/.exec(out)?.[0] ?? '', '--by', 'ben');
    await until(
      'the capture has failed',
      () => world.sql<{ state: string }>('select state from operations where id = $1', [capture?.id]),
      ([row]) => row?.state === 'failed',
    );
    const at = (await world.run()).acquirers.find((one) => one.id === ACQUIRER)?.control ?? '';
    await fetch(`${at}/faults`, { method: 'DELETE' });

    const captured = { amount: 9_000, amount_capturable: 5_000, amount_received: 4_000 };
    const object = { id: intent, object: 'payment_intent', status: 'requires_capture', ...captured };
    const rest = { currency: 'eur', capture_method: 'manual', metadata: {} };
    expect(await send(eventOf('payment_intent.amount_capturable_updated', { ...object, ...rest }))).toBe(200);
    await until(
      'it is given back',
      () =>
        world.sql<{ state: string }>("select state from operations where payment_id = $1 and kind = 'undo'", [
          id,
        ]),
      ([row]) => row?.state === 'succeeded',
    );
    await age(id);
    await until(
      'everything that was told is worked off',
      () => inbox('payment_id', id),
      (rows) => rows.every(({ state }) => state === 'delivered'),
    );
    expect((await world.get(`/v1/payments/${id}`)).body).toMatchObject({
      status: 'authorized',
      amount_captured: 0,
      amount_refunded: 0,
    });
    expect(await casesOf(id)).not.toContain('adopted');

    const next = await world.post(`/v1/payments/${id}/capture`, { amount: 3_000 });
    expect(next.status, next.text).toBe(200);
    expect(next.body).toMatchObject({ amount_captured: 3_000 });
    const released = await world.post(`/v1/payments/${id}/void`, {});
    expect(released.status, released.text).toBe(200);
  });
});

it('leaves three records that agree', async () => {
  await expectAgreement(world);
});
