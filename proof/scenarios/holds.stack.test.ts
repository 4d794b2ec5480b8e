import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { askUntilAnswered, AT_ONCE_MS, expectAsManyAsFit, tally } from '../support/at-once.ts';
import { addFault, clearFaults } from '../support/faults.ts';
import { GOOD_CARD, idOf, openWorld, sale, until, type Answer, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: a hold can grow, is taken in parts, and what a last capture leaves is given back; and
 * however the acquirer answers, our record, the books and its journal hold the same.
 */
let world: World;

beforeEach(async () => {
  world = await openWorld(stackRunFile());
});
afterEach(async () => {
  await clearFaults(world);
  await expectAgreement(world);
  await world.close();
});

const WAIT = { wait: 30 };

async function held(amount: number, rest: Record<string, unknown> = {}): Promise<string> {
  const asked = { ...sale(GOOD_CARD), amount, capture: 'manual', authorization_type: 'pre', ...rest };
  const created = await world.post('/v1/payments', asked, WAIT);
  expect(created.body['status'], created.text).toBe('authorized');
  return idOf(created);
}
const increment = (id: string, amount: number): Promise<Answer> =>
  world.post(`/v1/payments/${id}/increments`, { amount }, WAIT);
const incrementAnswered = (id: string, amount: number, key?: string): Promise<Answer> =>
  askUntilAnswered(world, `/v1/payments/${id}/increments`, { amount }, key);
const captureAnswered = (id: string, body: Record<string, unknown>): Promise<Answer> =>
  askUntilAnswered(world, `/v1/payments/${id}/captures`, body);
const capture = (id: string, body: Record<string, unknown>): Promise<Answer> =>
  world.post(`/v1/payments/${id}/captures`, body, WAIT);
const payment = async (id: string): Promise<Record<string, unknown>> =>
  (await world.get(`/v1/payments/${id}`)).body;

/** The lines of the acquirer's journal: kind and amount. */
async function journal(): Promise<readonly (readonly [string, number])[]> {
  return (await world.journal()).map(({ kind, amount }) => [kind, Number(amount)]);
}
async function incrementsDone(id: string): Promise<Record<string, unknown>> {
  return until(
    'the increment is concluded',
    () => payment(id),
    ({ increments }) => (increments as { status: string }[]).every(({ status }) => status !== 'pending'),
  );
}

describe('an increment', () => {
  it('is held, told, and captured with the rest', async () => {
    const id = await held(5_000);
    const before = await payment(id);
    const added = await increment(id, 1_250);
    expect([added.status, added.body], added.text).toMatchObject([
      201,
      { object: 'increment', amount: 1_250, status: 'succeeded', decline_code: null, payment: id },
    ]);
    const grown = await payment(id);
    expect(grown).toMatchObject({
      status: 'authorized',
      amount: 5_000,
      amount_authorized: 6_250,
      amount_capturable: 6_250,
      authorization_type: 'pre',
      capture_before: before['capture_before'],
    });
    expect(grown['ledger']).toMatchObject([{ event: 'authorized' }, { event: 'incremented' }]);
    const events = await world.sql<{ type: string }>('select type from events where payment_id = $1', [id]);
    expect(events.map(({ type }) => type)).toContain('payment.incremented');

    const captured = await capture(id, {});
    expect(captured.body, captured.text).toMatchObject({ status: 'captured', amount_captured: 6_250 });
    expect(await journal()).toEqual([
      ['approved', 5_000],
      ['incremented', 1_250],
      ['captured', 6_250],
    ]);
  });

  it('is released with the rest: whole, and after a capture of more than was first authorized', async () => {
    const whole = await held(5_000);
    await increment(whole, 1_000);
    const voided = await world.post(`/v1/payments/${whole}/void`, {}, WAIT);
    expect(voided.body, voided.text).toMatchObject({ status: 'voided' });

    const part = await held(5_000);
    await increment(part, 2_000);
    await capture(part, { amount: 6_000, final: false });
    const rest = await world.post(`/v1/payments/${part}/void`, {}, WAIT);
    expect(rest.body, rest.text).toMatchObject({ status: 'captured', amount_captured: 6_000 });
    expect((await journal()).slice(2)).toEqual([
      ['voided', 6_000],
      ['approved', 5_000],
      ['incremented', 2_000],
      ['captured', 6_000],
      ['partially_voided', 1_000],
    ]);
  });

  it('that is declined is no error of HTTP: it says so, and the old amount stays', async () => {
    const id = await held(5_000, {
      card: { number: '5105105105105100', expiry_month: 12, expiry_year: 2030, cvv: '123' },
    });
    const added = await increment(id, 700);
    expect([added.status, added.body], added.text).toMatchObject([
      201,
      { status: 'failed', failure_code: 'declined', decline_code: '51' },
    ]);
    expect(await payment(id)).toMatchObject({ status: 'authorized', amount_authorized: 5_000 });
  });

  it.each([
    ['was executed, and its answer lost', { type: 'lose_answer' }, 'reversed_unknown', 'increment_reversed'],
    ['was thrown away', { type: 'no_answer_not_executed' }, 'not_executed', 'not_found'],
    ['came after its reversal', { type: 'hold', holdMs: 12_000 }, 'not_executed', 'not_found'],
    ['was executed before the line broke', { type: 'reset_after' }, 'reversed_unknown', 'increment_reversed'],
  ] as const)('that %s is undone alone; nothing is captured meanwhile', async (_, action, code, line) => {
    const id = await held(5_000);
    await addFault(world, { match: { kind: 'increment' }, action });
    const added = await world.post(`/v1/payments/${id}/increments`, { amount: 700 }, { wait: 0 });
    expect(added.status, added.text).toBe(202);
    expect(added.body).toMatchObject({ pending: { object: 'increment' } });
    const early = await capture(id, {});
    // Where the line broke at once, it may be undone already.
    if (early.status !== 200) expect(early.body, early.text).toMatchObject({ code: 'operation_pending' });
    const ended = await incrementsDone(id);
    expect(ended).toMatchObject({ amount_authorized: 5_000, increments: [{ failure_code: code }] });
    if (early.status !== 200) {
      const captured = await capture(id, {});
      expect(captured.body, captured.text).toMatchObject({ status: 'captured', amount_captured: 5_000 });
    }
    expect((await journal()).map(([kind]) => kind)).toContain(line);
    if (action.type === 'hold') {
      await until('the original came late and was refused', journal, (lines) =>
        lines.some(([kind]) => kind === 'declined'),
      );
    }
  });

  it('is refused where nothing can grow', async () => {
    const final = await held(5_000, { authorization_type: 'final' });
    expect(await increment(final, 1)).toMatchObject({
      status: 409,
      body: { code: 'payment_not_incrementable' },
    });
    const id = await held(5_000);
    expect(await increment(id, 999_999_999_999)).toMatchObject({
      status: 422,
      body: { code: 'increment_exceeds_limit' },
    });
    for (const amount of [0, -1, 1.5, null])
      expect((await world.post(`/v1/payments/${id}/increments`, { amount })).status).toBe(400);
    const automatic = await world.post('/v1/payments', { ...sale(GOOD_CARD), authorization_type: 'pre' });
    expect([automatic.status, automatic.body], automatic.text).toMatchObject([
      400,
      { param: '/authorization_type' },
    ]);
    await world.sql('update merchant_acquirer_accounts set increments = false where merchant_id = $1', [
      world.merchant,
    ]);
    expect((await increment(id, 1)).body).toMatchObject({ code: 'payment_not_incrementable' });
    await capture(id, {});
    expect((await increment(id, 1)).body).toMatchObject({ code: 'payment_not_incrementable' });
  });

  it(
    'asked 20 times with one key happens once',
    async () => {
      const id = await held(5_000);
      const key = randomUUID();
      const answers = await Promise.all(Array.from({ length: 20 }, () => incrementAnswered(id, 300, key)));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(await payment(id)).toMatchObject({ amount_authorized: 5_300 });
      expect(await journal()).toEqual([
        ['approved', 5_000],
        ['incremented', 300],
      ]);
    },
    AT_ONCE_MS,
  );
});

describe('50 at once', { timeout: AT_ONCE_MS }, () => {
  it('increments, and one last capture among them: what came before it counts, what came after is told why not', async () => {
    const id = await held(5_000);
    const asked = Array.from({ length: 50 }, (_, index) =>
      index === 25 ? captureAnswered(id, { amount: 5_000 }) : incrementAnswered(id, 10),
    );
    const answers = await Promise.all(asked);
    const counts = tally(answers);
    const added = counts['201'] ?? 0;
    // Where one is unknown for a while (a busy machine) those who came meanwhile are told so, the capture among them.
    const meanwhile = counts['409 operation_pending'] ?? 0;
    const captured = counts['200'] ?? 0;
    expect(added + captured + meanwhile + (counts['409 payment_not_incrementable'] ?? 0)).toBe(50);
    if (meanwhile === 0) expect(captured, JSON.stringify(counts)).toBe(1);
    expect(await payment(id)).toMatchObject({
      status: captured === 1 ? 'captured' : 'authorized',
      amount_captured: captured * 5_000,
      amount_authorized: 5_000 + 10 * added,
      amount_capturable: captured === 1 ? 0 : 5_000 + 10 * added,
    });
  });

  it('increments of a third of what one payment may hold: two fit', async () => {
    const id = await held(5_000);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => incrementAnswered(id, 333_333_333_333)),
    );
    const taken = expectAsManyAsFit(answers, 2, '422 increment_exceeds_limit');
    expect(await payment(id)).toMatchObject({ amount_authorized: 5_000 + taken * 333_333_333_333 });
    const voided = await world.post(`/v1/payments/${id}/void`, {}, WAIT);
    expect(voided.body, voided.text).toMatchObject({ status: 'voided' });
  });

  it('last captures: one of them is the last', async () => {
    const id = await held(5_000);
    const answers = await Promise.all(Array.from({ length: 50 }, () => captureAnswered(id, { amount: 100 })));
    expectAsManyAsFit(answers, 1, '409 payment_not_capturable');
    expect(await journal()).toEqual([
      ['approved', 5_000],
      ['captured', 100],
      ['partially_voided', 4_900],
    ]);
  });
});

describe('a last capture', () => {
  it('below the hold gives back the rest, and says captured when it is given back', async () => {
    const id = await held(5_000);
    const captured = await capture(id, { amount: 3_000 });
    expect([captured.status, captured.body], captured.text).toMatchObject([
      200,
      {
        status: 'captured',
        amount_captured: 3_000,
        amount_capturable: 0,
        captures: [{ amount: 3_000, final: true }],
      },
    ]);
    expect((await payment(id))['ledger']).toMatchObject([
      { event: 'authorized' },
      { event: 'captured' },
      { event: 'released' },
    ]);
  });

  it('whose release is not answered repeats it until it is, and the capture stands meanwhile', async () => {
    const id = await held(5_000);
    await addFault(world, { match: { kind: 'partial_void' }, action: { type: 'lose_answer' } });
    const captured = await capture(id, { amount: 3_000 });
    expect([captured.status, captured.body], captured.text).toMatchObject([
      200,
      { status: 'partially_captured', amount_captured: 3_000, captures: [{ status: 'succeeded' }] },
    ]);
    await until(
      'the rest is given back',
      () => payment(id),
      ({ status }) => status === 'captured',
    );
    expect(await journal()).toEqual([
      ['approved', 5_000],
      ['captured', 3_000],
      ['partially_voided', 2_000],
    ]);
    const events = await world.sql<{ type: string }>(
      'select type from events where payment_id = $1 order by version',
      [id],
    );
    expect(events.map(({ type }) => type)).toEqual([
      'payment.authorized',
      'payment.partially_captured',
      'payment.captured',
    ]);
  });

  it('is what /captures makes and /capture does not, unless they say otherwise', async () => {
    const [one, two] = [await held(5_000), await held(5_000)];
    expect((await capture(one, { amount: 100, final: false })).body).toMatchObject({
      status: 'partially_captured',
    });
    expect((await world.post(`/v1/payments/${one}/capture`, { amount: 100 }, WAIT)).body).toMatchObject({
      status: 'partially_captured',
      amount_captured: 200,
    });
    const last = await world.post(`/v1/payments/${two}/capture`, { amount: 100, final: true }, WAIT);
    expect(last.body, last.text).toMatchObject({ status: 'captured', amount_captured: 100 });
  });
});

describe('an authorization', () => {
  const days = ({ capture_before: end, created }: Record<string, unknown>): number =>
    (Date.parse(String(end)) - Date.parse(String(created))) / 86_400_000;

  it.each([
    ['4242424242424242', 'final', 6.5],
    ['5555555555554444', 'final', 6.5],
    ['5555555555554444', 'pre', 29.5],
    ['4012888888881881', 'final', 1.5],
  ])('of %s, %s, can be captured for %d days', async (number, type, expected) => {
    const card = { number, expiry_month: 12, expiry_year: 2030, cvv: '123' };
    const id = await held(5_000, { card, authorization_type: type });
    expect(days(await payment(id))).toBeCloseTo(expected, 2);
  });
});
