import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandRef } from './ring.ts';
import {
  answerCommand,
  createdPayment,
  paymentBody,
  startTestApi,
  type TestApi,
} from './testing/test-api.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

// What is accepted is written whole; whose it is decides who sees it; who waits gets the answer.

let api: TestApi;
let key: string;
let merchant: string;

beforeAll(async () => {
  api = await startTestApi(stackRunFile(), { waitMs: 0 });
  ({ key, merchant } = await api.addMerchant());
});
afterAll(() => api.close());

const commandOf = async (payment: string, kind: string): Promise<Record<string, unknown>> => {
  const { rows } = await api.database.query<Record<string, unknown>>(
    'select * from commands where payment_id = $1 and kind = $2',
    [payment, kind],
  );
  expect(rows).toHaveLength(1);
  return rows[0] ?? {};
};

describe('an accepted payment', () => {
  it('is written as it was asked for, without a digit of its card', async () => {
    const authorizeBy = new Date(Date.now() + 5 * 60_000).toISOString();
    const body = paymentBody({
      capture: 'manual',
      partial_approval: 'allow',
      description: 'Two lines\nof text',
      order_reference: 'order-1',
      customer_reference: 'customer-1',
      ip_address: '2001:db8::1',
      metadata: { cart: 'c1' },
      authorize_by: authorizeBy,
    });
    const payment = createdPayment(await api.post('/v1/payments', { key, body }));
    const { rows } = await api.database.query<Record<string, unknown>>(
      'select * from payments where id = $1',
      [payment],
    );
    expect(rows[0]).toMatchObject({
      merchant_id: merchant,
      mode: 'test',
      amount: '5000',
      currency: 'EUR',
      capture_method: 'manual',
      partial_approval: 'allow',
      description: 'Two lines\nof text',
      order_reference: 'order-1',
      customer_reference: 'customer-1',
      ip_address: '2001:db8::1',
      metadata: { cart: 'c1' },
      authorize_by: new Date(authorizeBy),
      status: 'processing',
      card_token: null,
      card_last_four: null,
    });
    expect(await commandOf(payment, 'create')).toMatchObject({
      operation_id: payment.replace('pay_', 'auth_'),
      body: {},
      state: 'pending',
      origin: 'merchant',
    });
    expect(JSON.stringify(rows)).not.toContain('4242');
  });

  it('must be sent within ten minutes where it does not say', async () => {
    const payment = createdPayment(await api.post('/v1/payments', { key, body: paymentBody() }));
    const { rows } = await api.database.query<{ ms: string }>(
      'select extract(epoch from authorize_by - created_at) * 1000 as ms from payments where id = $1',
      [payment],
    );
    expect(Math.abs(Number(rows[0]?.ms) - 600_000)).toBeLessThan(10_000);
  });

  it.each([
    ['capture', 'capture', { amount: 1_200 }, { amount: 1_200 }, /^cap_/],
    ['capture', 'capture', undefined, { amount: null }, /^cap_/],
    ['void', 'void', undefined, {}, /^void_/],
    [
      'refunds',
      'refund',
      { amount: 999_999_999_999, reason: 'broken' },
      { amount: 999_999_999_999, reason: 'broken' },
      /^ref_/,
    ],
    ['refunds', 'refund', {}, { amount: null, reason: null }, /^ref_/],
  ])('takes %s as a %s command', async (path, kind, body, stored, operation) => {
    const payment = createdPayment(await api.post('/v1/payments', { key, body: paymentBody() }));
    const response = await api.post(`/v1/payments/${payment}/${path}`, { key, body });
    expect(response.status).toBe(202);
    const command = await commandOf(payment, kind);
    expect(command).toMatchObject({ body: stored, merchant_id: merchant, state: 'pending' });
    expect(command['operation_id']).toMatch(operation);
    expect(await response.json()).toMatchObject({ id: payment, pending: { id: command['operation_id'] } });
  });
});

describe('a request that waits', () => {
  it('is answered by whatever the worker wrote, when it is written', async () => {
    const rings: CommandRef[] = [];
    api.onRing(async (command) => {
      rings.push(command);
      // The first ring is lost; the answer comes with the second.
      if (rings.length === 1) return 'unreachable';
      await answerCommand(api.database, command, 201, '{"id":"answered"}');
      return 'returned';
    });
    const response = await api.post('/v1/payments', {
      key,
      body: paymentBody(),
      headers: { prefer: 'respond-async, wait=5' },
    });
    expect([response.status, await response.text()]).toEqual([201, '{"id":"answered"}']);
    expect(response.headers.get('preference-applied')).toBe('wait=5');
    expect(new Set(rings.map(({ command }) => command)).size).toBe(1);
  });

  it('is told 202, not an error, while nobody can be rung', async () => {
    api.onRing(() => Promise.resolve('unreachable'));
    const response = await api.post('/v1/payments', {
      key,
      body: paymentBody(),
      headers: { prefer: 'wait=30' },
    });
    expect(response.status).toBe(202);
  });
});

describe('GET /v1/payments/{id}', () => {
  it('shows history, attempts and ledger entries, and nothing of the wire but the reference', async () => {
    const payment = createdPayment(
      await api.post('/v1/payments', { key, body: paymentBody(), headers: { prefer: 'wait=0' } }),
    );
    await playAuthorization(payment);
    const shown = (await (await api.get(`/v1/payments/${payment}`, key)).json()) as Record<string, unknown>;
    expect(shown).toMatchObject({
      id: payment,
      object: 'payment',
      history_archived: 0,
      history: [
        { version: 1, event: 'authorization_started', status: 'processing', detail: { attempt: 'x' } },
      ],
      attempts: [
        {
          id: 'att_x',
          kind: 'authorization',
          state: 'planned',
          outcome: null,
          acquirer: 'acme',
          rrn: '000000000001',
          sent: null,
        },
      ],
      ledger: [
        {
          event: 'authorized',
          entries: [
            { account: 'auth_hold:acquirer', side: 'debit', amount: 5_000, currency: 'EUR' },
            { account: 'auth_hold:merchant', side: 'credit', amount: 5_000, currency: 'EUR' },
          ],
        },
      ],
    });
    expect(JSON.stringify(shown)).not.toContain('TERM0001');
    const { data } = (await (await api.get('/v1/balances', key)).json()) as { data: unknown[] };
    expect(data).toContainEqual({
      object: 'balance',
      account_id: 'auth_hold.merchant.EUR',
      account: 'auth_hold:merchant',
      currency: 'EUR',
      normal_side: 'credit',
      balance: 5_000,
    });
    expect(await (await api.get('/v1/ledger/trial-balance', key)).json()).toMatchObject({
      object: 'trial_balance',
      mode: 'test',
      balanced: true,
      currencies: [{ currency: 'EUR', debits: 5_000, credits: 5_000, balanced: true }],
    });
  });

  it('says how much of the history was archived, rather than showing less of it', async () => {
    const payment = createdPayment(
      await api.post('/v1/payments', { key, body: paymentBody(), headers: { prefer: 'wait=0' } }),
    );
    await api.database.query('update payments set version = 1 where id = $1', [payment]);
    await api.database.query(
      `insert into archives (parent, partition, low, high, rows, sha256, file, written_at)
       values ('payment_history', 'payment_history_2020_01', $1, $1 || 'z', 1, sha256(''), 'x', now())`,
      [payment],
    );
    expect(await (await api.get(`/v1/payments/${payment}`, key)).json()).toMatchObject({
      history: [],
      history_archived: 1,
    });
  });

  async function playAuthorization(payment: string): Promise<void> {
    const { database } = api;
    await database.query(
      `insert into acquirers (id, wire, task_queue, fences_by_reversal)
       values ('acme', 'iso8583', 'acquirers', true) on conflict do nothing`,
    );
    await database.query(
      `insert into merchant_acquirer_accounts (merchant_id, id, acquirer_id, mode, institution, merchant_account, terminals, mcc, acceptor_name, single_message, currencies, brands)
       values ($1, 'aca_x', 'acme', 'test', '1', 'M1', '{TERM0001}', '5812', 'A shop', false, '{EUR}', '{visa}')`,
      [merchant],
    );
    await database.query(
      `insert into attempts (merchant_id, id, payment_id, operation_id, number, kind, acquirer_id, account_id, on_unknown, amount, currency, wire, planned_at, send_by)
       values ($1, 'att_x', $2, 'auth_x', 1, 'authorization', 'acme', 'aca_x', 'reverse', 5000, 'EUR', '{"rrn":"000000000001","terminal":"TERM0001"}', now(), now())`,
      [merchant, payment],
    );
    await database.query(
      `insert into payment_history values ($1, $2, 1, now(), 'c', 'authorization_started', 'processing', '{"attempt":"x"}', 'run')`,
      [merchant, payment],
    );
    await database.query('select post_transaction($1, $2)', [
      {
        merchant_id: merchant,
        mode: 'test',
        payment_id: payment,
        event: 'authorized',
        business_key: payment,
        at: new Date(),
        workflow_id: payment,
        workflow_run_id: 'run',
      },
      JSON.stringify([
        { code: 'auth_hold:acquirer', normal_side: 'debit', currency: 'EUR', amount: 5_000 },
        { code: 'auth_hold:merchant', normal_side: 'credit', currency: 'EUR', amount: -5_000 },
      ]),
    ]);
  }

  it('is not for other merchants, nor for the other mode, whatever they ask', async () => {
    const payment = createdPayment(
      await api.post('/v1/payments', { key, body: paymentBody(), headers: { prefer: 'wait=0' } }),
    );
    const stranger = await api.addMerchant();
    const live = await api.addKey(merchant as typeof stranger.merchant, 'live');
    const before = await api.rows();
    const answers: unknown[] = [];
    for (const other of [stranger.key, live]) {
      answers.push(await (await api.get(`/v1/payments/${payment}`, other)).json());
      for (const path of ['capture', 'void', 'refunds']) {
        answers.push(await (await api.post(`/v1/payments/${payment}/${path}`, { key: other })).json());
      }
    }
    answers.push(
      await (await api.get('/v1/payments/pay_00000000000000000000000000', key)).json(),
      await (await api.get('/v1/payments/7', key)).json(),
    );
    const [first] = answers as Record<string, unknown>[];
    expect(first).toMatchObject({ status: 404, code: 'payment_not_found' });
    for (const answer of answers)
      expect({ ...(answer as object), request_id: null }).toEqual({ ...first, request_id: null });
    expect(await api.rows()).toEqual(before);
  });
});

describe('GET /healthz', () => {
  it('says that payments can be taken', async () => {
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
  });
});
