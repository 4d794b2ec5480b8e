import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VaultUnavailable } from './vault.ts';
import {
  answerCommand,
  createdPayment,
  paymentBody,
  startTestApi,
  type TestApi,
} from './testing/test-api.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

// The same request again gets the first one's answer, and nothing happens twice.

let api: TestApi;
let key: string;

beforeAll(async () => {
  api = await startTestApi(stackRunFile(), { waitMs: 3_000 });
  ({ key } = await api.addMerchant());
});
afterAll(() => api.close());

/** A worker that answers every command at once. */
function answering(status: number, body: string): void {
  api.onRing(async (command) => {
    await answerCommand(api.database, command, status, body);
    return 'returned';
  });
}

const silent = (): void => {
  api.onRing(() => Promise.resolve('late'));
};

const bodyOf = (id: string): string => `{"id":"${id}", "odd  spacing":1,"ü":"é"}`;

describe('a repeated request', () => {
  it('gets the stored answer byte for byte, and says so', async () => {
    answering(201, bodyOf('one'));
    const first = await api.post('/v1/payments', {
      key,
      idempotencyKey: 'byte-for-byte',
      body: paymentBody(),
    });
    expect([first.status, await first.text(), first.headers.get('idempotency-replayed')]).toEqual([
      201,
      bodyOf('one'),
      null,
    ]);
    expect(first.headers.get('location')).toBe(`/v1/payments/${createdPayment(first)}`);
    answering(201, bodyOf('another'));
    const before = await api.rows();
    const rings = api.rung.length;
    const second = await api.post('/v1/payments', {
      key,
      idempotencyKey: 'byte-for-byte',
      body: paymentBody(),
    });
    expect([second.status, await second.text(), second.headers.get('idempotency-replayed')]).toEqual([
      201,
      bodyOf('one'),
      'true',
    ]);
    expect(createdPayment(second)).toBe(createdPayment(first));
    expect(await api.rows()).toEqual(before);
    expect(api.rung).toHaveLength(rings);
  });

  it('may write its fields in another order and its security code anew', async () => {
    answering(201, bodyOf('order'));
    const body = paymentBody({ metadata: { a: '1', b: '2' } });
    const first = await api.post('/v1/payments', { key, idempotencyKey: 'order', body });
    const { card, ...rest } = body;
    const other = { metadata: { b: '2', a: '1' }, card: { ...(card as object), cvv: '999' }, ...rest };
    const second = await api.post('/v1/payments', { key, idempotencyKey: 'order', body: other });
    expect([first.status, second.status, second.headers.get('idempotency-replayed')]).toEqual([
      201,
      201,
      'true',
    ]);
  });

  it.each([
    ['another amount', paymentBody({ amount: 5_001 })],
    [
      'another card',
      paymentBody({ card: { ...(paymentBody()['card'] as object), number: '5555555555554444' } }),
    ],
    ['another expiry', paymentBody({ card: { ...(paymentBody()['card'] as object), expiry_month: 11 } })],
    ['one more field', paymentBody({ description: 'x' })],
  ])('with %s is refused, and the first one stands', async (what, body) => {
    answering(201, bodyOf('first'));
    await api.post('/v1/payments', {
      key,
      idempotencyKey: `reused ${what}`.replaceAll(' ', '-'),
      body: paymentBody(),
    });
    const before = await api.rows();
    const second = await api.post('/v1/payments', {
      key,
      idempotencyKey: `reused ${what}`.replaceAll(' ', '-'),
      body,
    });
    expect(second.status).toBe(422);
    expect(await second.json()).toMatchObject({ code: 'idempotency_key_reused' });
    expect(await api.rows()).toEqual(before);
  });

  it('to another address is refused', async () => {
    answering(200, bodyOf('capture'));
    const payment = createdPayment(await api.post('/v1/payments', { key, body: paymentBody() }));
    const other = createdPayment(await api.post('/v1/payments', { key, body: paymentBody() }));
    expect(
      (
        await api.post(`/v1/payments/${payment}/capture`, {
          key,
          idempotencyKey: 'address',
          body: { amount: 1 },
        })
      ).status,
    ).toBe(200);
    for (const path of [`/v1/payments/${payment}/refunds`, `/v1/payments/${other}/capture`]) {
      expect((await api.post(path, { key, idempotencyKey: 'address', body: { amount: 1 } })).status).toBe(
        422,
      );
    }
  });

  it('of a refused one gets the same refusal', async () => {
    const payment = createdPayment(
      await api.post('/v1/payments', { key, body: paymentBody(), headers: { prefer: 'wait=0' } }),
    );
    const refusal = '{"type":"/problems/payment_not_capturable","status":409}';
    answering(409, refusal);
    for (const replayed of [null, 'true']) {
      const response = await api.post(`/v1/payments/${payment}/capture`, { key, idempotencyKey: 'refusal' });
      expect([response.status, await response.text()]).toEqual([409, refusal]);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(response.headers.get('idempotency-replayed')).toBe(replayed);
    }
  });

  it('of one that is not finished gets 202 with the same ids, and later the answer', async () => {
    silent();
    const send = (): Promise<Response> =>
      api.post('/v1/payments', {
        key,
        idempotencyKey: 'unfinished',
        body: paymentBody(),
        headers: { prefer: 'wait=0' },
      });
    const [first, second] = [await send(), await send()];
    const [one, two] = [
      (await first.json()) as Record<string, unknown>,
      (await second.json()) as Record<string, unknown>,
    ];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(first.headers.get('retry-after')).toBe('1');
    expect(second.headers.get('idempotency-replayed')).toBeNull();
    expect(one).toMatchObject({
      object: 'payment',
      status: 'processing',
      pending: { object: 'authorization' },
    });
    expect(Date.parse(String(one['next_poll_after']))).toBeGreaterThan(Date.now() - 60_000);
    expect([two['id'], two['pending']]).toEqual([one['id'], one['pending']]);
    answering(201, bodyOf('late'));
    const third = await send();
    expect([third.status, await third.text(), third.headers.get('idempotency-replayed')]).toEqual([
      201,
      bodyOf('late'),
      'true',
    ]);
  });

  it('is recognised after its card and its time have expired', async () => {
    answering(201, bodyOf('expired'));
    const body = paymentBody({ authorize_by: new Date(Date.now() + 60_000).toISOString() });
    const first = await api.post('/v1/payments', { key, idempotencyKey: 'expired', body });
    expect(first.status).toBe(201);
    try {
      api.setNow(Date.now() + 10 * 365 * 86_400_000);
      const second = await api.post('/v1/payments', { key, idempotencyKey: 'expired', body });
      expect([second.status, await second.text()]).toEqual([201, bodyOf('expired')]);
      const fresh = await api.post('/v1/payments', { key, idempotencyKey: 'expired-and-new', body });
      expect(await fresh.json()).toMatchObject({ status: 400, code: 'card_expired' });
    } finally {
      api.setNow(null);
    }
  });
});

describe('an idempotency key', () => {
  it('lets one of many simultaneous requests in', async () => {
    silent();
    const before = await api.rows();
    const responses = await Promise.all(
      Array.from({ length: 20 }, () =>
        api.post('/v1/payments', {
          key,
          idempotencyKey: 'many',
          body: paymentBody(),
          headers: { prefer: 'wait=0' },
        }),
      ),
    );
    expect(new Set(responses.map(createdPayment)).size).toBe(1);
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([202]));
    const after = await api.rows();
    expect(after).toEqual(
      Object.fromEntries(
        Object.entries(before).map(([table, count]) => [
          table,
          // A payment is none.
          table === 'card_verifications' ? count : count + 1,
        ]),
      ),
    );
  });

  it('belongs to one merchant and one mode', async () => {
    answering(201, bodyOf('x'));
    const other = await api.addMerchant();
    const live = await api.addKey(other.merchant, 'live');
    const created = await Promise.all(
      [key, other.key, live].map(async (each) =>
        createdPayment(
          await api.post('/v1/payments', { key: each, idempotencyKey: 'shared', body: paymentBody() }),
        ),
      ),
    );
    expect(new Set(created).size).toBe(3);
    // Two payments never share a staged card.
    expect(
      new Set(api.staged.slice(-3).map(({ merchant, idempotencyKey }) => `${merchant} ${idempotencyKey}`))
        .size,
    ).toBe(3);
    expect(api.staged.slice(-3).map(({ mode }) => mode)).toEqual(
      expect.arrayContaining(['test', 'test', 'live']),
    );
  });

  it('that was taken is never told "nothing was done" while the vault takes no cards', async () => {
    const locked = await startTestApi(stackRunFile(), { waitMs: 3_000 });
    try {
      const { key: own } = await locked.addMerchant();
      locked.onRing(async (command) => {
        await answerCommand(locked.database, command, 201, bodyOf('before-the-lock'));
        return 'returned';
      });
      const { currency, card } = paymentBody();
      const byCard = { path: '/v1/payments', idempotencyKey: 'lock-card', body: paymentBody() };
      const verification = { path: '/v1/card-verifications', idempotencyKey: 'lock-verification', body: { currency, card } }; // prettier-ignore
      const send = ({ path, ...sent }: typeof byCard | typeof verification): Promise<Response> =>
        locked.post(path, { key: own, ...sent, headers: { prefer: 'wait=0' } });
      expect((await send(byCard)).status).toBeLessThan(300);
      expect((await send(verification)).status).toBeLessThan(300);
      const before = await locked.rows();
      locked.onStage(() =>
        Promise.reject(new VaultUnavailable('locked', { tooMany: { retryAfterS: 3_540 } })),
      );
      for (const repeat of [byCard, verification]) {
        const held = await send(repeat);
        expect([held.status, held.headers.get('retry-after')]).toEqual([503, '3540']);
        expect(await held.json()).toMatchObject({ code: 'service_unavailable' });
        const other = await send({ ...repeat, idempotencyKey: `${repeat.idempotencyKey}-2` });
        expect(other.status).toBe(429);
      }
      expect(await locked.rows()).toEqual(before);
    } finally {
      await locked.close();
    }
  });

  it('is free again when the vault could not take the card', async () => {
    answering(201, bodyOf('after'));
    const down = await startTestApi(stackRunFile(), { waitMs: 0 });
    try {
      const { key: own } = await down.addMerchant();
      down.onStage(() => Promise.reject(new VaultUnavailable('no answer from the vault')));
      const refused = await down.post('/v1/payments', {
        key: own,
        idempotencyKey: 'vault',
        body: paymentBody(),
      });
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
      expect(await refused.json()).toMatchObject({ code: 'service_unavailable' });
      // Or would not: it keeps a merchant waiting whose cards come too fast, or look tried out.
      const tooMany = { retryAfterS: 3_540 };
      down.onStage(() => Promise.reject(new VaultUnavailable(`${own} is locked`, { tooMany })));
      const locked = await down.post('/v1/payments', {
        key: own,
        idempotencyKey: 'vault',
        body: paymentBody(),
      });
      expect([locked.status, locked.headers.get('retry-after')]).toEqual([429, '3540']);
      const told = await locked.text();
      expect(JSON.parse(told)).toMatchObject({ code: 'rate_limited' });
      expect(told).not.toContain('locked');
      expect(await down.rows()).toEqual({
        payments: 0,
        commands: 0,
        idempotency_keys: 0,
        card_verifications: 0,
      });
    } finally {
      await down.close();
    }
  });
});
