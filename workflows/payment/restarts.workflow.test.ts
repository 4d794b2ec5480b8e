import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { temporalTestServerProgram } from '../../temporal-dev/parts/programs.ts';
import { openBench, type Bench } from './testing/bench.ts';
import { APPROVED, LOST, type BenchPayment } from './testing/bench-payment.ts';

/**
 * The promise: a payment that is unknown for twenty minutes, while its worker is restarted again and
 * again, is asked about as if nothing had happened, is sent once, and becomes what it is.
 */
let bench: Bench;

beforeAll(async () => {
  bench = await openBench(await temporalTestServerProgram(), { restarts: true });
}, 300_000);
afterEach(() => bench.clear());
afterAll(() => bench.close());

const MINUTE_MS = 60_000;
/** Each restart takes a second of real time and more on a busy machine. */
const LIMIT_MS = 120_000;

/** Twenty minutes in four parts, after each of which the worker is another one. */
async function passWithRestarts(payment: BenchPayment): Promise<void> {
  for (let part = 0; part < 4; part += 1) {
    await bench.pass(5 * MINUTE_MS);
    expect(payment.state.payment.status).toBe('processing');
    await bench.restartWorker();
  }
  expect(payment.cases).toMatchObject([{ kind: 'unknown_too_long' }]);
}

describe('a payment that is unknown for twenty minutes, with its worker restarted four times', () => {
  async function asked(): Promise<BenchPayment> {
    const payment = await bench.open({}, { inquiry: 'by_reference' });
    payment.singleMessage = true;
    payment.answering = ({ kind }) => (kind === 'sale' ? LOST : APPROVED);
    await bench.start(payment);
    const runId = await bench.runOf(payment);
    await passWithRestarts(payment);
    // 1, 2, 4 … 256 s make 9 questions in 8.5 min, then one every 5 min: no restart adds or loses one.
    expect(payment.inquiries.length).toBeGreaterThanOrEqual(10);
    expect(payment.inquiries.length).toBeLessThanOrEqual(13);
    // The same run: what was restarted is the worker, and it goes on from the history.
    expect(await bench.runOf(payment)).toBe(runId);
    return payment;
  }

  function expectSentOnce(payment: BenchPayment): void {
    expect(payment.callsOf('sale')).toHaveLength(1);
    expect(payment.callsOf('reversal')).toEqual([]);
    expect(payment.answered.size).toBe(1);
  }

  it(
    'is captured when inquiry finds it approved',
    async () => {
      const payment = await asked();
      payment.inquiring = () => ({ as: 'approved' });
      await bench.ended(payment);
      expect(payment.state.payment).toMatchObject({ status: 'captured', amountCaptured: 9_000n });
      expect(payment.events).toEqual(['payment.captured']);
      expectSentOnce(payment);
    },
    LIMIT_MS,
  );

  it(
    'is declined when inquiry finds it declined',
    async () => {
      const payment = await asked();
      payment.inquiring = () => ({ as: 'declined', code: 'do_not_honor' });
      await bench.ended(payment);
      expect(payment.state.payment).toMatchObject({ status: 'declined', declineCode: 'do_not_honor' });
      expect(payment.events).toEqual(['payment.declined']);
      expectSentOnce(payment);
    },
    LIMIT_MS,
  );

  it(
    'is reversed where nobody can be asked: the one reversal is repeated until it is acknowledged',
    async () => {
      const payment = await bench.open();
      payment.answering = () => LOST;
      await bench.start(payment);
      await passWithRestarts(payment);
      const repeats = payment.callsOf('reversal');
      expect(repeats.length).toBeGreaterThanOrEqual(10);
      expect(repeats.length).toBeLessThanOrEqual(13);
      payment.answering = () => APPROVED;
      await bench.ended(payment);
      expect(payment.state.payment).toMatchObject({ status: 'failed', failureCode: 'reversed_unknown' });
      expect(payment.events).toEqual(['payment.failed']);
      expect(payment.callsOf('authorization')).toHaveLength(1);
      expect(new Set(payment.callsOf('reversal').map(({ attempt }) => attempt)).size).toBe(1);
      expect(payment.liveAuthorizations).toEqual([]);
      expect(payment.answered.size).toBe(1);
    },
    LIMIT_MS,
  );
});
