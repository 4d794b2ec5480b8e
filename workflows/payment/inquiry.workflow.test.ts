import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { temporalTestServerProgram } from '../../temporal-dev/parts/programs.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { openBench, type Bench } from './testing/bench.ts';
import { APPROVED, LOST, type BenchPayment } from './testing/bench-payment.ts';

/**
 * The promise: an acquirer that can be asked is asked, with growing pauses, before anything is undone;
 * what it holds is waited for; and whatever it says is what becomes of the payment.
 */
let bench: Bench;

beforeAll(async () => {
  bench = await openBench(await temporalTestServerProgram());
}, 300_000);
afterEach(() => bench.clear());
afterAll(() => bench.close());

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A payment whose authorization got no answer, at an acquirer that can be asked by reference. */
async function unknown(asked: Parameters<Bench['open']>[0] = {}): Promise<BenchPayment> {
  const payment = await bench.open(asked, { inquiry: 'by_reference' });
  payment.singleMessage = true;
  payment.answering = ({ kind }) => (kind === 'sale' || kind === 'authorization' ? LOST : APPROVED);
  await bench.start(payment);
  return payment;
}

describe('an authorization without an answer, at an acquirer that can be asked', () => {
  it('is asked about for twenty minutes, through a lost run, and becomes what it is: approved', async () => {
    const payment = await unknown();
    await bench.pass(10 * MINUTE_MS);
    expect(payment.state.payment.status).toBe('processing');
    const before = payment.inquiries.length;
    // 1, 2, 4 … 256 s make 9 questions in 8.5 min, then one every 5 min.
    expect(before).toBeGreaterThanOrEqual(8);
    expect(before).toBeLessThanOrEqual(11);
    await bench.terminate(payment);
    await bench.knock(payment);
    await bench.pass(10 * MINUTE_MS);
    expect(payment.cases).toMatchObject([{ kind: 'unknown_too_long' }]);
    payment.inquiring = () => ({ as: 'approved' });
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'captured', amountCaptured: 9_000n });
    expect(payment.callsOf('sale')).toHaveLength(1);
    expect(payment.callsOf('reversal')).toEqual([]);
    expect(payment.events).toEqual(['payment.captured']);
  });

  it('becomes declined when the acquirer says so', async () => {
    const payment = await unknown();
    payment.inquiring = () => ({ as: 'declined', code: 'do_not_honor' });
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'declined', declineCode: 'do_not_honor' });
    expect(payment.callsOf('reversal')).toEqual([]);
  });

  it('has failed as not executed when that is proven: its security code is gone, nothing is sent again', async () => {
    const payment = await unknown();
    await bench.pass(6 * MINUTE_MS);
    payment.inquiring = () => ({ as: 'not_executed' });
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'failed', failureCode: 'not_executed' });
    expect(payment.callsOf('sale')).toHaveLength(1);
    expect(payment.liveAuthorizations).toEqual([]);
  });

  it('is undone at once when the merchant voids it meanwhile', async () => {
    const payment = await unknown();
    await waitUntil('it was asked about', 20_000, () => payment.inquiries.length > 0);
    const { id } = payment.ask({ kind: 'void' });
    await bench.knock(payment);
    await bench.ended(payment);
    expect(payment.answered).toContain(id);
    expect(payment.state.payment.status).toBe('voided');
    expect(payment.callsOf('reversal')).toHaveLength(1);
  });
});

describe('a refund that the acquirer holds', () => {
  async function pending(): Promise<BenchPayment> {
    const payment = await bench.open({}, { inquiry: 'by_reference' });
    payment.singleMessage = true;
    await bench.start(payment);
    await bench.ended(payment);
    payment.answering = () => ({ as: 'pending' });
    payment.inquiring = () => ({ as: 'pending' });
    payment.ask({ kind: 'refund', amount: 2_000n, reason: null });
    await bench.knock(payment);
    await bench.pass(2 * HOUR_MS);
    return payment;
  }

  it('is asked about less and less often, never sent again, and ends as it ends', async () => {
    const payment = await pending();
    expect(payment.callsOf('refund')).toHaveLength(1);
    const asked = payment.inquiries.length;
    // 5, 10, 20 s … an hour: ten questions in the first one and a half.
    expect(asked).toBeGreaterThan(7);
    expect(asked).toBeLessThan(14);
    expect(payment.state.payment).toMatchObject({ amountRefunded: 0n, amountRefundPending: 2_000n });
    payment.inquiring = () => ({ as: 'approved' });
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ amountRefunded: 2_000n, amountRefundPending: 0n });
    expect(payment.callsOf('refund')).toHaveLength(1);
  });

  it('opens a case after a day, and goes on being asked about', async () => {
    const payment = await pending();
    await bench.pass(20 * HOUR_MS);
    expect(payment.cases).toEqual([]);
    await bench.pass(4 * HOUR_MS);
    expect(payment.cases).toMatchObject([{ kind: 'unknown_too_long' }]);
    payment.inquiring = () => ({ as: 'declined', code: 'failed' });
    await bench.ended(payment);
    expect(payment.events.at(-1)).toBe('refund.failed');
    expect(payment.state.payment.amountRefundPending).toBe(0n);
  });
});
