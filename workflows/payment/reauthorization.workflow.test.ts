import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { temporalTestServerProgram } from '../../temporal-dev/parts/programs.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { openBench, type Bench } from './testing/bench.ts';
import { APPROVED, LOST, NOT_SENT, type BenchPayment, type Reply } from './testing/bench-payment.ts';

/**
 * The promise: an authorization that runs out is renewed only after the old one is gone for certain;
 * there are never two, and when there is none, the payment says so.
 */
let bench: Bench;

beforeAll(async () => {
  bench = await openBench(await temporalTestServerProgram());
}, 300_000);
afterEach(() => bench.clear());
afterAll(() => bench.close());

const HOUR_MS = 3_600_000;
/** Unable to back out: no end of a reversal. */
const REFUSED: Reply = { as: 'declined', code: '21' };
const DAY_MS = 24 * HOUR_MS;

/** A hold that has an hour left. */
async function nearItsEnd(): Promise<BenchPayment> {
  const payment = await bench.open({ captureMethod: 'manual', authorizationType: 'pre' });
  await bench.start(payment);
  await waitUntil('it is authorized', 10_000, () => payment.state.payment.status === 'authorized');
  await bench.pass((payment.state.payment.captureBefore ?? 0) - (await bench.now()) - HOUR_MS);
  return payment;
}
async function reauthorize(payment: BenchPayment): Promise<string> {
  const { id } = payment.ask({ kind: 'reauthorize' });
  await bench.knock(payment);
  return id;
}
const kinds = (payment: BenchPayment): string[] => payment.calls.map(({ kind }) => kind);
const isDone = (payment: BenchPayment, state: string): boolean =>
  payment.state.operations.some((one) => one.kind === 'reauthorize' && one.state === state);

describe('a reauthorization', () => {
  it('reverses the old authorization, then makes a new one with a validity of its own', async () => {
    const payment = await nearItsEnd();
    await reauthorize(payment);
    await waitUntil('it is renewed', 10_000, () => isDone(payment, 'succeeded'));
    expect(kinds(payment)).toEqual(['authorization', 'reversal', 'authorization']);
    const at = payment.state.attempts.at(-1)?.plannedAt ?? 0;
    // Visa, by the merchant: five days.
    expect(payment.state.payment).toMatchObject({
      status: 'authorized',
      amountAuthorized: 9_000n,
      captureBefore: at + 5 * DAY_MS - 12 * HOUR_MS,
    });
    expect(payment.balance('auth_hold:acquirer')).toBe(9_000n);
    expect(payment.liveAuthorizations).toHaveLength(1);
    expect(payment.events).toEqual(['payment.authorized', 'payment.reauthorized']);

    payment.ask({ kind: 'capture', amount: null });
    await bench.knock(payment);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    expect(payment.state.attempts.at(-1)).toMatchObject({ original: payment.liveAuthorizations[0]?.id });
  });

  it('waits for the reversal to be acknowledged, however long: the new one is not even planned before', async () => {
    const payment = await nearItsEnd();
    payment.answering = ({ kind }) => (kind === 'reversal' ? LOST : APPROVED);
    await reauthorize(payment);
    await bench.pass(5 * HOUR_MS);
    expect(kinds(payment).filter((kind) => kind !== 'reversal')).toEqual(['authorization']);
    expect(payment.cases).toMatchObject([{ kind: 'unknown_too_long' }]);
    expect(payment.state.payment.status).toBe('authorized');
    payment.answering = () => APPROVED;
    await waitUntil('it is renewed', 20_000, async () => {
      await bench.pass(HOUR_MS);
      return isDone(payment, 'succeeded');
    });
    expect(payment.liveAuthorizations).toHaveLength(1);
  });

  it('whose reversal is refused for ever ends when the old authorization has run out by itself', async () => {
    const payment = await nearItsEnd();
    payment.answering = ({ kind }) => (kind === 'reversal' ? REFUSED : APPROVED);
    const command = await reauthorize(payment);
    await waitUntil('it is being reversed', 10_000, () => kinds(payment).includes('reversal'));
    const capture = payment.ask({ kind: 'capture', amount: null });
    await bench.ring(payment, capture.id);
    expect(payment.refusals.get(capture.id)?.code).toBe('operation_pending');
    const { captureBefore } = payment.state.payment;
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'expired', amountAuthorized: 9_000n });
    expect(payment.timesOf('hold_lapsed')[0]).toBeGreaterThanOrEqual((captureBefore ?? 0) + DAY_MS);
    expect(payment.state.operations.at(-1)).toMatchObject({
      kind: 'reauthorize',
      state: 'failed',
      failureCode: 'not_acknowledged',
    });
    expect(payment.cases).toMatchObject([{ kind: 'unknown_too_long' }]);
    expect(payment.balance('auth_hold:acquirer')).toBe(0n);
    expect(payment.events.slice(1)).toEqual(['payment.reauthorization_failed', 'payment.expired']);
    expect(payment.answered.has(command as never)).toBe(true);

    // The old one was never gone for certain: there is none beside it.
    const again = payment.ask({ kind: 'reauthorize' });
    await bench.ring(payment, again.id);
    expect(payment.refusals.get(again.id)?.code).toBe('payment_not_reauthorizable');
  }, 120_000);

  it.each([
    ['is declined', { as: 'declined', code: '51' }, 'declined'],
    ['is lost, and undone', LOST, 'reversed_unknown'],
    ['is for less, and undone', { as: 'approved', amount: 4_000n }, 'partial_not_accepted'],
  ] as const)(
    'whose new authorization %s leaves nothing held, and says so',
    async (_, reply, failureCode) => {
      const payment = await nearItsEnd();
      payment.answering = ({ kind }) => (kind === 'authorization' ? reply : APPROVED);
      const command = await reauthorize(payment);
      await bench.ended(payment);
      expect(payment.state.payment).toMatchObject({ status: 'expired', amountAuthorized: 9_000n });
      expect(payment.state.operations.at(-1)).toMatchObject({ state: 'failed', failureCode });
      expect(payment.liveAuthorizations).toEqual([]);
      expect(payment.balance('auth_hold:acquirer')).toBe(0n);
      expect(payment.events.at(-1)).toBe('payment.reauthorization_failed');
      expect(payment.answered.has(command as never)).toBe(true);

      // And it can be tried again, with nothing left to reverse.
      const calls = payment.calls.length;
      payment.answering = () => APPROVED;
      await reauthorize(payment);
      await waitUntil('it is held again', 10_000, () => payment.state.payment.status === 'authorized');
      expect(kinds(payment).slice(calls)).toEqual(['authorization']);
      await bench.ended(payment);
      expect(payment.state.payment.status).toBe('expired');
      expect(payment.balance('auth_hold:acquirer')).toBe(0n);
    },
  );

  it('renews what has expired, which then expires again in its own time', async () => {
    const payment = await nearItsEnd();
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('expired');
    await reauthorize(payment);
    await waitUntil('it is held again', 10_000, () => payment.state.payment.status === 'authorized');
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('expired');
    expect(kinds(payment)).toEqual(['authorization', 'void', 'reversal', 'authorization', 'void']);
    expect(payment.balance('auth_hold:acquirer')).toBe(0n);
  });

  it('that nobody can send is given up after a day', async () => {
    const payment = await nearItsEnd();
    payment.answering = ({ kind }) => (kind === 'authorization' ? NOT_SENT : APPROVED);
    await reauthorize(payment);
    await bench.ended(payment);
    expect(payment.state.operations.at(-1)).toMatchObject({ state: 'failed', failureCode: 'not_attempted' });
    expect(payment.state.payment.status).toBe('expired');
    const asked = payment.state.operations.at(-1)?.createdAt ?? 0;
    expect(payment.timesOf('reauthorization_not_executed').at(-1)).toBeGreaterThan(asked + 23 * HOUR_MS);
  }, 120_000);

  it('is refused early, after a capture, and beside another operation', async () => {
    const payment = await bench.open({ captureMethod: 'manual' });
    await bench.start(payment);
    await waitUntil('it is authorized', 10_000, () => payment.state.payment.status === 'authorized');
    const early = payment.ask({ kind: 'reauthorize' });
    await bench.ring(payment, early.id);
    const capture = payment.ask({ kind: 'capture', amount: 1n });
    await bench.ring(payment, capture.id);
    const late = payment.ask({ kind: 'reauthorize' });
    await bench.ring(payment, late.id);
    for (const { id } of [early, late])
      expect(payment.refusals.get(id)?.code).toBe('payment_not_reauthorizable');
  });
});
