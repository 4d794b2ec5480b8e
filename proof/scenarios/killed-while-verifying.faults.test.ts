import { afterEach, beforeEach, expect, it } from 'vitest';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { expectAgreement } from '../support/agreement.ts';
import { idOf, openWorld, SLOW_CARD, until, type World } from '../support/world.ts';

/**
 * The promise: a payments worker that dies while a card is asked about is missed by nobody: the verification ends,
 * with one answer. (An acquirer worker that dies: workflows/card-verification, where the half minute is skipped.)
 */
let world: World;
beforeEach(async () => {
  world = await openWorld(stackRunFile(), { acquirers: ['acquirer-1'] });
});
afterEach(async () => {
  await expectAgreement(world);
  await world.close();
});

const BODY = {
  currency: 'EUR',
  card: { number: SLOW_CARD, expiry_month: 12, expiry_year: 2034, cvv: '123' },
};

/** A verification whose question is at the acquirer right now. */
async function inFlight(key: string): Promise<string> {
  const created = await world.post('/v1/card-verifications', BODY, { key, wait: 0 });
  expect(created.status, created.text).toBe(202);
  const id = idOf(created);
  await until(
    `${id} is being asked about`,
    () =>
      world.sql<{ state: string }>('select state from verification_attempts where verification_id = $1', [
        id,
      ]),
    (rows) => rows.some(({ state }) => state === 'sending'),
  );
  return id;
}

it('the payments worker is killed: it goes on, asks nobody a second time, and has one answer', async () => {
  const key = 'killed-payments';
  const id = await inFlight(key);
  process.kill(await world.pid('payments'), 'SIGKILL');
  const { body } = await until(
    `${id} has ended`,
    () => world.get(`/v1/card-verifications/${id}`),
    ({ status, body: now }) => status === 200 && now['status'] !== 'processing',
    90_000,
  );
  expect(body).toMatchObject({ status: 'verified' });
  const again = await world.post('/v1/card-verifications', BODY, { key });
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
  expect(again.body).toEqual(body);
  const events = await world.sql("select from events where merchant_id = $1 and body like '%' || $2 || '%'", [
    world.merchant,
    id,
  ]);
  expect(events).toHaveLength(1);
  expect((await world.journal()).map(({ kind }) => kind)).toEqual(['verified']);
});
