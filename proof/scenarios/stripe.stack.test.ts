import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { GOOD_CARD, idOf, openWorld, sale, settled, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: a merchant whose account is at an acquirer of the Stripe wire sees the same payments,
 * and the three records agree there too, also when answers are lost.
 */
const ACQUIRER = 'acquirer-3';
let world: World;

beforeAll(async () => {
  world = await openWorld(stackRunFile(), { acquirers: [ACQUIRER] });
});
afterAll(() => world.close());

/** Makes the next request of that kind go wrong. */
async function fault(request: string, action: Record<string, unknown>): Promise<void> {
  const control = (await world.run()).acquirers.find(({ id }) => id === ACQUIRER)?.control;
  if (control === undefined) throw new Error(`the stack has no ${ACQUIRER}`);
  const response = await fetch(`${control}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ times: 1, match: { request }, action }),
    signal: AbortSignal.timeout(5_000),
  });
  expect(response.status, await response.text()).toBe(201);
}

const attempts = (payment: string) =>
  world.sql<{ kind: string; state: string; on_unknown: string; acquirer_reference: string | null }>(
    'select kind, state, on_unknown, acquirer_reference from attempts where payment_id = $1 order by planned_at, id',
    [payment],
  );

describe('a payment over the Stripe wire', () => {
  it('is sold at once, under an intent that was committed before', async () => {
    const id = idOf(await world.post('/v1/payments', sale(GOOD_CARD)));
    expect(await settled(world, id)).toMatchObject({ status: 'captured', amount_captured: 5_000 });
    expect(await attempts(id)).toEqual([
      {
        kind: 'sale',
        state: 'answered',
        on_unknown: 'inquire',
        acquirer_reference: expect.stringMatching(/^pi_/) as string,
      },
    ]);
  });

  it('is held, captured in parts, and given back in parts', async () => {
    const id = idOf(await world.post('/v1/payments', sale(GOOD_CARD, { capture: 'manual', amount: 9_000 })));
    for (const amount of [2_000, 3_000])
      expect((await world.post(`/v1/payments/${id}/capture`, { amount })).status).toBe(200);
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
    ['4000000000009995', 'insufficient_funds', 'later'],
    ['4000000000009987', 'lost_card', 'never'],
    ['4000002500003155', 'authentication_required', 'authenticate'],
  ])('with %s is declined: %s, remedy %s', async (number, code, remedy) => {
    const id = idOf(await world.post('/v1/payments', sale(number)));
    expect(await settled(world, id)).toMatchObject({ status: 'declined', decline_code: code, remedy });
  });

  it.each(['reset_after', 'error_executed', 'garbage'])(
    'whose approval is lost (%s) is asked about and becomes what it is, not undone',
    async (type) => {
      await fault('confirm', { type });
      const created = await world.post('/v1/payments', sale(GOOD_CARD), { wait: 0 });
      const payment = await settled(world, idOf(created));
      expect(payment).toMatchObject({ status: 'captured', amount_captured: 5_000 });
      expect((await attempts(idOf(created))).map(({ kind }) => kind)).toEqual(['sale']);
    },
  );

  it.each(['capture', 'refund'] as const)(
    'whose %s is lost is repeated under its key, and done once',
    async (what) => {
      const manual = what === 'capture' ? { capture: 'manual' } : {};
      // Another card: one that is used too often in a minute is blocked.
      const id = idOf(await world.post('/v1/payments', sale('5555555555554444', manual)));
      await fault(what, { type: 'reset_after' });
      const path = what === 'capture' ? 'capture' : 'refunds';
      await world.post(`/v1/payments/${id}/${path}`, { amount: 5_000 }, { wait: 20 });
      const status = what === 'capture' ? 'captured' : 'refunded';
      await until(
        `${id} is ${status}`,
        () => world.get(`/v1/payments/${id}`),
        ({ body }) => body['status'] === status,
      );
    },
  );

  it('whose refund Stripe holds is refunded once it says so', async () => {
    const id = idOf(await world.post('/v1/payments', sale('4000000000007726')));
    await world.post(`/v1/payments/${id}/refunds`, { amount: 2_000 }, { wait: 0 });
    const payment = await until(
      `${id} is refunded`,
      () => world.get(`/v1/payments/${id}`),
      ({ body }) => body['amount_refunded'] === 2_000,
    );
    expect(payment.body).toMatchObject({ status: 'partially_refunded' });
  });

  it('of an amount that cannot be said there is not sent', async () => {
    const id = idOf(await world.post('/v1/payments', sale(GOOD_CARD, { amount: 12_345, currency: 'KWD' })));
    expect(await settled(world, id)).toMatchObject({ status: 'failed', failure_code: 'no_route' });
    expect(await attempts(id)).toEqual([]);
  });

  it.each(['capture', 'refunds'] as const)(
    'refuses a part that cannot be said there (%s), and can be asked for another',
    async (what) => {
      const manual = what === 'capture' ? { capture: 'manual' } : {};
      const asked = { amount: 12_340, currency: 'KWD', ...manual };
      const id = idOf(await world.post('/v1/payments', sale('4111111111111111', asked)));
      const refused = await world.post(`/v1/payments/${id}/${what}`, { amount: 5_001 }, { wait: 10 });
      expect([refused.status, refused.body['code']], refused.text).toEqual([422, 'not_possible_at_acquirer']);
      const taken = await world.post(`/v1/payments/${id}/${what}`, { amount: 5_010 });
      expect([200, 201], taken.text).toContain(taken.status);
    },
  );

  it('leaves three records that agree', async () => {
    await expectAgreement(world);
  });
});
