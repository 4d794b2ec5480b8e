import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { temporalTestServerProgram } from '../../temporal-dev/parts/programs.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { openBench, type Bench } from './testing/bench.ts';
import { ACCOUNT } from '../domain/testing/payments.ts';
import {
  APPROVED,
  LOST,
  NOT_SENT,
  type BenchPayment,
  type Moment,
  type Reply,
} from './testing/bench-payment.ts';
import { expectTakenOnce, MOMENTS, once } from './testing/moments.ts';

/**
 * The promise: it does not matter where a run is torn away, nor what its worker still does
 * afterwards: the next run finishes the payment, with one authorization and one capture. Time is not
 * skipped here: the test server lets it go by as it is for tasks that nobody takes or gives back.
 */
let bench: Bench;

const DEADLINE_MS = 60_000;
// Above the two things that a test waits for.
vi.setConfig({ testTimeout: 150_000 });

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
    await waitUntil('it is captured', DEADLINE_MS, () => payment.state.payment.status === 'captured');
    expect(terminated()).toBe(true);
    expectTakenOnce(payment);
  });
});

const around = (...steps: readonly string[]): Moment[] =>
  steps.flatMap((step): Moment[] => [`before ${step}`, `after ${step}`]);

/** A purchase that is torn away once at that moment. */
async function torn(moment: Moment, script: (payment: BenchPayment) => void): Promise<BenchPayment> {
  const payment = await bench.open({}, { inquiry: 'by_reference' });
  script(payment);
  const terminated = once(payment, moment, async () => {
    await bench.terminate(payment);
    await bench.knock(payment);
  });
  await bench.start(payment);
  await waitUntil('it is captured', DEADLINE_MS, () => payment.state.payment.status === 'captured');
  expect(terminated()).toBe(true);
  return payment;
}

describe('a purchase whose answer is lost, at an acquirer that can be asked', () => {
  it.concurrent.each(around('authorize', 'conclude', 'inquire', 'planNext'))(
    'whose run is terminated %s becomes what the acquirer says, once',
    async (moment) => {
      const payment = await torn(moment, (one) => {
        one.answering = ({ kind }) => (kind === 'authorization' ? LOST : APPROVED);
        one.inquiring = () => ({ as: 'approved' });
      });
      expectTakenOnce(payment);
      expect(payment.callsOf('authorization')).toHaveLength(1);
      expect(payment.callsOf('reversal')).toEqual([]);
      expect(payment.released).toEqual([]);
    },
  );
});

describe('a purchase that is not sent at first, or declined elsewhere first', () => {
  const FIRST: readonly (readonly [string, Reply])[] = [
    ['not sent', NOT_SENT],
    ['declined', { as: 'declined', code: '91', remedy: 'other_route' }],
  ];
  it.concurrent.each(
    FIRST.flatMap(([name, reply]) =>
      around('route', 'authorize', 'conclude', 'planNext').map((moment) => [name, moment, reply] as const),
    ),
  )('%s, whose run is terminated %s, is taken once', async (_, moment, reply) => {
    const payment = await torn(moment, (one) => {
      const route = one.routing;
      const left = { unsent: [ACCOUNT], answered: [ACCOUNT], probe: false };
      one.routing = async () => ({ ...(await route()), decision: { left } });
      one.answering = ({ kind }) =>
        kind === 'authorization' && one.callsOf('authorization').length === 1 ? reply : APPROVED;
    });
    expectTakenOnce(payment);
    expect(payment.callsOf('authorization')).toHaveLength(2);
  });
});

describe('an increment', () => {
  it.concurrent.each(['before', 'after'] as const)(
    'whose run is terminated %s its call is made once, or not at all',
    async (moment) => {
      const payment = await bench.open({ captureMethod: 'manual', authorizationType: 'pre' });
      await bench.start(payment);
      await waitUntil('it is held', DEADLINE_MS, () => payment.state.payment.status === 'authorized');
      const terminated = once(payment, `${moment} authorize`, async () => {
        await bench.terminate(payment);
        await bench.knock(payment);
      });
      const { id } = payment.ask({ kind: 'increment', amount: 1_000n });
      await bench.knock(payment);
      await waitUntil('it is answered', DEADLINE_MS, () => payment.answered.has(id));
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
    await waitUntil('it is held', DEADLINE_MS, () => payment.state.payment.status === 'authorized');
    const terminated = once(payment, moment, async () => {
      await bench.terminate(payment);
      await bench.knock(payment);
    });
    const { id } = payment.ask({ kind: 'reauthorize' });
    await bench.knock(payment);
    await waitUntil('it is answered', DEADLINE_MS, () => payment.answered.has(id));
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
    await waitUntil('it has ended', DEADLINE_MS, () => payment.state.payment.status === 'failed');
    expect(payment.state.payment.failureCode).toBe('not_attempted');
    expect(payment.calls).toEqual([]);
    expect(payment.state.attempts.map(({ state }) => state)).toEqual(['fenced']);
    expect(payment.released).toHaveLength(1);
    // There is no way to this acquirer, as if it were down.
    expect(payment.ours).toEqual([]);
  });
});

describe('an acquirer call that is lost with its worker, or with its run', () => {
  it.concurrent.each<[string, 'planned' | 'sending', boolean]>([
    ['says nothing about the acquirer, to which it never came', 'planned', true],
    ['may have been lost because of the acquirer, to which it came', 'sending', false],
  ])('%s', async (_, state, ours) => {
    const payment = await bench.open();
    let gone = (): void => undefined;
    payment.answering = ({ kind, attempt }) => {
      if (kind !== 'authorization' || payment.callsOf('authorization').length > 1) return APPROVED;
      if (state === 'sending') payment.writeAttempt(attempt, { state });
      return new Promise((resolve) => {
        gone = () => resolve(LOST);
      });
    };
    await bench.start(payment);
    const goesOn = () => payment.callsOf(ours ? 'authorization' : 'reversal').length > (ours ? 1 : 0);
    await waitUntil('it goes on', DEADLINE_MS, goesOn);
    gone();
    expect(payment.ours).toEqual(ours ? [payment.callsOf('authorization')[0]?.attempt] : []);
  });

  it.concurrent('is the acquirer’s where it took the message and did not answer', async () => {
    const payment = await bench.open();
    payment.answering = ({ kind }) => (kind === 'authorization' ? LOST : APPROVED);
    await bench.start(payment);
    await waitUntil('it is undone', DEADLINE_MS, () => payment.callsOf('reversal').length > 0);
    expect(payment.ours).toEqual([]);
  });
});
