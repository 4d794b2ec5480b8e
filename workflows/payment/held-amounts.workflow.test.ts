import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { temporalTestServerProgram } from '../../temporal-dev/parts/programs.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { inquiryPauseMs } from '../domain/backoff.ts';
import type { CardBrand } from '../domain/card.ts';
import type { Payment } from '../domain/payment.ts';
import { CARD } from '../domain/testing/payments.ts';
import { openBench, type Bench } from './testing/bench.ts';
import { APPROVED, LOST, NOT_SENT, type BenchPayment } from './testing/bench-payment.ts';

/**
 * The promise: what is held can grow, and only what was added is undone when nobody knows whether it
 * was; a last capture gives back the rest, however long that takes; and every hold ends in its time.
 */
let bench: Bench;

beforeAll(async () => {
  bench = await openBench(await temporalTestServerProgram());
}, 300_000);
afterEach(() => bench.clear());
afterAll(() => bench.close());

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

async function held(asked: Partial<Payment> = {}): Promise<BenchPayment> {
  const payment = await bench.open({ captureMethod: 'manual', authorizationType: 'pre', ...asked });
  await bench.start(payment);
  await waitUntil('it is authorized', 10_000, () => payment.state.payment.status === 'authorized');
  return payment;
}

const kinds = (payment: BenchPayment): string[] => payment.calls.map(({ kind }) => kind);
const authorized = (payment: BenchPayment): bigint => payment.state.payment.amountAuthorized;

describe('an increment', () => {
  it('is answered when it is approved, and the whole is captured', async () => {
    const payment = await held();
    const increment = payment.ask({ kind: 'increment', amount: 1_000n });
    expect(await bench.ring(payment, increment.id)).toEqual({ state: 'answered' });
    expect(authorized(payment)).toBe(10_000n);
    payment.ask({ kind: 'capture', amount: null });
    await bench.knock(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'captured', amountCaptured: 10_000n });
    expect(kinds(payment)).toEqual(['authorization', 'increment', 'capture']);
  });

  it('without an answer is reversed until that is acknowledged; the original is kept and nothing is captured meanwhile', async () => {
    const payment = await held();
    payment.answering = () => LOST;
    payment.ask({ kind: 'increment', amount: 1_000n });
    await bench.knock(payment);
    await bench.pass(HOUR_MS);
    expect(payment.callsOf('increment')).toHaveLength(1);
    expect(payment.callsOf('reversal').length).toBeGreaterThan(10);
    expect(payment.cases).toMatchObject([{ kind: 'unknown_too_long' }]);
    expect(payment.state.payment.status).toBe('authorized');
    const capture = payment.ask({ kind: 'capture', amount: null });
    expect(await bench.ring(payment, capture.id)).toEqual({ state: 'answered' });
    expect(payment.refusals.get(capture.id)?.code).toBe('operation_pending');

    payment.answering = () => APPROVED;
    await bench.pass(HOUR_MS);
    expect(payment.state.operations.find(({ kind }) => kind === 'increment')).toMatchObject({
      state: 'failed',
      failureCode: 'reversed_unknown',
    });
    expect(authorized(payment)).toBe(9_000n);
    payment.ask({ kind: 'capture', amount: null });
    await bench.knock(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'captured', amountCaptured: 9_000n });
    expect(payment.callsOf('void', 'partial_void')).toEqual([]);
  });

  it('that nobody can send is given up after ten minutes, and the original can be captured', async () => {
    const payment = await held();
    payment.answering = () => NOT_SENT;
    const increment = payment.ask({ kind: 'increment', amount: 1_000n });
    await bench.knock(payment);
    await bench.pass(11 * 60_000);
    expect(payment.answered.has(increment.id)).toBe(true);
    expect(payment.state.operations.at(-1)).toMatchObject({ failureCode: 'not_attempted' });
    payment.answering = () => APPROVED;
    payment.ask({ kind: 'capture', amount: null });
    await bench.knock(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'captured', amountCaptured: 9_000n });
  });
});

describe('a last capture', () => {
  it('gives back the rest by repeating one and the same message until it is acknowledged', async () => {
    const payment = await held();
    payment.answering = ({ kind, time }) => (kind === 'partial_void' && time < 6 ? LOST : APPROVED);
    const capture = payment.ask({ kind: 'capture', amount: 4_000n, final: true });
    expect(await bench.ring(payment, capture.id)).toEqual({ state: 'answered' });
    await bench.ended(payment);
    const releases = payment.callsOf('partial_void');
    expect(releases).toHaveLength(6);
    expect(new Set(releases.map(({ attempt }) => attempt)).size).toBe(1);
    const times = payment.timesOf('release_unknown');
    times.slice(1).forEach((at, index) => {
      expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(inquiryPauseMs(index));
    });
    expect(payment.state.payment).toMatchObject({
      status: 'captured',
      authorizationState: 'released',
      amountCaptured: 4_000n,
    });
    expect(payment.balance('auth_hold:acquirer')).toBe(0n);
    expect(payment.events).toEqual(['payment.authorized', 'payment.partially_captured', 'payment.captured']);
  });

  it('is no last one when it says so: the rest stays until its time', async () => {
    const payment = await held();
    payment.ask({ kind: 'capture', amount: 4_000n, final: false });
    await bench.knock(payment);
    await bench.pass(DAY_MS);
    expect(payment.state.payment.status).toBe('partially_captured');
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'captured', authorizationState: 'expired' });
  });
});

describe('a release that is never acknowledged', () => {
  it.each(['final capture', 'void', 'expiry'] as const)(
    'of a %s is repeated until the hold has run out by itself, and then nothing counts as held',
    async (what) => {
      const payment = await held();
      payment.answering = ({ kind }) => (kind === 'capture' ? APPROVED : LOST);
      // Near its end: asking every five minutes for a week is a long test.
      await bench.pass(6 * DAY_MS);
      if (what !== 'expiry') {
        payment.ask(what === 'void' ? { kind: 'void' } : { kind: 'capture', amount: 4_000n, final: true });
        await bench.knock(payment);
      }
      await bench.pass(DAY_MS);
      expect(payment.balance('auth_hold:acquirer')).not.toBe(0n);
      await bench.pass(DAY_MS);
      await bench.ended(payment);
      expect(payment.state.payment).toMatchObject({
        status: what === 'final capture' ? 'captured' : 'expired',
        authorizationState: 'expired',
      });
      expect(payment.state.operations.at(-1)).toMatchObject({
        state: 'failed',
        failureCode: 'not_acknowledged',
      });
      expect(payment.balance('auth_hold:acquirer')).toBe(0n);
      expect(payment.cases).toMatchObject([{ kind: 'unknown_too_long' }]);
    },
    120_000,
  );
});

it('an increment whose reversal is refused for ever keeps the hold until that has run out by itself', async () => {
  const payment = await held();
  payment.answering = ({ kind }) => {
    if (kind === 'increment') return LOST;
    return kind === 'reversal' ? { as: 'declined', code: '21' } : APPROVED;
  };
  // Near its end: asking every five minutes for a week is a long test.
  await bench.pass((payment.state.payment.captureBefore ?? 0) - (await bench.now()) - HOUR_MS);
  const { id } = payment.ask({ kind: 'increment', amount: 1_000n });
  await bench.knock(payment);
  const { captureBefore } = payment.state.payment;
  await bench.pass(DAY_MS);
  expect(payment.balance('auth_hold:acquirer')).toBe(9_000n);
  await bench.ended(payment);
  expect(payment.timesOf('hold_lapsed')[0]).toBeGreaterThanOrEqual((captureBefore ?? 0) + DAY_MS);
  expect(payment.state.payment).toMatchObject({ status: 'expired', amountAuthorized: 9_000n });
  expect(payment.state.operations.at(-1)).toMatchObject({
    kind: 'increment',
    state: 'failed',
    failureCode: 'not_acknowledged',
  });
  expect(payment.cases).toMatchObject([{ kind: 'unknown_too_long' }]);
  expect(payment.balance('auth_hold:acquirer')).toBe(0n);
  expect(payment.events.slice(1)).toEqual(['payment.increment_failed', 'payment.expired']);
  expect(payment.answered.has(id)).toBe(true);
}, 120_000);

describe('an authorization runs out', () => {
  it.each<[string, CardBrand, Payment['authorizationType'], number]>([
    ['Visa, final', 'visa', 'final', 7],
    ['Visa, an estimate', 'visa', 'pre', 7],
    ['Mastercard, final', 'mastercard', 'final', 7],
    ['Mastercard, an estimate', 'mastercard', 'pre', 30],
    ['Discover', 'discover', 'final', 10],
  ])('%s: %s %s after %d days, less the clearing margin', async (_, brand, authorizationType, days) => {
    const payment = await bench.open({ captureMethod: 'manual', authorizationType });
    payment.card = { ...CARD, brand };
    await bench.start(payment);
    await waitUntil('it is authorized', 10_000, () => payment.state.payment.status === 'authorized');
    const at = payment.state.attempts[0]?.plannedAt ?? 0;
    expect(payment.state.payment.captureBefore).toBe(at + days * DAY_MS - 12 * HOUR_MS);
    await bench.pass((days - 1) * DAY_MS);
    expect(payment.state.payment.status).toBe('authorized');
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('expired');
    expect(kinds(payment)).toEqual(['authorization', 'void']);
    expect(payment.balance('auth_hold:merchant')).toBe(0n);
  });

  it('when the acquirer said, whatever the tables say, and an increment makes it no longer', async () => {
    const payment = await bench.open({ captureMethod: 'manual', authorizationType: 'pre' });
    const validUntil = (await bench.now()) + 3 * DAY_MS;
    payment.answering = ({ kind, attempt }) => {
      if (kind === 'authorization') payment.writeAttempt(attempt, { validUntil });
      return APPROVED;
    };
    await bench.start(payment);
    await waitUntil('it is authorized', 10_000, () => payment.state.payment.status === 'authorized');
    const captureBefore = validUntil - 12 * HOUR_MS;
    await bench.pass(2 * DAY_MS);
    payment.ask({ kind: 'increment', amount: 1_000n });
    await bench.knock(payment);
    await waitUntil('it has grown', 10_000, () => authorized(payment) === 10_000n);
    expect(payment.state.payment.captureBefore).toBe(captureBefore);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('expired');
    const [at = 0] = payment.timesOf('expiry_started');
    expect(at).toBeGreaterThanOrEqual(captureBefore);
    expect(at).toBeLessThan(validUntil);
  });

  it('by when it was asked for, however late its answer is found', async () => {
    const payment = await bench.open({ captureMethod: 'manual' }, { inquiry: 'by_reference' });
    payment.answering = ({ kind }) => (kind === 'authorization' ? LOST : APPROVED);
    await bench.start(payment);
    await bench.pass(12 * HOUR_MS);
    expect(payment.state.payment.status).toBe('processing');
    payment.inquiring = () => ({ as: 'approved' });
    await waitUntil('it is authorized', 20_000, async () => {
      await bench.pass(HOUR_MS);
      return payment.state.payment.status === 'authorized';
    });
    const at = payment.state.attempts[0]?.plannedAt ?? 0;
    expect(payment.timesOf('authorization_succeeded')[0]).toBeGreaterThan(at + 12 * HOUR_MS);
    expect(payment.state.payment.captureBefore).toBe(at + 7 * DAY_MS - 12 * HOUR_MS);
  });
});
