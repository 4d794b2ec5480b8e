import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { askUntilAnswered, AT_ONCE_MS, expectAsManyAsFit, tally } from '../support/at-once.ts';
import { GOOD_CARD, idOf, openWorld, sale, settled, type Answer, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: however many ask at once, or right after one another, each is answered, what was
 * promised adds up to what there is, and the acquirer wrote down the same.
 */
let world: World;

beforeEach(async () => {
  world = await openWorld(stackRunFile());
});
afterEach(async () => {
  await expectAgreement(world);
  await world.close();
});

const ask = (path: string, body: Record<string, unknown>, key?: string): Promise<Answer> =>
  askUntilAnswered(world, path, body, key);

async function captured(amount: number): Promise<string> {
  const created = await world.post('/v1/payments', { ...sale(GOOD_CARD), amount });
  expect(created.body['status'], created.text).toBe('captured');
  return idOf(created);
}

async function authorized(amount: number, number = GOOD_CARD): Promise<string> {
  const created = await world.post('/v1/payments', { ...sale(number), amount, capture: 'manual' });
  expect(created.body['status'], created.text).toBe('authorized');
  return idOf(created);
}

async function payment(id: string): Promise<Record<string, unknown>> {
  return (await world.get(`/v1/payments/${id}`)).body;
}

async function amountsOf(kind: string): Promise<readonly number[]> {
  return (await world.journal()).filter((entry) => entry.kind === kind).map(({ amount }) => Number(amount));
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

describe('one after another, each as soon as the one before is answered', { timeout: AT_ONCE_MS }, () => {
  it('100 refunds: a run that is just ending loses none', async () => {
    const id = await captured(10_000);
    for (let count = 1; count <= 100; count += 1) {
      const refund = await ask(`/v1/payments/${id}/refunds`, { amount: 100 });
      expect([refund.status, refund.body['status']], `refund ${count}: ${refund.text}`).toEqual([
        201,
        'succeeded',
      ]);
    }
    expect(await payment(id)).toMatchObject({ status: 'refunded', amount_refunded: 10_000 });
    expect(await amountsOf('refunded')).toHaveLength(100);
  });

  it('40 captures', async () => {
    const id = await authorized(4_000);
    for (let count = 1; count <= 40; count += 1) {
      const capture = await ask(`/v1/payments/${id}/capture`, { amount: 100 });
      expect([capture.status, capture.body['amount_captured']], `capture ${count}: ${capture.text}`).toEqual([
        200,
        count * 100,
      ]);
    }
    expect(await payment(id)).toMatchObject({ status: 'captured', amount_capturable: 0 });
    expect(sum(await amountsOf('captured'))).toBe(4_000);
  });
});

describe('all at once', { timeout: AT_ONCE_MS }, () => {
  it('50 refunds of a fortieth: forty go through, ten are refused, and the whole is back', async () => {
    const id = await captured(5_000);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => ask(`/v1/payments/${id}/refunds`, { amount: 125 })),
    );
    const taken = expectAsManyAsFit(answers, 40, '422 refund_exceeds_captured');
    expect(await payment(id)).toMatchObject({
      status: taken === 40 ? 'refunded' : 'partially_refunded',
      amount_refunded: taken * 125,
      amount_refund_pending: 0,
    });
    expect(await amountsOf('refunded')).toEqual(Array.from({ length: taken }, () => 125));
  });

  it('20 captures of which 16 fit: no more than was authorized is taken', async () => {
    const id = await authorized(5_000);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask(`/v1/payments/${id}/capture`, { amount: 300 })),
    );
    const taken = expectAsManyAsFit(answers, 16, '422 capture_exceeds_authorized');
    expect(await payment(id)).toMatchObject({
      status: 'partially_captured',
      amount_captured: taken * 300,
      amount_capturable: 5_000 - taken * 300,
    });
    expect(sum(await amountsOf('captured'))).toBe(taken * 300);
  });

  it('20 captures of the whole: one takes it', async () => {
    const id = await authorized(5_000);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask(`/v1/payments/${id}/capture`, {})),
    );
    expectAsManyAsFit(answers, 1, '409 payment_not_capturable');
    expect(await amountsOf('captured')).toEqual([5_000]);
  });

  it('the same refund, asked 20 times with one key, happens once', async () => {
    const id = await captured(5_000);
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask(`/v1/payments/${id}/refunds`, { amount: 700 }, key)),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(tally(answers)).toEqual({ 201: 20 });
    expect(await amountsOf('refunded')).toEqual([700]);
  });

  it('a void and a capture: exactly one of them wins, in our record and at the acquirer', async () => {
    // Few payments of each card: a card that is used often is a risk.
    const cards = ['4242424242424242', '5555555555554444', '378282246310005', '6011111111111117'];
    const numbers = [...cards, ...cards, ...cards];
    const ended = await Promise.all(
      numbers.map(async (number, index) => {
        const cvv = number.startsWith('37') ? '1234' : '123';
        const card = { number, expiry_month: 12, expiry_year: 2030, cvv };
        const created = await world.post('/v1/payments', { ...sale(number), card, capture: 'manual' });
        expect(created.body['status'], created.text).toBe('authorized');
        const id = idOf(created);
        const asked = [() => ask(`/v1/payments/${id}/void`, {}), () => ask(`/v1/payments/${id}/capture`, {})];
        const answers = await Promise.all((index % 2 === 0 ? asked : asked.reverse()).map((ask) => ask()));
        expect(answers.map(({ status }) => status).sort(), JSON.stringify(tally(answers))).toEqual([
          200, 409,
        ]);
        return (await settled(world, id))['status'];
      }),
    );
    for (const status of ended) expect(['captured', 'voided']).toContain(status);
    expect(await amountsOf('voided')).toHaveLength(ended.filter((status) => status === 'voided').length);
    expect(await amountsOf('captured')).toHaveLength(ended.filter((status) => status === 'captured').length);
  });

  it('a void, a capture and a refund of what is still on its way to the acquirer leave one truth', async () => {
    const created = await world.post(
      '/v1/payments',
      { ...sale('4000000000000077'), capture: 'manual' },
      { wait: 0 },
    );
    const id = idOf(created);
    const answers = await Promise.all([
      ask(`/v1/payments/${id}/void`, {}),
      ask(`/v1/payments/${id}/capture`, {}),
      ask(`/v1/payments/${id}/refunds`, { amount: 1 }),
    ]);
    const ended = await settled(world, id);
    expect(['voided', 'captured', 'partially_refunded']).toContain(ended['status']);
    for (const { status, text } of answers) expect([200, 201, 409], text).toContain(status);
  });
});
