import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalTestServerProgram } from '../../temporal-dev/parts/programs.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { openBench, type Bench } from './testing/bench.ts';
import { APPROVED, type Moment } from './testing/bench-payment.ts';
import { expectTakenOnce, MOMENTS, once } from './testing/moments.ts';

/**
 * The promise: it does not matter where a run is torn away, nor what its worker still does
 * afterwards: the next run finishes the payment, with one authorization and one capture. Time is not
 * skipped here: the test server lets it go by as it is for tasks that nobody takes or gives back.
 */
let bench: Bench;

beforeAll(async () => {
  bench = await openBench(await temporalTestServerProgram());
}, 300_000);
afterAll(async () => {
  await bench.clear();
  await bench.close();
});

describe('a purchase', () => {
  it.concurrent.each(MOMENTS)('whose run is terminated %s is finished by the next one', async (moment) => {
    const payment = await bench.open();
    const terminated = once(payment, moment, async () => {
      await bench.terminate(payment);
      // What this worker still does for the old run is part of what the next one must bear.
      await bench.knock(payment);
    });
    await bench.start(payment);
    await waitUntil('it is captured', 20_000, () => payment.state.payment.status === 'captured');
    expect(terminated()).toBe(true);
    expectTakenOnce(payment);
  });
});

describe('an increment', () => {
  it.concurrent.each(['before', 'after'] as const)(
    'whose run is terminated %s its call is made once, or not at all',
    async (moment) => {
      const payment = await bench.open({ captureMethod: 'manual', authorizationType: 'pre' });
      await bench.start(payment);
      await waitUntil('it is held', 20_000, () => payment.state.payment.status === 'authorized');
      const terminated = once(payment, `${moment} authorize`, async () => {
        await bench.terminate(payment);
        await bench.knock(payment);
      });
      const { id } = payment.ask({ kind: 'increment', amount: 1_000n });
      await bench.knock(payment);
      await waitUntil('it is answered', 20_000, () => payment.answered.has(id));
      expect(terminated()).toBe(true);
      expect(payment.callsOf('increment')).toHaveLength(1);
      expect(payment.state.payment.amountAuthorized).toBe(10_000n);
    },
  );
});

describe('a reauthorization', () => {
  const steps = ['beginFollowUp', 'planNext', 'reverse', 'conclude', 'authorize'];
  const moments = steps.flatMap((step): Moment[] => [`before ${step}`, `after ${step}`]);
  it.concurrent.each(moments)('whose run is terminated %s ends with one authorization', async (moment) => {
    const payment = await bench.open({ captureMethod: 'manual' });
    const validUntil = (await bench.now()) + 24 * 3_600_000;
    payment.answering = ({ kind, attempt }) => {
      if (kind === 'authorization') payment.writeAttempt(attempt, { validUntil });
      return APPROVED;
    };
    await bench.start(payment);
    await waitUntil('it is held', 20_000, () => payment.state.payment.status === 'authorized');
    const terminated = once(payment, moment, async () => {
      await bench.terminate(payment);
      await bench.knock(payment);
    });
    const { id } = payment.ask({ kind: 'reauthorize' });
    await bench.knock(payment);
    await waitUntil('it is answered', 20_000, () => payment.answered.has(id));
    expect(terminated()).toBe(true);
    expect(payment.state.payment.status).toBe('authorized');
    expect(payment.liveAuthorizations).toHaveLength(1);
    expect(payment.balance('auth_hold:acquirer')).toBe(9_000n);
    expect(payment.callsOf('authorization')).toHaveLength(2);
  });
});

describe('an acquirer call that nobody takes', () => {
  it.concurrent('was not sent: it is fenced, and ends as not attempted when its time is over', async () => {
    const payment = await bench.open(
      { authorizeBy: (await bench.now()) + 11_000 },
      { taskQueue: 'nobody-is-there' },
    );
    await bench.start(payment);
    await waitUntil('it has ended', 25_000, () => payment.state.payment.status === 'failed');
    expect(payment.state.payment.failureCode).toBe('not_attempted');
    expect(payment.calls).toEqual([]);
    expect(payment.state.attempts.map(({ state }) => state)).toEqual(['fenced']);
    expect(payment.released).toHaveLength(1);
  });
});
