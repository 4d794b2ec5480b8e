import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { temporalTestServerProgram } from '../../temporal-dev/parts/programs.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { inquiryPauseMs, retryPauseMs } from '../domain/backoff.ts';
import { openBench, type Bench } from './testing/bench.ts';
import { APPROVED, LOST, NOT_SENT, type BenchPayment } from './testing/bench-payment.ts';

/**
 * The promise: an outcome that is not known is asked about, with growing pauses, until it is, in the
 * way that was committed before the first byte; nothing is ever sent twice that must not be.
 */
let bench: Bench;

beforeAll(async () => {
  bench = await openBench(await temporalTestServerProgram());
}, 300_000);
afterEach(() => bench.clear());
afterAll(() => bench.close());

const HOUR_MS = 3_600_000;

async function held(): Promise<BenchPayment> {
  const payment = await bench.open({ captureMethod: 'manual' });
  await bench.start(payment);
  await waitUntil('it is authorized', 10_000, () => payment.state.payment.status === 'authorized');
  return payment;
}

async function captured(): Promise<BenchPayment> {
  const payment = await bench.open();
  payment.singleMessage = true;
  await bench.start(payment);
  await bench.ended(payment);
  expect(payment.state.payment.status).toBe('captured');
  return payment;
}

/** No step came before its pause was over. */
function expectPauses(times: readonly number[], pauses: readonly number[]): void {
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  expect(gaps).toHaveLength(pauses.length);
  gaps.forEach((gap, index) => {
    expect(gap, `pause ${index + 1}`).toBeGreaterThanOrEqual(pauses[index] ?? 0);
  });
}

describe('an authorization without an answer', () => {
  it('is reversed, again and again with growing pauses until that is acknowledged; a case is opened meanwhile', async () => {
    const payment = await bench.open();
    payment.answering = () => LOST;
    await bench.start(payment);
    await bench.pass(14 * 60_000);
    expect(payment.cases).toEqual([]);
    await bench.pass(3 * HOUR_MS - 14 * 60_000);

    expect(payment.callsOf('authorization')).toHaveLength(1);
    const asked = payment.callsOf('reversal').length;
    // 1, 2, 4 … 256 s make 9 calls in 8.5 min; from then on one every 5 min.
    expect(asked).toBeGreaterThan(35);
    expect(asked).toBeLessThan(46);
    expectPauses(
      payment.timesOf('reversal_unknown'),
      Array.from({ length: asked - 1 }, (_, index) => inquiryPauseMs(index + 1)),
    );
    expect(payment.cases).toMatchObject([{ kind: 'unknown_too_long' }]);
    expect(payment.state.payment.status).toBe('processing');
    expect(payment.answered.size).toBe(0);

    payment.answering = () => APPROVED;
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'failed', failureCode: 'reversed_unknown' });
    expect(payment.callsOf('reversal')).toHaveLength(asked + 1);
    expect(payment.callsOf('authorization')).toHaveLength(1);
    expect(payment.liveAuthorizations).toEqual([]);
    expect(payment.answered.size).toBe(1);
  });

  it('"not found" is believed only when nothing that was sent can still be under way', async () => {
    const payment = await bench.open();
    payment.answering = ({ kind }) => (kind === 'reversal' ? { as: 'declined', code: '25' } : LOST);
    await bench.start(payment);
    await bench.pass(9 * 60_000);
    expect(payment.state.payment.status).toBe('processing');
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'failed', failureCode: 'not_executed' });
    const sendBy = payment.state.attempts[0]?.sendBy ?? 0;
    expect(payment.timesOf('reversal_acknowledged')[0]).toBeGreaterThan(sendBy + 600_000);
  });

  it('a void asked meanwhile is accepted, and is what becomes of it', async () => {
    const payment = await bench.open();
    payment.answering = () => LOST;
    await bench.start(payment);
    await waitUntil('it is being reversed', 10_000, () => payment.callsOf('reversal').length > 0);
    payment.ask({ kind: 'void' });
    await bench.knock(payment);
    await waitUntil('the void waits', 10_000, () =>
      payment.state.operations.some(({ kind }) => kind === 'void'),
    );
    payment.answering = () => APPROVED;
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('voided');
    expect(payment.callsOf('void')).toEqual([]);
  });

  it('that its own sender fenced in the last moment was not sent: it is tried again', async () => {
    const payment = await bench.open();
    payment.answering = ({ kind, attempt }) =>
      kind === 'authorization' && attempt.endsWith('_1') ? { as: 'moved' } : APPROVED;
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    expect(payment.callsOf('authorization')).toHaveLength(2);
    expect(payment.callsOf('reversal')).toEqual([]);
    expect(payment.state.attempts.map(({ state }) => state)).toEqual(['fenced', 'answered', 'answered']);
  });
});

describe('a capture without an answer', () => {
  it('is repeated, the same attempt, until it is acknowledged, and never reversed', async () => {
    const payment = await held();
    payment.answering = ({ time }) => (time < 8 ? LOST : APPROVED);
    payment.ask({ kind: 'capture', amount: null });
    await bench.knock(payment);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    const captures = payment.callsOf('capture');
    expect(captures).toHaveLength(8);
    expect(new Set(captures.map(({ attempt }) => attempt)).size).toBe(1);
    expect(payment.callsOf('reversal', 'void')).toEqual([]);
    expectPauses(
      payment.timesOf('capture_unknown'),
      Array.from({ length: 6 }, (_, index) => inquiryPauseMs(index)),
    );
  });

  it('is not given up while the authorization runs out: expiry waits for the truth', async () => {
    const payment = await held();
    await bench.pass((payment.state.payment.captureBefore ?? 0) - (await bench.now()) - HOUR_MS);
    payment.answering = () => LOST;
    payment.ask({ kind: 'capture', amount: 4_000n });
    await bench.knock(payment);
    await bench.pass(8 * HOUR_MS);
    expect(payment.callsOf('void', 'partial_void')).toEqual([]);
    expect(payment.cases).toMatchObject([{ kind: 'unknown_too_long' }]);
    payment.answering = () => APPROVED;
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ authorizationState: 'expired', amountCaptured: 4_000n });
    expect(payment.callsOf('partial_void')).toHaveLength(1);
  });

  it('that stays unknown for days goes on in run after run, none of them long', async () => {
    const payment = await held();
    payment.answering = () => LOST;
    const capture = payment.ask({ kind: 'capture', amount: null });
    await bench.knock(payment);
    const runId = await bench.runOf(payment);
    await bench.pass(36 * HOUR_MS);
    expect(await bench.runOf(payment)).not.toBe(runId);
    payment.answering = () => APPROVED;
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    expect(payment.answered.has(capture.id)).toBe(true);
  }, 60_000);

  it.each([
    ['a capture', 'capture'],
    ['the release of what expired', 'void'],
  ] as const)('%s that the acquirer refuses is put before a person, once', async (_what, kind) => {
    const payment = await held();
    payment.answering = () => ({ as: 'declined', code: '12' });
    if (kind === 'capture') {
      payment.ask({ kind, amount: null });
      await bench.knock(payment);
    }
    await bench.pass(7 * 24 * HOUR_MS);
    expect(payment.callsOf(kind)).toHaveLength(1);
    expect(payment.cases).toMatchObject([{ kind: 'advice_refused' }]);
    expect(payment.state.operations.at(-1)).toMatchObject({ state: 'pending', phase: 'case' });
    expect(payment.history.length).toBeLessThan(10);
    await bench.pass(24 * HOUR_MS);
    // What is released lapses with its authorization; what may have been taken waits.
    const state = kind === 'capture' ? 'pending' : 'failed';
    expect(payment.state.operations.at(-1)).toMatchObject({ state });
    expect(payment.cases).toMatchObject([{ kind: 'advice_refused' }]);
  });
});

describe('a refund without an answer', () => {
  it('is never sent again: it waits in a case, and a late answer concludes it', async () => {
    const payment = await captured();
    payment.answering = () => LOST;
    const refund = payment.ask({ kind: 'refund', amount: 3_000n, reason: null });
    await bench.knock(payment);
    await bench.pass(48 * HOUR_MS);
    expect(payment.callsOf('refund')).toHaveLength(1);
    expect(payment.cases).toMatchObject([{ kind: 'refund_unknown' }]);
    expect(payment.state.payment).toMatchObject({ amountRefunded: 0n, amountRefundPending: 3_000n });
    expect(payment.balance('refunds_in_flight')).toBe(-3_000n);
    expect(await bench.status(payment)).toBe('RUNNING');

    const { attempt } = payment.callsOf('refund')[0] ?? {};
    if (attempt === undefined) throw new Error('no refund was sent');
    payment.writeAttempt(attempt, { state: 'answered', outcome: 'approved', responseCode: '00' });
    expect(await bench.ring(payment, refund.id)).toEqual({ state: 'answered' });
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ amountRefunded: 3_000n, amountRefundPending: 0n });
    expect(payment.callsOf('refund')).toHaveLength(1);
  });

  it('a late refusal gives the money back to the merchant', async () => {
    const payment = await captured();
    payment.answering = () => LOST;
    payment.ask({ kind: 'refund', amount: null, reason: null });
    await bench.knock(payment);
    const [call] = await waitUntil(
      'it is lost',
      10_000,
      () => payment.cases.length > 0 && payment.callsOf('refund'),
    );
    if (call === undefined) throw new Error('no refund was sent');
    payment.writeAttempt(call.attempt, { state: 'answered', outcome: 'declined', responseCode: '51' });
    await bench.knock(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'captured', amountRefundPending: 0n });
    expect(payment.balance('merchant_payable:pending')).toBe(-9_000n);
    expect(payment.events.at(-1)).toBe('refund.failed');
  });
});

describe('what was certainly not executed', () => {
  it('is tried again with growing pauses while its time lasts, then it is not attempted', async () => {
    const payment = await bench.open();
    payment.answering = () => NOT_SENT;
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'failed', failureCode: 'not_attempted' });
    const tries = payment.callsOf('authorization');
    expect(new Set(tries.map(({ attempt }) => attempt)).size).toBe(tries.length);
    // 2, 4, 8, 16 s, then every 30 s for ten minutes.
    expect(tries.length).toBeGreaterThan(15);
    expect(tries.length).toBeLessThan(25);
    const times = payment.timesOf('authorization_not_executed');
    expectPauses(
      times,
      times.slice(1).map((_, index) => retryPauseMs('authorize', index + 1)),
    );
    expect(times.at(-1)).toBeLessThan(payment.state.payment.authorizeBy);
    expect(payment.state.attempts.every(({ state }) => state === 'fenced')).toBe(true);
    expect(payment.callsOf('reversal')).toEqual([]);
  });

  it('goes through as soon as it can be sent', async () => {
    const payment = await bench.open();
    payment.answering = ({ attempt }) => (/_[1-3]$/.test(attempt) ? NOT_SENT : APPROVED);
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    expect(payment.state.attempts.filter(({ state }) => state === 'fenced')).toHaveLength(6);
  });

  it('a void asked meanwhile ends it: nothing is sent', async () => {
    const payment = await bench.open();
    payment.answering = () => NOT_SENT;
    await bench.start(payment);
    await waitUntil('it was tried', 10_000, () => payment.timesOf('authorization_not_executed').length > 0);
    payment.ask({ kind: 'void' });
    const tries = payment.calls.length;
    await bench.knock(payment);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('voided');
    expect(payment.calls).toHaveLength(tries);
    expect(payment.burnt).toBeGreaterThan(0);
  });

  it('when no account can take it nothing is sent, and the security code is destroyed', async () => {
    const payment = await bench.open();
    payment.unroutable = true;
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'failed', failureCode: 'no_route' });
    expect(payment.calls).toEqual([]);
    expect(payment.burnt).toBe(1);
  });

  it('a run that starts after the time is over sends nothing', async () => {
    const payment = await bench.open({ authorizeBy: (await bench.now()) - 1 });
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'failed', failureCode: 'not_attempted' });
    expect(payment.steps).toEqual(['load', 'concludeUnsent', 'burn']);
  });
});
