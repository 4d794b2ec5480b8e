import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunFile, type RunFile } from '../../temporal-dev/run-file.ts';
import { seedPublishableKey } from '../../temporal-dev/seed.ts';
import { idOf, openWorld, type World } from '../support/world.ts';
import { testCard } from '../support/cards.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

const ORIGIN = 'https://shop.example';
let run: RunFile;
let world: World;
let other: World;
let key: string;
let vault: pg.Client;

beforeAll(async () => {
  run = await readRunFile(stackRunFile());
  world = await openWorld(stackRunFile());
  other = await openWorld(stackRunFile());
  key = await seedPublishableKey({ run, merchant: world.merchant, origins: [ORIGIN] });
  vault = new pg.Client({ connectionString: run.postgres.urls.vaultOwner });
  await vault.connect();
});
afterAll(async () => {
  await vault.end();
  await other.close();
  await world.close();
});

let count = 4_000_000;

function ask(
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  method = 'POST',
): Promise<Response> {
  return fetch(`${run.vaultPublic}/v1/card-tokens`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      origin: ORIGIN,
      ...headers,
    },
    ...(method === 'POST' ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(10_000),
  });
}

async function aToken(): Promise<{ readonly id: string; readonly number: string }> {
  const number = testCard((count += 1));
  const response = await ask({ card: { number, expiry_month: 12, expiry_year: 2031, cvv: '123' } });
  expect(response.status).toBe(201);
  const { id } = (await response.json()) as { id: string };
  return { id, number };
}

const paid = (token: string): Record<string, unknown> => ({
  amount: 4_200,
  currency: 'EUR',
  card_token: token,
});

describe('POST /v1/card-tokens', () => {
  it('answers a page with a token, the last four digits and no more of the number', async () => {
    const number = testCard((count += 1));
    const response = await ask({ card: { number, expiry_month: 12, expiry_year: 2031, cvv: '123' } });
    const text = await response.text();
    expect(response.status, text).toBe(201);
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(JSON.parse(text)).toMatchObject({
      id: expect.stringMatching(/^ctok_[0-9a-z]{26}$/) as unknown,
      object: 'card_token',
      mode: 'test',
      card: { brand: 'visa', last_four: number.slice(-4), expiry_month: 12, expiry_year: 2031 },
    });
    expect(text).not.toContain(number.slice(0, 8));
  });

  it('lets in the pages of its merchants and no others, asked before or at once', async () => {
    const preflight = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    const asked = await ask(null, preflight, 'OPTIONS');
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(asked.headers.get('access-control-allow-headers')).toContain('authorization');
    for (const origin of ['https://evil.example', `${ORIGIN}.evil.example`, 'http://shop.example', 'null']) {
      const strange = await ask(null, { ...preflight, origin }, 'OPTIONS');
      expect([strange.status, strange.headers.get('access-control-allow-origin')]).toEqual([403, null]);
      const sent = await ask({ card: {} }, { origin });
      expect([sent.status, sent.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    }
  });

  it('refuses what is wrong, and repeats nothing of it', async () => {
    const number = testCard((count += 1));
    const card = { number, expiry_month: 12, expiry_year: 2031 };
    const cases: readonly (readonly [number, string, unknown, Record<string, string>?])[] = [
      [400, 'card_number_invalid', { card: { ...card, number: `${number.slice(0, -1)}x` } }],
      [400, 'card_expired', { card: { ...card, expiry_year: 2001 } }],
      [400, 'field_invalid', { card: { ...card, cvv: '12345' } }],
      [400, 'field_invalid', { card, [number]: 1 }],
      [400, 'malformed_json', `{"card":"${number}`],
      [413, 'body_too_large', `{"card":"${number}${'x'.repeat(5_000)}`],
      [415, 'unsupported_media_type', { card }, { 'content-type': 'text/plain' }],
      [401, 'publishable_key_invalid', { card }, { authorization: `Bearer pk_test_${number}${number}` }],
      [401, 'publishable_key_invalid', { card }, { authorization: `Bearer ${world.apiKey}` }],
    ];
    for (const [status, code, body, headers] of cases) {
      const response = await ask(body, headers);
      const text = await response.text();
      expect([response.status, (JSON.parse(text) as { code: string }).code]).toEqual([status, code]);
      expect(text).not.toContain(number.slice(0, 8));
    }
    const elsewhere = await fetch(`${run.vaultPublic}/v1/detokenize`, { method: 'POST', body: '{}' });
    expect(elsewhere.status).toBe(404);
  });
});

describe('a payment with a card token', () => {
  it('is a payment like any other; the same request is answered the same; another one is refused', async () => {
    const { id, number } = await aToken();
    const once = randomUUID();
    const ready = await world.get(`/v1/card-tokens/${id}`);
    expect([ready.status, ready.body['status']], ready.text).toEqual([200, 'ready']);
    expect(ready.body['card']).toMatchObject({ brand: 'visa', last_four: number.slice(-4) });
    expect(ready.text).not.toContain(number.slice(0, 8));
    const strange = await other.get(`/v1/card-tokens/${id}`);
    expect([strange.status, strange.body['code']]).toEqual([404, 'card_token_unknown']);
    const created = await world.post('/v1/payments', paid(id), { key: once });
    expect(created.status, created.text).toBe(201);
    expect(created.body).toMatchObject({ status: 'captured', card: { last_four: number.slice(-4) } });
    expect((await world.get(`/v1/card-tokens/${id}`)).body['status']).toBe('used');
    const again = await world.post('/v1/payments', paid(id), { key: once });
    expect(again.text).toBe(created.text);
    const second = await world.post('/v1/payments', paid(id));
    expect([second.status, second.body['code']]).toEqual([409, 'card_token_used']);
    const changed = await world.post('/v1/payments', { ...paid(id), amount: 1 }, { key: once });
    expect([changed.status, changed.body['code']]).toEqual([422, 'idempotency_key_reused']);
    // Long after, when the vault has forgotten the token, the answer is still the same.
    await vault.query('delete from vault.card_tokens where token = $1', [id]);
    expect((await world.post('/v1/payments', paid(id), { key: once })).text).toBe(created.text);

    // The stored card pays again, for this merchant alone.
    const stored = (created.body['card'] as { token: string }).token;
    expect(stored).toMatch(/^card_/);
    const repeated = await world.post('/v1/payments', paid(stored));
    expect(repeated.body, repeated.text).toMatchObject({ card: { token: stored } });
    const stolen = await other.post('/v1/payments', paid(stored));
    expect([stolen.status, stolen.body['code']]).toEqual([404, 'card_token_unknown']);
    // Forgotten, it pays no more, though its number is still kept for refunds.
    await vault.query('update vault.cards set forgotten_at = now(), fingerprint = null where token = $1', [
      stored,
    ]);
    const forgotten = await world.post('/v1/payments', paid(stored));
    expect([forgotten.status, forgotten.body['code']]).toEqual([410, 'stored_card_deleted']);
  });

  it('one of many at the same moment gets the card', async () => {
    const { id } = await aToken();
    const answers = await Promise.all(Array.from({ length: 6 }, () => world.post('/v1/payments', paid(id))));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    expect(
      idOf(
        answers.find(({ status }) => status === 201) ??
          answers[0] ?? { body: {}, text: '', status: 0, headers: new Headers() },
      ),
    ).toMatch(/^pay_/);
  });

  it('another merchant’s, an unknown one and one that ran out are all unknown', async () => {
    const { id } = await aToken();
    const late = await aToken();
    await vault.query(
      `update vault.card_tokens set expires_at = now() - interval '1 second' where token = $1`,
      [late.id],
    );
    const unknown = `ctok_${'0'.repeat(26)}`;
    for (const answer of [
      await other.post('/v1/payments', paid(id)),
      await world.post('/v1/payments', paid(unknown)),
      await world.post('/v1/payments', paid(late.id)),
    ])
      expect([answer.status, answer.body['code']], answer.text).toEqual([404, 'card_token_unknown']);
  });

  it('takes a card or a token, exactly one', async () => {
    const { id, number } = await aToken();
    const card = { number, expiry_month: 12, expiry_year: 2031 };
    const both = await world.post('/v1/payments', { ...paid(id), card });
    expect([both.status, both.body['param']]).toEqual([400, '/card_token']);
    const none = await world.post('/v1/payments', { amount: 1, currency: 'EUR' });
    expect([none.status, none.body['param'], none.body['code']]).toEqual([400, '/card', 'field_missing']);
    const wrong = await world.post('/v1/payments', paid(number));
    expect([wrong.status, wrong.body['code']]).toEqual([400, 'card_number_in_field']);
  });
});
