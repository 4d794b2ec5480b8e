import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { temporalTestServerProgram } from '../../temporal-dev/parts/programs.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import type { RecordedPaymentOptions } from '../domain/testing/recorded-payment.ts';
import { WELL, option, request } from '../domain/testing/routes.ts';
import { decideRoute } from '../domain/route/decide.ts';
import { answerOf } from '../domain/route/record.ts';
import type { RouteOption, RouteSettings } from '../domain/route/types.ts';
import { openBench, type Bench } from './testing/bench.ts';
import { APPROVED, LOST, NOT_SENT, type BenchPayment, type Reply } from './testing/bench-payment.ts';

/**
 * The promise: a payment is tried elsewhere only when it was certainly not executed, or declined in a
 * way that another acquirer may see otherwise and where that is allowed; twice at most; never past
 * its time; and never while it may be executed somewhere.
 */
let bench: Bench;

beforeAll(async () => {
  bench = await openBench(await temporalTestServerProgram());
}, 300_000);
afterEach(() => bench.clear());
afterAll(() => bench.close());

const FOUR = ['a', 'b', 'c', 'd'].map((name, place) =>
  option(name, {
    costs: [{ kind: 'acquirer', fixedMicros: 0n, ppm: BigInt(place * 100), crossBorderPpm: 0n }],
  }),
);

/** A payment that is routed by the real decision over these accounts. */
async function routed(
  settings: Partial<RouteSettings> = {},
  options: (now: number) => readonly RouteOption[] = () => FOUR,
  recorded: RecordedPaymentOptions = {},
): Promise<BenchPayment> {
  const payment = await bench.open({}, recorded);
  payment.singleMessage = false;
  payment.routing = async () => {
    const now = await bench.now();
    const { attempts, payment: asked } = payment.state;
    const route = request(options(now), {
      payment: asked.id,
      authorizeBy: asked.authorizeBy,
      now,
      holds: true,
      tried: attempts
        .filter(({ kind }) => kind === 'authorization')
        .map(({ account, outcome, state }) => ({
          account,
          answered: outcome === 'declined' || state === 'answered',
        })),
      settings,
    });
    return answerOf(route, decideRoute(route));
  };
  return payment;
}

/** Where its authorization was tried, in order. */
const places = (payment: BenchPayment): string[] =>
  payment.state.attempts
    .filter(({ kind }) => kind === 'authorization')
    .map(({ account }) => account.slice('aca_'.length));

/** Answers the n-th authorization attempt (from 1) by the script; everything else is approved. */
function answers(payment: BenchPayment, script: (attempt: number) => Reply): void {
  payment.answering = ({ kind, attempt }) =>
    kind === 'authorization' ? script(Number(attempt.split('_').at(-1))) : APPROVED;
}

const OTHER_ROUTE: Reply = { as: 'declined', code: '91', remedy: 'other_route' };

describe('an authorization that was certainly not executed', () => {
  it('is tried elsewhere at once, twice, and then where it is with pauses of 2, 4 and 8 s', async () => {
    const payment = await routed();
    answers(payment, (attempt) => (attempt < 6 ? NOT_SENT : APPROVED));
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    expect(places(payment)).toEqual(['a', 'b', 'c', 'c', 'c', 'c']);
    const at = payment.timesOf('authorization_not_executed');
    const retried = payment.timesOf('authorization_retried');
    const gaps = retried.slice(2).map((time, place) => time - (at[place + 2] ?? 0));
    expect(gaps).toHaveLength(3);
    [2_000, 4_000, 8_000].forEach((pause, place) => {
      expect(gaps[place]).toBeGreaterThanOrEqual(pause);
    });
    expect(payment.liveAuthorizations).toHaveLength(1);
    // The security code was never used: every attempt may have it.
    expect(payment.burnt).toBe(0);
  });

  it('is captured where it is held, also when it was approved at the first after all and that is never undone', async () => {
    const payment = await routed();
    payment.state = { ...payment.state, payment: { ...payment.state.payment, captureMethod: 'manual' } };
    let refusals = 0;
    payment.answering = ({ kind, attempt }) => {
      if (kind === 'authorization') return attempt.endsWith('_1') ? NOT_SENT : APPROVED;
      if (kind !== 'reversal') return APPROVED;
      refusals += 1;
      return LOST;
    };
    await bench.start(payment);
    await waitUntil('it is held', 10_000, () => payment.state.payment.status === 'authorized');
    // Near its end: asking every five minutes for a week is a long test.
    const HOUR_MS = 3_600_000;
    await bench.pass((payment.state.payment.captureBefore ?? 0) - (await bench.now()) - HOUR_MS);
    const first = payment.state.attempts[0]?.id;
    if (first === undefined) throw new Error('there is no first attempt');
    payment.ask({
      kind: 'late_answer',
      attempt: first,
      outcome: 'approved',
      approvedAmount: null,
      acquirerReference: 'late',
      reason: null,
    });
    await bench.knock(payment);
    await waitUntil('its undoing was asked for', 10_000, () => refusals > 0);
    const capture = payment.ask({ kind: 'capture', amount: 4_000n });
    await bench.ring(payment, capture.id);
    expect(payment.state.payment).toMatchObject({ status: 'partially_captured', amountCaptured: 4_000n });
    const before = refusals;
    // It goes on being asked for, beside what is held; and what is held ends in its time.
    await bench.pass(2 * HOUR_MS);
    await waitUntil('the rest is released', 20_000, () => payment.balance('auth_hold:acquirer') === 0n);
    expect(refusals).toBeGreaterThan(before);
    expect(payment.state.operations.find(({ kind }) => kind === 'undo')).toMatchObject({ state: 'pending' });
  }, 120_000);

  it('stays where it is when failover is turned off: with one acquirer away it is not attempted', async () => {
    const script = (payment: BenchPayment) =>
      answers(payment, () => (payment.account === FOUR[0]?.account ? NOT_SENT : APPROVED));
    const off = await routed({ failoverLimit: 0 });
    script(off);
    await bench.start(off);
    await bench.ended(off);
    expect(off.state.payment).toMatchObject({ status: 'failed', failureCode: 'not_attempted' });
    expect(new Set(places(off))).toEqual(new Set(['a']));

    const on = await routed();
    script(on);
    await bench.start(on);
    await bench.ended(on);
    expect(on.state.payment.status).toBe('captured');
    expect(places(on)).toEqual(['a', 'b']);
  });
});

describe('an authorization that was sent and is proven not executed', () => {
  const sentInVain = async (failoverAfterAnswer: boolean): Promise<BenchPayment> => {
    const payment = await routed({ failoverAfterAnswer }, () => FOUR, { inquiry: 'by_reference' });
    answers(payment, (attempt) => (attempt === 1 ? LOST : APPROVED));
    payment.inquiring = () => ({ as: 'not_executed' });
    await bench.start(payment);
    await bench.ended(payment);
    return payment;
  };

  it('is tried elsewhere, without its security code, where that is allowed', async () => {
    const payment = await sentInVain(true);
    expect(payment.state.payment.status).toBe('captured');
    expect(places(payment)).toEqual(['a', 'b']);
    expect(payment.liveAuthorizations).toHaveLength(1);
  });

  it('ends the payment as not executed where it is not, as by default', async () => {
    const payment = await sentInVain(false);
    expect(payment.state.payment).toMatchObject({ status: 'failed', failureCode: 'not_executed' });
    expect(places(payment)).toEqual(['a']);
  });
});

describe('a security code that was sent', () => {
  it('is not given back when the worker that learned of its end was lost', async () => {
    const payment = await routed({ failoverAfterAnswer: true }, () => FOUR, { inquiry: 'by_reference' });
    answers(payment, (attempt) => (attempt === 1 ? LOST : APPROVED));
    payment.inquiring = (attempt) => {
      payment.writeAttempt(attempt, { state: 'answered', outcome: 'retryable' });
      throw new Error('the worker dies here');
    };
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    expect(places(payment)).toEqual(['a', 'b']);
    expect(payment.released).toEqual([]);
  });

  it('is given back when its attempt was not sent, whether its worker could tell the vault or not', async () => {
    const payment = await routed();
    answers(payment, (attempt) => (attempt === 1 ? NOT_SENT : APPROVED));
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    expect(payment.released).toEqual([payment.state.attempts[0]?.id]);
  });

  it('is given back when its attempt was never begun', async () => {
    const payment = await routed();
    answers(payment, (attempt) => (attempt === 1 ? { as: 'thrown', sent: false } : APPROVED));
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.released).toEqual([payment.state.attempts[0]?.id]);
  });
});

describe('a declined authorization', () => {
  it('that another acquirer may see otherwise is tried there, where that is allowed', async () => {
    const payment = await routed({ failoverAfterAnswer: true });
    answers(payment, (attempt) => (attempt === 1 ? OTHER_ROUTE : APPROVED));
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'captured', declineCode: null });
    expect(places(payment)).toEqual(['a', 'b']);
    expect(payment.events).not.toContain('payment.declined');
    expect(payment.liveAuthorizations).toHaveLength(1);
  });

  it('is the end where failover after an answer is not allowed, as it is by default', async () => {
    const payment = await routed();
    answers(payment, () => OTHER_ROUTE);
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({
      status: 'declined',
      declineCode: '91',
      remedy: 'other_route',
    });
    expect(places(payment)).toEqual(['a']);
  });

  it('is the end for every other remedy', async () => {
    for (const remedy of ['later', 'authenticate', 'fix_data', 'never', 'none'] as const) {
      const payment = await routed({ failoverAfterAnswer: true });
      answers(payment, () => ({ as: 'declined', code: '05', remedy }));
      await bench.start(payment);
      await bench.ended(payment);
      expect(payment.state.payment).toMatchObject({ status: 'declined', remedy });
      expect(places(payment)).toEqual(['a']);
    }
  });

  it('everywhere ends as the last decline, after two failovers', async () => {
    const payment = await routed({ failoverAfterAnswer: true });
    answers(payment, (attempt) => ({ ...OTHER_ROUTE, code: attempt === 3 ? '92' : '91' }));
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'declined', declineCode: '92' });
    expect(places(payment)).toEqual(['a', 'b', 'c']);
    expect(payment.answered.size).toBe(1);
  });

  it('ends as declined, too, when the others were gone by the time they were asked', async () => {
    let asked = 0;
    const payment = await routed({ failoverAfterAnswer: true }, () => ((asked += 1) === 1 ? FOUR : []));
    answers(payment, () => OTHER_ROUTE);
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'declined', declineCode: '91', failureCode: null });
    expect(payment.burnt).toBe(1);
  });
});

describe('an authorization that may have been executed', () => {
  it('is never tried elsewhere: it is reversed', async () => {
    const payment = await routed({ failoverAfterAnswer: true });
    answers(payment, () => LOST);
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'failed', failureCode: 'reversed_unknown' });
    expect(places(payment)).toEqual(['a']);
  });
});

describe('an authorization that no account can take just now', () => {
  const openUntil = (until: number, now: number): RouteOption[] => [
    option('a', {
      breaker: now < until ? { state: 'open', until, reason: '3 of 5 calls failed', probesFree: 0 } : WELL,
    }),
  ];

  it('waits, and is sent when one can', async () => {
    const until = (await bench.now()) + 60_000;
    const payment = await routed({}, (now) => openUntil(until, now));
    await bench.start(payment);
    await waitUntil('it is put off', 10_000, () => payment.timesOf('authorization_deferred').length > 0);
    expect(payment.calls).toEqual([]);
    expect(payment.state.payment.status).toBe('processing');
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    expect(places(payment)).toEqual(['a']);
    expect(payment.timesOf('authorization_deferred')).toHaveLength(1);
  });

  it('asks with growing pauses while others probe', async () => {
    const until = (await bench.now()) + 60_000;
    const payment = await routed({}, (now) => openUntil(Math.min(now + 1, until), now));
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    expect(payment.timesOf('authorization_deferred').length).toBeLessThan(9);
  });

  it('is voided without being sent when that is asked for', async () => {
    const until = (await bench.now()) + 60_000;
    const payment = await routed({}, (now) => openUntil(until, now));
    await bench.start(payment);
    await waitUntil('it is put off', 10_000, () => payment.timesOf('authorization_deferred').length > 0);
    payment.ask({ kind: 'void' });
    await bench.knock(payment);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('voided');
    expect(payment.calls).toEqual([]);
    expect(payment.answered.size).toBe(2);
  });

  it('has no route when none will be there in its time', async () => {
    const until = (await bench.now()) + 3_600_000;
    const payment = await routed({}, (now) => openUntil(until, now));
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'failed', failureCode: 'no_route' });
    expect(payment.burnt).toBe(1);
  });
});
