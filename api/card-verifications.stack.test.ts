import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { newId } from '../platform/new-id.ts';
import type { VerificationInput } from '../workflows/card-verification/card-verification.contract.ts';
import { loadVerification } from '../schema/load-verification.ts';
import { verificationResource } from '../workflows/domain/card-verification.ts';
import { paymentBody, startTestApi, type TestApi } from './testing/test-api.ts';

// A card verification over HTTP: accepted once, answered once, in its own words, whoever asks how often.

const PATH = '/v1/card-verifications';
let api: TestApi;
let key: string;

beforeAll(async () => {
  api = await startTestApi(stackRunFile(), { waitMs: 20_000 });
  ({ key } = await api.addMerchant());
});
afterAll(() => api.close());
beforeEach(() => {
  answering();
});

const body = (over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => {
  const { currency, card } = paymentBody();
  return { currency, card, ...over };
};

/** Plays the worker: ends it as unknown, as conclude_card_verification does. */
function answering(): void {
  api.onRunVerification(async ({ merchant, verification }) => {
    const loaded = await loadVerification(api.database, merchant, verification);
    if (loaded === null) throw new Error('nothing to answer');
    const at = Date.now();
    const shown = { ...loaded.shown, status: 'unknown', unknownReason: 'no_route', concludedAt: at } as const;
    await api.database.query('select conclude_card_verification($1)', [
      JSON.stringify({
        merchant_id: merchant,
        id: verification,
        status: 'unknown',
        unknown_reason: 'no_route',
        attempt_id: null,
        concluded_at: new Date(at).toISOString(),
        answer_body: JSON.stringify(verificationResource(shown)),
        event: { id: newId('evt'), type: 'card_verification.completed', body: '{}' },
      }),
    ]);
    return 'returned';
  });
}
function silent(): void {
  api.onRunVerification(() => Promise.resolve('late'));
}

const post = (idempotencyKey: string, sent: unknown = body(), headers: Record<string, string> = {}) =>
  api.post(PATH, { key, idempotencyKey, body: sent, headers });

describe('a new verification', () => {
  it('is answered when it has ended, with its address; the same request again gets the same bytes', async () => {
    const first = await post('one', body({ metadata: { cart: 'c-1' }, customer_reference: 'customer-7' }));
    const text = await first.text();
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([201, null]);
    const { id } = JSON.parse(text) as { id: string };
    expect(first.headers.get('location')).toBe(`${PATH}/${id}`);
    expect(JSON.parse(text)).toMatchObject({
      object: 'card_verification',
      status: 'unknown',
      unknown_reason: 'no_route',
      decline_code: null,
      customer_reference: 'customer-7',
      metadata: { cart: 'c-1' },
    });
    const before = await api.rows();
    const second = await post('one', body({ metadata: { cart: 'c-1' }, customer_reference: 'customer-7' }));
    expect([second.status, await second.text(), second.headers.get('idempotency-replayed')]).toEqual([
      201,
      text,
      'true',
    ]);
    expect(await api.rows()).toEqual(before);
    const got = await api.get(`${PATH}/${id}`, key);
    expect([got.status, await got.json()]).toEqual([200, JSON.parse(text)]);
  });

  it('that is not known in time is 202 with the same id, and when to ask again', async () => {
    silent();
    const asked = Date.now();
    const first = await post('slow', body(), { prefer: 'wait=0' });
    const processing = (await first.json()) as { id: string; status: string; next_poll_after: string };
    expect([first.status, first.headers.get('retry-after'), first.headers.get('preference-applied')]).toEqual(
      [202, '1', 'wait=0'],
    );
    expect(processing.status).toBe('processing');
    expect(Date.parse(processing.next_poll_after)).toBeGreaterThan(asked);
    answering();
    const second = await post('slow');
    expect([second.status, ((await second.json()) as { id: string }).id]).toEqual([201, processing.id]);
  });

  it('of a key that belongs to another request is refused, whatever that was about', async () => {
    await post('taken');
    await api.post('/v1/payments', {
      key,
      idempotencyKey: 'a-payment',
      body: paymentBody(),
      headers: { prefer: 'wait=0' },
    });
    const before = await api.rows();
    for (const [used, sent] of [
      ['taken', body({ currency: 'USD' })],
      ['a-payment', body()],
    ] as const) {
      const refused = await post(used, sent);
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
        422,
        'idempotency_key_reused',
      ]);
    }
    const payment = await api.post('/v1/payments', { key, idempotencyKey: 'taken', body: paymentBody() });
    expect(payment.status).toBe(422);
    expect(await api.rows()).toEqual(before);
  });

  it('asked for by eight at once is one', async () => {
    const runs: VerificationInput[] = [];
    api.onRunVerification((ref) => {
      runs.push(ref);
      return Promise.resolve('late');
    });
    const idempotencyKey = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post(idempotencyKey, body(), { prefer: 'wait=0' })),
    );
    const ids = await Promise.all(answers.map(async (one) => ((await one.json()) as { id: string }).id));
    expect(new Set(ids).size).toBe(1);
    expect(new Set(runs.map(({ verification }) => verification))).toEqual(new Set(ids));
  });

  it('of an expired card is refused, and nothing is written', async () => {
    const before = await api.rows();
    const card = { number: '4242424242424242', expiry_month: 1, expiry_year: 2020 };
    const refused = await post(randomUUID(), body({ card }));
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
      400,
      'card_expired',
    ]);
    expect(await api.rows()).toEqual(before);
  });
});

describe('verifications that are read', () => {
  it('are listed newest first, by status and by card', async () => {
    const { key: own } = await api.addMerchant();
    const ids: string[] = [];
    for (const number of ['4242424242424242', '5555555555554444', '4242424242424242']) {
      const card = { ...(paymentBody()['card'] as object), number };
      const made = await api.post(PATH, { key: own, body: body({ card }) });
      ids.push(((await made.json()) as { id: string }).id);
    }
    const list = async (query: string): Promise<string[]> => {
      const { data } = (await (await api.get(`${PATH}?${query}`, own)).json()) as { data: { id: string }[] };
      return data.map(({ id }) => id);
    };
    expect(await list('limit=2')).toEqual([ids[2], ids[1]]);
    expect(await list(`starting_after=${ids[1] ?? ''}`)).toEqual([ids[0]]);
    expect(await list('status=unknown')).toEqual([...ids].reverse());
    expect(await list('status=verified')).toEqual([]);
  });

  it('of nobody, or of another merchant, do not exist', async () => {
    const made = await post(randomUUID());
    const { id } = (await made.json()) as { id: string };
    const { key: stranger } = await api.addMerchant();
    for (const [asked, by] of [
      [newId('ver'), key],
      [id, stranger],
    ] as const) {
      const missing = await api.get(`${PATH}/${asked}`, by);
      expect([missing.status, ((await missing.json()) as { code: string }).code]).toEqual([
        404,
        'card_verification_not_found',
      ]);
    }
  });
});
