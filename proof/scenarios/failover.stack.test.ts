import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { startExtraAcquirers, type ExtraAcquirers } from '../../temporal-dev/testing/extra-acquirers.ts';
import { testCard } from '../support/cards.ts';
import { expectNoDoubleCharge, routeTo } from '../support/routing.ts';
import { idOf, openWorld, sale, settled, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: a payment that its acquirer did not get is made at the next one; one that was declined
 * only where that is allowed, and then without the security code; and with the mechanism turned off
 * the same payments are not saved.
 */
const A = `a-${randomUUID()}`;
const B = `b-${randomUUID()}`;
let acquirers: ExtraAcquirers;
let world: World;
let cards = 0;

beforeAll(async () => {
  acquirers = await startExtraAcquirers(await readRunFile(stackRunFile()), [A, B]);
}, 120_000);
afterAll(() => acquirers.close());
afterEach(async () => {
  await expectNoDoubleCharge(world, acquirers);
  await world.close();
});

async function open(settings: Parameters<typeof routeTo>[3]): Promise<void> {
  world = await openWorld(stackRunFile(), { acquirers: [A, B], routing: 'by_value' });
  // Breakers would hide whether it is the failover that helps.
  await routeTo(world, A, 'rule', { breaker: false, ...settings });
}

async function pay(): Promise<string> {
  cards += 1;
  return idOf(await world.post('/v1/payments', sale(testCard(cards)), { wait: 0 }));
}

async function placesOf(payment: string): Promise<string[]> {
  const rows = await world.sql<{ acquirer_id: string }>(
    "select acquirer_id from attempts where merchant_id = $1 and payment_id = $2 and kind = 'sale' order by number",
    [world.merchant, payment],
  );
  return rows.map(({ acquirer_id: acquirer }) => acquirer);
}

async function decisionsOf(payment: string): Promise<Record<string, unknown>[]> {
  const { body } = await world.get(`/v1/payments/${payment}`);
  return body['routing'] as Record<string, unknown>[];
}

describe('an acquirer that cannot be reached', () => {
  it('costs no payment: it is made at the other one', async () => {
    await open({});
    await acquirers.shut(0);
    const payment = await pay();
    expect(await settled(world, payment)).toMatchObject({ status: 'captured', acquirer: { id: B } });
    expect(await placesOf(payment)).toEqual([A, B]);
    const decisions = await decisionsOf(payment);
    expect(decisions.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(decisions[1]).toMatchObject({ without_security_code: false, tried: [{ answered: false }] });
    // It was never used: the second acquirer got it.
    expect(acquirers.simulators[1]?.entries().at(-1)?.cvvResult).toBe('M');
    await acquirers.open(0);
  });

  it('keeps its payments waiting when failover is turned off', async () => {
    await open({ failoverLimit: 0 });
    await acquirers.shut(0);
    const payment = await pay();
    await until(
      'it was tried three times',
      () => placesOf(payment),
      (places) => places.length >= 3,
    );
    expect(new Set(await placesOf(payment))).toEqual(new Set([A]));
    expect((await world.get(`/v1/payments/${payment}`)).body['status']).toBe('processing');
    await acquirers.open(0);
    expect(await settled(world, payment)).toMatchObject({ status: 'captured', acquirer: { id: A } });
  });
});

describe('a decline that another acquirer may see otherwise', () => {
  const decline = (): void => {
    acquirers.simulators[0]?.addFault({ times: 1, match: {}, action: { type: 'decline', code: '91' } });
  };
  const allowWithoutCode = (): Promise<unknown> =>
    world.sql(
      "update merchant_acquirer_accounts set capabilities = capabilities || '{no_security_code}' where merchant_id = $1",
      [world.merchant],
    );

  it('is asked of the other one without the security code, where merchant and acquirer allow it', async () => {
    await open({ failoverAfterAnswer: true });
    await allowWithoutCode();
    decline();
    const payment = await pay();
    expect(await settled(world, payment)).toMatchObject({ status: 'captured', acquirer: { id: B } });
    expect(await placesOf(payment)).toEqual([A, B]);
    expect((await decisionsOf(payment))[1]).toMatchObject({ without_security_code: true });
    expect(acquirers.simulators[0]?.entries().at(-1)?.responseCode).toBe('91');
    expect(acquirers.simulators[1]?.entries().at(-1)?.cvvResult).toBeNull();
    const history = await world.sql<{ event: string }>(
      'select event from payment_history where merchant_id = $1 and payment_id = $2 order by version',
      [world.merchant, payment],
    );
    expect(history.map(({ event }) => event)).toContain('authorization_failed_over');
  });

  it.each([
    ['the merchant does not want it', { failoverAfterAnswer: false }, true],
    ['the acquirer does not take it', { failoverAfterAnswer: true }, false],
  ])('is the end where %s', async (_, settings, codeless) => {
    await open(settings);
    if (codeless) await allowWithoutCode();
    decline();
    const payment = await pay();
    expect(await settled(world, payment)).toMatchObject({
      status: 'declined',
      decline_code: '91',
      remedy: 'other_route',
    });
    expect(await placesOf(payment)).toEqual([A]);
  });
});

describe('a card that was declined for good', () => {
  it('is not sent again, to nobody', async () => {
    await open({});
    await world.sql(
      "insert into retry_limits (mode, merchant_id, after_never, valid_from, source) values ('test', $1, true, '2025-01-01', 'as in live')",
      [world.merchant],
    );
    cards += 1;
    const number = testCard(cards);
    acquirers.simulators[0]?.addFault({ times: 1, match: {}, action: { type: 'decline', code: '43' } });
    const first = idOf(await world.post('/v1/payments', sale(number), { wait: 0 }));
    expect(await settled(world, first)).toMatchObject({ status: 'declined', remedy: 'never' });
    const lines = acquirers.simulators.map((simulator) => simulator.entries().length);

    const second = await world.post('/v1/payments', sale(number), { wait: 20 });
    expect(second.status, second.text).toBe(201);
    expect(second.body).toMatchObject({
      status: 'declined',
      failure_code: 'retry_not_allowed',
      remedy: 'never',
    });
    expect(await placesOf(idOf(second))).toEqual([]);
    expect(acquirers.simulators.map((simulator) => simulator.entries().length)).toEqual(lines);
  });
});
