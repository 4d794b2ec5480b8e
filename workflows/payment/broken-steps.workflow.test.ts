import { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { temporalTestServerProgram } from '../../temporal-dev/parts/programs.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { openBench, type Bench } from './testing/bench.ts';
import { APPROVED, LOST, type BenchPayment } from './testing/bench-payment.ts';
import { expectTakenOnce, MOMENTS, once } from './testing/moments.ts';

/**
 * The promise: whatever step fails, is repeated or cancelled, the payment is finished, with one
 * authorization, each amount moved once, and the books in agreement with it.
 */
let bench: Bench;

beforeAll(async () => {
  bench = await openBench(await temporalTestServerProgram());
}, 300_000);
afterEach(() => bench.clear());
afterAll(() => bench.close());

describe('a purchase', () => {
  it.each(MOMENTS)('whose step fails for good %s is finished', async (moment) => {
    const payment = await bench.open();
    const failed = once(payment, moment, () => {
      throw ApplicationFailure.nonRetryable(`refused ${moment}`, 'TestRefusal');
    });
    await bench.start(payment);
    await bench.ended(payment);
    expect(failed()).toBe(true);
    expectTakenOnce(payment);
  });

  it.each(MOMENTS)('whose step fails and is tried again %s is finished', async (moment) => {
    const payment = await bench.open();
    const failed = once(payment, moment, () => {
      throw new Error(`away ${moment}`);
    });
    await bench.start(payment);
    await bench.ended(payment);
    expect(failed()).toBe(true);
    expectTakenOnce(payment);
  });

  it.each(MOMENTS.slice(0, -4))('without capture whose run is cancelled %s is voided', async (moment) => {
    const payment = await bench.open({ captureMethod: 'manual' });
    const cancelled = once(payment, moment, () => bench.cancel(payment));
    await bench.start(payment);
    await bench.ended(payment);
    expect(cancelled()).toBe(true);
    expect(payment.state.payment.status).toBe('voided');
    expect(payment.calls.map(({ kind }) => kind)).toEqual(['authorization', 'void']);
    expect(payment.balance('auth_hold:merchant')).toBe(0n);
  });
});

describe('an acquirer call that throws', () => {
  it('before anything was sent is fenced, gives the security code back, and is tried again', async () => {
    const payment = await bench.open();
    payment.answering = ({ attempt }) => (attempt.endsWith('_1') ? { as: 'thrown', sent: false } : APPROVED);
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    expect(payment.state.attempts.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      'authorization fenced',
      'authorization answered',
      'capture fenced',
      'capture answered',
    ]);
    expect(payment.released).toEqual([payment.state.attempts[0]?.id]);
  });

  it('after it was sent may have been executed: it is reversed, never called declined', async () => {
    const payment = await bench.open();
    payment.answering = ({ kind }) => (kind === 'authorization' ? { as: 'thrown', sent: true } : APPROVED);
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'failed', failureCode: 'reversed_unknown' });
    expect(payment.calls.map(({ kind }) => kind)).toEqual(['authorization', 'reversal']);
    expect(payment.released).toEqual([]);
  });

  it('of a reversal, too, is only one more that was not acknowledged', async () => {
    const payment = await bench.open();
    payment.answering = ({ kind, time }) =>
      kind === 'authorization' ? LOST : time < 4 ? { as: 'thrown', sent: time % 2 === 0 } : APPROVED;
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'failed', failureCode: 'reversed_unknown' });
    expect(payment.callsOf('reversal')).toHaveLength(4);
  });

  it('of a refund may have been executed: a person is asked, and nothing is sent again', async () => {
    const payment = await bench.open();
    await bench.start(payment);
    await bench.ended(payment);
    payment.answering = () => ({ as: 'thrown', sent: true });
    payment.ask({ kind: 'refund', amount: null, reason: null });
    await bench.knock(payment);
    await bench.pass(3_600_000);
    expect(payment.callsOf('refund')).toHaveLength(1);
    expect(payment.cases).toMatchObject([{ kind: 'refund_unknown' }]);
    expect(await bench.status(payment)).toBe('RUNNING');
  });
});

describe('a vault that refuses the card', () => {
  const refusal = (): never => {
    throw ApplicationFailure.nonRetryable('the staging id is unknown', 'VaultRefusal');
  };
  const tokenizing = (payment: BenchPayment): (() => number) => {
    let asked = 0;
    payment.atMoment = (moment) => {
      if (moment !== 'before tokenize') return;
      asked += 1;
      refusal();
    };
    return () => asked;
  };

  it('leaves the payment pending: it is asked again after a pause, and the payment goes on', async () => {
    const payment = await bench.open();
    const asked = tokenizing(payment);
    await bench.start(payment);
    await waitUntil('the vault has refused', 10_000, () => asked() === 1);
    await bench.pass(10_000);
    expect(asked()).toBe(1);
    await bench.pass(35_000);
    expect(asked()).toBeGreaterThan(1);
    expect(await bench.status(payment)).toBe('RUNNING');
    expect(payment.state.payment.status).toBe('processing');

    payment.atMoment = () => undefined;
    await bench.ended(payment);
    expectTakenOnce(payment);
  });

  it('for ever: nothing is sent, and the payment ends when its time is over', async () => {
    const payment = await bench.open();
    const asked = tokenizing(payment);
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'failed', failureCode: 'not_attempted' });
    expect(asked()).toBeLessThanOrEqual(41); // every 15 s for ten minutes
    expect(payment.calls).toEqual([]);
    expect(payment.burnt).toBe(1);
  });
});
