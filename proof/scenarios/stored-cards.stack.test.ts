import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { expectAgreement } from '../support/agreement.ts';
import { testCard } from '../support/cards.ts';
import { openWorld, sale, SLOW_CARD, type World } from '../support/world.ts';

/**
 * The promise: a merchant sees the cards that it stored, and deletes them. A deleted card pays no more, and nothing
 * that it paid for before is lost: what is under way ends, what is held is captured, what was taken is given back.
 */
let world: World;
let other: World;
let vault: pg.Client;

beforeAll(async () => {
  world = await openWorld(stackRunFile(), { acquirers: ['acquirer-1'] });
  other = await openWorld(stackRunFile(), { acquirers: ['acquirer-1'] });
  const { postgres } = await world.run();
  vault = new pg.Client({ connectionString: postgres.urls.vaultOwner });
  await vault.connect();
});
afterAll(async () => {
  await vault.end();
  await expectAgreement(world);
  await world.close();
  await other.close();
});

async function drop(by: World, token: string): Promise<number> {
  const { api } = await by.run();
  const response = await fetch(`${api}/v1/stored-cards/${token}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${by.apiKey}` },
  });
  await response.body?.cancel();
  return response.status;
}

it('a stored card is listed once however often it pays, and read by its token, by nobody else', async () => {
  const { client } = world;
  const number = testCard(5_100_001);
  const paid = await client.payments.create(
    sale(number, { capture: 'manual' }) as unknown as Parameters<typeof client.payments.create>[0],
    { wait: 20 },
  );
  expect(paid.status).toBe('authorized');
  const { token = '', fingerprint = '' } = paid.card ?? {};
  const again = await world.post('/v1/payments', { amount: 700, currency: 'EUR', card_token: token });
  expect(again.body).toMatchObject({ status: 'captured', card: { token } });

  const listed = await world.get(`/v1/stored-cards?card_fingerprint=${fingerprint}`);
  const cards = listed.body['data'] as readonly unknown[];
  expect(cards).toEqual([
    {
      id: token,
      object: 'stored_card',
      mode: 'test',
      created: expect.any(String) as unknown,
      fingerprint,
      brand: 'visa',
      bin: number.slice(0, 8),
      last_four: number.slice(-4),
      expiry_month: 12,
      expiry_year: 2030,
    },
  ]);
  expect(await client.storedCards.get(token)).toEqual(cards[0]);
  const stolen = await other.get(`/v1/stored-cards/${token}`);
  expect([stolen.status, stolen.body['code']]).toEqual([404, 'stored_card_not_found']);
  expect(await drop(other, token)).toBe(404);

  // Deleted, it pays no more; said twice, it is said twice.
  await client.storedCards.delete(token);
  expect(await drop(world, token)).toBe(204);
  for (const refused of [
    await world.post('/v1/payments', { amount: 700, currency: 'EUR', card_token: token }),
    await world.post('/v1/card-verifications', { currency: 'EUR', card_token: token }),
    await world.get(`/v1/stored-cards/${token}`),
  ])
    expect([refused.status, refused.body['code']], refused.text).toEqual([410, 'stored_card_deleted']);
  for await (const left of client.storedCards.list()) expect(left).toBeNull();
  const { rows } = await vault.query(
    "select caller, merchant from vault.audit_log where token = $1 and action = 'forget'",
    [token],
  );
  expect(rows).toEqual([{ caller: 'api', merchant: world.merchant }]);

  // What was held with it is captured and given back: that needs no card that is stored.
  const captured = await world.post(`/v1/payments/${paid.id}/captures`, {}, { wait: 20 });
  expect(captured.body).toMatchObject({ status: 'captured', amount_captured: 5_000 });
  const refunded = await world.post(`/v1/payments/${paid.id}/refunds`, {}, { wait: 20 });
  expect(refunded.body).toMatchObject({ object: 'refund', status: 'succeeded' });

  // Entered again it is a card that nobody has seen.
  const next = await world.post('/v1/payments', sale(number), { wait: 20 });
  expect(next.body).toMatchObject({ status: 'captured', card: { fingerprint } });
  expect((next.body['card'] as { token: string }).token).not.toBe(token);
});

it('a payment that its acquirer is still asked about when its card is deleted is approved all the same', async () => {
  const { client } = world;
  const first = await client.payments.create(
    sale(SLOW_CARD, { capture: 'manual' }) as unknown as Parameters<typeof client.payments.create>[0],
    { wait: 0 },
  );
  const deadline = Date.now() + 20_000;
  let token: string | undefined;
  while (token === undefined && Date.now() < deadline) {
    const [row] = await world.sql<{ card_token: string | null }>(
      'select card_token from payments where id = $1',
      [first.id],
    );
    token = row?.card_token ?? undefined;
    await delay(50);
  }
  await client.storedCards.delete(token ?? '');
  const ended = await client.payments.wait(first.id, { deadlineMs: 30_000, pauseMs: 100 });
  expect(ended).toMatchObject({ status: 'authorized', amount_authorized: 5_000, card: { token } });
  const captured = await world.post(`/v1/payments/${first.id}/captures`, {}, { wait: 20 });
  expect(captured.body).toMatchObject({ status: 'captured' });
});
