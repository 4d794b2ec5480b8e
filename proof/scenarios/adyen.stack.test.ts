import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import {
  GOOD_CARD,
  idOf,
  openWorld,
  sale,
  settled,
  until,
  type Answer,
  type World,
} from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: a merchant whose account is at an acquirer of the Adyen wire sees the same payments,
 * whose captures, voids and refunds are done when Adyen reports them, and the three records agree.
 */
const ACQUIRER = 'acquirer-4';
let world: World;

beforeAll(async () => {
  world = await openWorld(stackRunFile(), { acquirers: [ACQUIRER] });
});
afterEach(async () => {
  await control('settings', { delivery: {}, settleAfterMs: 100 });
});
afterAll(async () => {
  await world.close();
});

async function control(path: string, body: Record<string, unknown>): Promise<void> {
  const address = (await world.run()).acquirers.find(({ id }) => id === ACQUIRER)?.control;
  if (address === undefined) throw new Error(`the stack has no ${ACQUIRER}`);
  const response = await fetch(`${address}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  });
  expect(response.ok, await response.text()).toBe(true);
}

/** Makes the next request of that kind go wrong. */
const fault = (request: string, action: Record<string, unknown>): Promise<void> =>
  control('faults', { times: 1, match: { request }, action });

const attempts = (payment: string) =>
  world.sql<{ kind: string; state: string; on_unknown: string; acquirer_reference: string | null }>(
    'select kind, state, on_unknown, acquirer_reference from attempts where payment_id = $1 order by planned_at, id',
    [payment],
  );

const becomes = (id: string, expected: Record<string, unknown>): Promise<Answer> =>
  until(
    `${id} is ${JSON.stringify(expected)}`,
    () => world.get(`/v1/payments/${id}`),
    ({ body }) => Object.entries(expected).every(([name, value]) => body[name] === value),
  );

// One card that is used too often in a minute is blocked.
const CARDS = [GOOD_CARD, '5555555555554444', '4111111111111111', '2222400070000005', '4988438843884305'];
let used = 0;
const card = (): string => CARDS[(used += 1) % CARDS.length] ?? GOOD_CARD;

describe('a payment over the Adyen wire', () => {
  it('is sold at once', async () => {
    const id = idOf(await world.post('/v1/payments', sale(card())));
    expect(await settled(world, id)).toMatchObject({ status: 'captured', amount_captured: 5_000 });
    expect(await attempts(id)).toEqual([
      {
        kind: 'sale',
        state: 'answered',
        on_unknown: 'repeat',
        acquirer_reference: expect.stringMatching(/^SIMPAY/) as string,
      },
    ]);
  });

  it('is held, captured in parts, given back in parts, and let go for the rest', async () => {
    const id = idOf(await world.post('/v1/payments', sale(card(), { capture: 'manual', amount: 9_000 })));
    for (const amount of [2_000, 3_000]) {
      const captured = await world.post(`/v1/payments/${id}/capture`, { amount });
      expect(captured.status, captured.text).toBe(200);
    }
    const refunded = await world.post(`/v1/payments/${id}/refunds`, { amount: 1_500 });
    expect([refunded.status, refunded.body['status']], refunded.text).toEqual([201, 'succeeded']);
    const voided = await world.post(`/v1/payments/${id}/void`, {});
    expect(voided.status, voided.text).toBe(200);
    expect(await settled(world, id)).toMatchObject({
      status: 'partially_refunded',
      amount_captured: 5_000,
      amount_refunded: 1_500,
    });
  });

  it.each([
    [600_012, '12', 'later'],
    [600_005, '5', 'never'],
    [600_038, '38', 'authenticate'],
  ])('of %i is declined: %s, remedy %s', async (amount, code, remedy) => {
    const id = idOf(await world.post('/v1/payments', sale(card(), { amount })));
    expect(await settled(world, id)).toMatchObject({ status: 'declined', decline_code: code, remedy });
  });

  it.each(['reset_after', 'reset_before', 'garbage'])(
    'whose answer is lost (%s) is asked for again under its key, and is one',
    async (type) => {
      await fault('pay', { type });
      const id = idOf(await world.post('/v1/payments', sale(card()), { wait: 0 }));
      await becomes(id, { status: 'captured', amount_captured: 5_000 });
      expect((await attempts(id)).map(({ kind }) => kind)).toEqual(['sale']);
    },
  );

  it('whose approval hides behind a stored 500 is known by the report', async () => {
    await fault('pay', { type: 'error_executed' });
    const id = idOf(await world.post('/v1/payments', sale(card()), { wait: 0 }));
    await becomes(id, { status: 'captured', amount_captured: 5_000 });
  });

  it.each([
    ['capture', 'reset_after'],
    ['capture', 'error_executed'],
    ['refund', 'reset_before'],
    ['refund', 'error_executed'],
    ['cancel', 'reset_after'],
  ] as const)('whose %s is lost (%s) is done once', async (what, type) => {
    const manual = what === 'refund' ? {} : { capture: 'manual' };
    const id = idOf(await world.post('/v1/payments', sale(card(), manual)));
    await settled(world, id);
    await fault(what, { type });
    const paths = { capture: 'capture', refund: 'refunds', cancel: 'void' };
    const body = what === 'cancel' ? {} : { amount: 5_000 };
    await world.post(`/v1/payments/${id}/${paths[what]}`, body, { wait: 0 });
    await becomes(id, { status: { capture: 'captured', refund: 'refunded', cancel: 'voided' }[what] });
  });

  it('whose refund waits for its report is refunded when it comes', async () => {
    const id = idOf(await world.post('/v1/payments', sale(card())));
    await settled(world, id);
    await control('settings', { settleAfterMs: null });
    const answer = await world.post(`/v1/payments/${id}/refunds`, { amount: 2_000 }, { wait: 1 });
    expect(answer.status, answer.text).toBe(202);
    await control('settings', { settleAfterMs: 0 });
    await becomes(id, { status: 'partially_refunded', amount_refunded: 2_000 });
  });

  it('whose refund is refused by the report has its money back where it was', async () => {
    const id = idOf(await world.post('/v1/payments', sale(card())));
    await settled(world, id);
    await fault('refund', { type: 'decline', code: '10' });
    await world.post(`/v1/payments/${id}/refunds`, { amount: 2_000 }, { wait: 10 });
    const { body } = await until(
      'the refund has failed',
      () => world.get(`/v1/payments/${id}`),
      (payment) => (payment.body['refunds'] as { status: string }[])[0]?.status === 'failed',
    );
    expect(body).toMatchObject({ status: 'captured', amount_refunded: 0 });
  });

  it.each([
    ['twice', { copies: 3 }],
    ['before the request is answered', { beforeReply: true }],
    ['late, newest first', { delayMs: 500, newestFirst: true }],
  ])('reported %s is the same', async (_, delivery) => {
    await control('settings', { delivery });
    const id = idOf(await world.post('/v1/payments', sale(card(), { capture: 'manual' }), { wait: 10 }));
    await becomes(id, { status: 'authorized' });
    await world.post(`/v1/payments/${id}/capture`, { amount: 5_000 }, { wait: 10 });
    await becomes(id, { status: 'captured' });
    await world.post(`/v1/payments/${id}/refunds`, { amount: 5_000 }, { wait: 10 });
    await becomes(id, { status: 'refunded' });
  });

  it('whose refund fails after it had succeeded stands as if it had not been', async () => {
    const id = idOf(await world.post('/v1/payments', sale(card())));
    await world.post(`/v1/payments/${id}/refunds`, { amount: 2_000 }, { wait: 10 });
    await becomes(id, { amount_refunded: 2_000 });
    const [refund] = (await attempts(id)).filter(({ kind }) => kind === 'refund');
    await control('settings', { withdraw: refund?.acquirer_reference ?? '' });
    await becomes(id, { status: 'captured', amount_refunded: 0 });
  });

  it('leaves three records that agree, and nothing for a person', async () => {
    await expectAgreement(world);
    const cases = await world.sql('select kind, detail from cases where merchant_id = $1', [world.merchant]);
    expect(cases).toEqual([]);
  });
});
