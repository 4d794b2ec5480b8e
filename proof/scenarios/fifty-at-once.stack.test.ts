import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import {
  newStackFolder,
  removeStack,
  startStack,
  type StartedStack,
} from '../../temporal-dev/start-stack.ts';
import { startMoreApis, type MoreApis } from '../../temporal-dev/testing/more-apis.ts';
import { expectAgreement } from '../support/agreement.ts';
import { accepted, askUntilAnswered, AT_ONCE_MS, expectAsManyAsFit, tally } from '../support/at-once.ts';
import { GOOD_CARD, idOf, openWorld, sale, until, type Answer, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: fifty who ask at once, through several api processes, are served in one order. What is
 * promised adds up to what there is; each loser is told precisely why, by payment; nobody gets a 5xx;
 * our record, the books and the acquirer's journal agree afterwards.
 */
const FIFTY = 50;
const WAIT = { wait: 30 };
/** Above the deadline of whoever waits longest, who then says what was waited for. */
const LIMIT = { timeout: AT_ONCE_MS + 60_000 };

/** Every refusal is a 409 or 422 with a code, and says which payment it is about. */
function expectPreciseRefusals(answers: readonly Answer[], payment: string): void {
  for (const { status, body, text } of answers.filter((answer) => answer.status >= 400)) {
    expect([409, 422], text).toContain(status);
    expect(body['code'], text).toEqual(expect.stringMatching(/^[a-z_]+$/));
    expect(body['detail'], text).toEqual(expect.stringContaining(payment));
  }
}

async function atOnce(asks: readonly (() => Promise<Answer>)[]): Promise<readonly Answer[]> {
  return Promise.all(asks.map((ask) => ask()));
}

async function authorized(world: World, amount: number): Promise<string> {
  const created = await world.post('/v1/payments', { ...sale(GOOD_CARD), amount, capture: 'manual' }, WAIT);
  expect(created.body['status'], created.text).toBe('authorized');
  return idOf(created);
}

async function captured(world: World, amount: number): Promise<string> {
  const created = await world.post('/v1/payments', { ...sale(GOOD_CARD), amount }, WAIT);
  expect(created.body['status'], created.text).toBe('captured');
  return idOf(created);
}

const asking =
  (world: World, path: string, body: Record<string, unknown>): (() => Promise<Answer>) =>
  () =>
    askUntilAnswered(world, path, body);

const capture = (world: World, id: string, amount?: number) =>
  asking(world, `/v1/payments/${id}/capture`, amount === undefined ? {} : { amount });
const refund = (world: World, id: string, amount?: number) =>
  asking(world, `/v1/payments/${id}/refunds`, amount === undefined ? {} : { amount });
const voiding = (world: World, id: string) => asking(world, `/v1/payments/${id}/void`, {});

const fifty = (ask: () => Promise<Answer>): (() => Promise<Answer>)[] =>
  Array.from({ length: FIFTY }, () => ask);

async function amountsOf(world: World, kind: string): Promise<readonly number[]> {
  return (await world.journal()).filter((entry) => entry.kind === kind).map(({ amount }) => Number(amount));
}

const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

async function paymentOf(world: World, id: string): Promise<Record<string, unknown>> {
  return (await world.get(`/v1/payments/${id}`)).body;
}

describe('fifty at once on three api processes', LIMIT, () => {
  let apis: MoreApis;
  let world: World;

  beforeAll(async () => {
    apis = await startMoreApis(await readRunFile(stackRunFile()), 2);
  });
  afterAll(() => apis.stop());
  beforeEach(async () => {
    world = await openWorld(stackRunFile(), { singleMessage: false, moreApis: apis.urls });
  });
  afterEach(async () => {
    await expectAgreement(world);
    await world.close();
  });

  it('captures of a part: as many as fit', async () => {
    const id = await authorized(world, 4_100);
    const answers = await atOnce(fifty(capture(world, id, 100)));
    const taken = expectAsManyAsFit(answers, 41, '409 payment_not_capturable');
    expectPreciseRefusals(answers, id);
    expect(await paymentOf(world, id)).toMatchObject({ amount_captured: taken * 100 });
    expect(await amountsOf(world, 'captured')).toEqual(Array.from({ length: taken }, () => 100));
  });

  it('captures that leave a rest: as many as fit, and the rest stays held', async () => {
    const id = await authorized(world, 5_000);
    const answers = await atOnce(fifty(capture(world, id, 300)));
    const taken = expectAsManyAsFit(answers, 16, '422 capture_exceeds_authorized');
    expectPreciseRefusals(answers, id);
    expect(await paymentOf(world, id)).toMatchObject({
      status: 'partially_captured',
      amount_captured: taken * 300,
      amount_capturable: 5_000 - taken * 300,
    });
    expect(sum(await amountsOf(world, 'captured'))).toBe(taken * 300);
  });

  it('captures of the whole: one takes it', async () => {
    const id = await authorized(world, 5_000);
    const answers = await atOnce(fifty(capture(world, id)));
    expectAsManyAsFit(answers, 1, '409 payment_not_capturable');
    expectPreciseRefusals(answers, id);
    expect(await amountsOf(world, 'captured')).toEqual([5_000]);
  });

  it('refunds: as many as fit, and no more than was taken goes back', async () => {
    const id = await captured(world, 5_000);
    const answers = await atOnce(fifty(refund(world, id, 120)));
    const taken = expectAsManyAsFit(answers, 41, '422 refund_exceeds_captured');
    expectPreciseRefusals(answers, id);
    expect(await paymentOf(world, id)).toMatchObject({
      status: 'partially_refunded',
      amount_refunded: taken * 120,
      amount_refund_pending: 0,
    });
    expect(sum(await amountsOf(world, 'refunded'))).toBe(taken * 120);
  });

  it('refunds of the whole: one gives it back', async () => {
    const id = await captured(world, 5_000);
    const answers = await atOnce(fifty(refund(world, id)));
    expectAsManyAsFit(answers, 1, '422 refund_exceeds_captured');
    expectPreciseRefusals(answers, id);
    expect(await amountsOf(world, 'refunded')).toEqual([5_000]);
  });

  it('captures and voids: what was captured before the void stands, and nothing is taken after it', async () => {
    const id = await authorized(world, 10_000);
    const answers = await atOnce(
      Array.from({ length: FIFTY }, (_, index) =>
        index % 2 === 0 ? capture(world, id, 100) : voiding(world, id),
      ),
    );
    expectPreciseRefusals(answers, id);
    expectAsManyAsFit(
      answers.filter((_, index) => index % 2 === 1),
      1,
      '409 payment_not_voidable',
    );
    const taken = accepted(answers.filter((_, index) => index % 2 === 0)).length;
    expect(await paymentOf(world, id)).toMatchObject({
      status: taken === 0 ? 'voided' : 'captured',
      amount_captured: taken * 100,
      amount_capturable: 0,
    });
    expect(await amountsOf(world, 'captured')).toHaveLength(taken);
  });

  it('twenty-five payments, each captured and voided at the same moment: one of the two', async () => {
    const ids: string[] = [];
    for (let count = 0; count < FIFTY / 2; count += 1) ids.push(await authorizedInTurn(world, count));
    const answers = await atOnce(
      ids.flatMap((id, index) => {
        const both = [capture(world, id), voiding(world, id)];
        return index % 2 === 0 ? both : both.reverse();
      }),
    );
    for (const [index, id] of ids.entries()) {
      const pair = answers.slice(index * 2, index * 2 + 2);
      expect(pair.map(({ status }) => status).sort(), JSON.stringify(tally(pair))).toEqual([200, 409]);
      expectPreciseRefusals(pair, id);
    }
    const won = accepted(answers).map(({ body }) => body['status']);
    expect(await amountsOf(world, 'captured')).toHaveLength(
      won.filter((status) => status === 'captured').length,
    );
    expect(await amountsOf(world, 'voided')).toHaveLength(won.filter((status) => status === 'voided').length);
  });
});

const CARDS = [
  '4242424242424242',
  '4000056655665556',
  '5555555555554444',
  '5200828282828210',
  '378282246310005',
  '371449635398431',
  '6011111111111117',
  '6011000990139424',
  '3530111333300000',
  '3566002020360505',
] as const;

/** Cards in turn: one that is used often is a risk. */
async function authorizedInTurn(world: World, index: number): Promise<string> {
  const number = CARDS[index % CARDS.length] ?? GOOD_CARD;
  const card = { number, expiry_month: 12, expiry_year: 2030, cvv: number.startsWith('37') ? '1234' : '123' };
  const created = await world.post('/v1/payments', { ...sale(number), card, capture: 'manual' }, WAIT);
  expect(created.body['status'], created.text).toBe('authorized');
  return idOf(created);
}

describe('fifty captures at the moment in which the authorization expires', LIMIT, () => {
  /** Long enough to authorize on a busy machine, short enough to wait for. */
  const VALIDITY_MS = 6_000;
  let stack: StartedStack;
  let apis: MoreApis;
  let world: World;
  let dir: string;

  beforeAll(async () => {
    dir = await newStackFolder('fifty');
    stack = await startStack({
      dir,
      ports: 'free',
      env: { QUITTANCE_AUTHORIZATION_VALIDITY_MS: String(VALIDITY_MS) },
    });
    apis = await startMoreApis(stack.runFile, 2);
    world = await openWorld(stack.runPath, { singleMessage: false, moreApis: apis.urls });
  }, 300_000);
  afterAll(async () => {
    await world.close();
    await apis.stop();
    await stack.stop();
    await removeStack(dir);
  });

  it('what was captured in time stands, the rest is released, and the late are told that it is too late', async () => {
    const id = await authorized(world, 100_000);
    const [row] = await world.sql<{ capture_before: Date }>(
      'select capture_before from payments where id = $1',
      [id],
    );
    const expires = row?.capture_before.getTime() ?? 0;
    // Half of them a moment before, half after: the order is the payment's own.
    await until(
      'it is about to expire',
      async () => Date.now(),
      (now) => now > expires - 400,
    );
    const answers = await atOnce(fifty(capture(world, id, 100)));
    const late = await capture(world, id, 100)();
    const { body: ended } = await until(
      'it is expired',
      () => world.get(`/v1/payments/${id}`),
      ({ body }) => body['amount_capturable'] === 0,
    );
    expectPreciseRefusals([...answers, late], id);
    expect([late.status, late.body['code']], late.text).toEqual([409, 'authorization_expired']);
    const { '409 authorization_expired': refused = 0, '409 operation_pending': meanwhile = 0 } =
      tally(answers);
    const taken = accepted(answers).length;
    expect(taken + refused + meanwhile, JSON.stringify(tally(answers))).toBe(FIFTY);
    expect(ended).toMatchObject({
      status: taken === 0 ? 'expired' : 'captured',
      amount_captured: taken * 100,
    });
    expect(await amountsOf(world, 'captured')).toHaveLength(taken);
    await expectAgreement(world);
  });
});
