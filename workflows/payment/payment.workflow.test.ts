import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { temporalTestServerProgram } from '../../temporal-dev/parts/programs.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import type { CommandId } from '../domain/ids.ts';
import { IN_REVIEW } from '../domain/testing/payments.ts';
import { RING_WAIT_MS } from './payment.contract.ts';
import { openBench, type Bench } from './testing/bench.ts';
import { APPROVED, LOST, type BenchPayment, type Reply } from './testing/bench-payment.ts';

/**
 * The promise: a run is open exactly while something about its payment is pending, it does what is
 * due when it is due, and whoever rings learns how far his command has come.
 */
let bench: Bench;

beforeAll(async () => {
  bench = await openBench(await temporalTestServerProgram());
}, 300_000);
afterEach(() => bench.clear());
afterAll(() => bench.close());

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A payment whose money is held and waits to be captured. */
async function held(): Promise<BenchPayment> {
  const payment = await bench.open({ captureMethod: 'manual' });
  await bench.start(payment);
  await waitUntil('it is authorized', 10_000, () => payment.state.payment.status === 'authorized');
  return payment;
}

/** A payment that a person has to look at before its money is taken. */
async function inReview(captureMethod: 'automatic' | 'manual' = 'automatic'): Promise<BenchPayment> {
  const payment = await bench.open({ captureMethod });
  payment.risk = IN_REVIEW;
  await bench.start(payment);
  await waitUntil('it is in review', 10_000, () => payment.state.payment.status === 'in_review');
  return payment;
}

/** A call at the acquirer that is answered when the test says so. */
function gate(): { readonly reply: (reply: Reply) => void; readonly replied: Promise<Reply> } {
  let reply: (reply: Reply) => void = () => undefined;
  const replied = new Promise<Reply>((resolve) => {
    reply = resolve;
  });
  return { reply, replied };
}

const kinds = (payment: BenchPayment): string[] => payment.calls.map(({ kind }) => kind);

describe('a run', () => {
  it('ends when nothing is pending, and one for a payment with nothing pending does nothing', async () => {
    const payment = await bench.open();
    await bench.start(payment);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    expect(kinds(payment)).toEqual(['authorization', 'capture']);
    const steps = payment.steps.length;

    await bench.knock(payment);
    await bench.ended(payment);
    expect(payment.steps.slice(steps)).toEqual(['load']);
  });

  it('stays open while money is held, and releases what was not captured in time', async () => {
    const payment = await held();
    const { captureBefore } = payment.state.payment;
    if (captureBefore === null) throw new Error('a hold without an end');
    await bench.pass(6 * DAY_MS);
    expect(payment.state.payment.status).toBe('authorized');
    expect(await bench.status(payment)).toBe('RUNNING');

    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'expired', amountCaptured: 0n });
    expect(kinds(payment)).toEqual(['authorization', 'void']);
    expect(payment.timesOf('expiry_started')[0]).toBeGreaterThanOrEqual(captureBefore);
    expect(payment.balance('auth_hold:merchant')).toBe(0n);
    expect(payment.events).toEqual(['payment.authorized', 'payment.expired']);
  });

  it('releases only the remainder of what was captured in part', async () => {
    const payment = await held();
    const capture = payment.ask({ kind: 'capture', amount: 2_000n });
    expect(await bench.ring(payment, capture.id)).toEqual({ state: 'answered' });
    await bench.ended(payment);
    expect(kinds(payment)).toEqual(['authorization', 'capture', 'partial_void']);
    expect(payment.state.payment).toMatchObject({ authorizationState: 'expired', amountCaptured: 2_000n });
  });

  it('takes a command that comes after the hold ran out for what it is: too late', async () => {
    const payment = await held();
    await bench.pass(8 * DAY_MS);
    const capture = payment.ask({ kind: 'capture', amount: null });
    expect(await bench.ring(payment, capture.id)).toEqual({ state: 'answered' });
    expect(payment.refusals.get(capture.id)?.code).toBe('authorization_expired');
    await bench.ended(payment);
  });
});

describe('a review', () => {
  it('approved takes the money that was held', async () => {
    const payment = await inReview();
    payment.ask({ kind: 'review', decision: 'approve' });
    await bench.knock(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'captured', review: 'approved' });
    expect(kinds(payment)).toEqual(['authorization', 'capture']);
  });

  it('approved with manual capture goes on holding it', async () => {
    const payment = await inReview('manual');
    const decision = payment.ask({ kind: 'review', decision: 'approve' });
    expect(await bench.ring(payment, decision.id)).toEqual({ state: 'answered' });
    expect(payment.state.payment).toMatchObject({ status: 'authorized', review: 'approved' });
    expect(kinds(payment)).toEqual(['authorization']);
  });

  it('rejected releases it', async () => {
    const payment = await inReview();
    payment.ask({ kind: 'review', decision: 'reject' });
    await bench.knock(payment);
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'voided', review: 'rejected' });
    expect(kinds(payment)).toEqual(['authorization', 'void']);
  });

  it('that nobody decides lapses after its time, and releases it', async () => {
    const payment = await inReview();
    const { reviewBy } = payment.state.payment;
    if (reviewBy === null) throw new Error('a review without an end');
    await bench.pass(23 * HOUR_MS);
    expect(payment.state.payment.status).toBe('in_review');
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'voided', review: 'rejected' });
    expect(payment.timesOf('review_rejected')[0]).toBeGreaterThanOrEqual(reviewBy);
    expect(kinds(payment)).toEqual(['authorization', 'void']);
  });

  it('is decided once: the second decision is told so', async () => {
    const payment = await inReview();
    payment.ask({ kind: 'review', decision: 'approve' });
    const second = payment.ask({ kind: 'review', decision: 'reject' });
    await bench.knock(payment);
    await bench.ended(payment);
    expect(payment.refusals.get(second.id)?.code).toBe('review_not_open');
    expect(payment.state.payment.status).toBe('captured');
  });
});

describe('whoever rings', () => {
  it('is told at once of a command that is done, also when the run has to be started for it', async () => {
    const payment = await bench.open();
    const [create] = payment.state.commands;
    if (create === undefined) throw new Error('no create command');
    expect(await bench.ring(payment, create.id)).toEqual({ state: 'answered' });
    await bench.ended(payment);
    const calls = payment.calls.length;
    expect(await bench.ring(payment, 'cmd_again' as CommandId)).toEqual({ state: 'answered' });
    expect(payment.calls).toHaveLength(calls);
  });

  it('may say which decision of an operator it is, by its id; anything else is refused', async () => {
    const payment = await held();
    const capture = payment.ask({ kind: 'capture', amount: 1_000n });
    const nonsense = [{ id: capture.id }, [capture.id], `${capture.id} now`, 'res_1', '', null, 17];
    for (const [index, said] of nonsense.entries())
      await expect(bench.ring(payment, `cmd_nonsense_${index}` as CommandId, said)).rejects.toThrow();
    expect(payment.answered.has(capture.id)).toBe(false);
    const told = await bench.ring(payment, 'cmd_rung' as CommandId, capture.id.replace('cmd_', 'dcs_'));
    expect(told).toEqual({ state: 'answered' });
    expect(payment.answered.has(capture.id)).toBe(true);
  });

  it('is let go as "processing" after 30 s when the outcome is not known', async () => {
    const payment = await held();
    payment.answering = () => LOST;
    const capture = payment.ask({ kind: 'capture', amount: null });
    const rangAt = await bench.now();
    const told = bench.ring(payment, capture.id);
    await waitUntil('it is unknown', 10_000, () => payment.state.operations.at(-1)?.phase === 'unknown');
    await bench.pass(RING_WAIT_MS + 1_000);
    expect(await told).toEqual({ state: 'processing' });
    expect(await bench.now()).toBeGreaterThanOrEqual(rangAt + RING_WAIT_MS);
    expect(payment.answered.has(capture.id)).toBe(false);
  });

  it('many at once are all answered, each command once', async () => {
    const payment = await held();
    const captures = Array.from({ length: 8 }, () => payment.ask({ kind: 'capture', amount: 1_000n }));
    const told = await Promise.all(captures.map(({ id }) => bench.ring(payment, id)));
    expect(told).toEqual(captures.map(() => ({ state: 'answered' })));
    expect(payment.callsOf('capture')).toHaveLength(8);
    expect(payment.state.payment.amountCaptured).toBe(8_000n);
  });
});

describe('a cancelled run', () => {
  it('in the middle of an acquirer call ends in a void, and loses no approval', async () => {
    const payment = await bench.open({ captureMethod: 'manual' });
    const { reply, replied } = gate();
    payment.answering = ({ kind }) => (kind === 'authorization' ? replied : APPROVED);
    const handle = await bench.start(payment);
    await waitUntil('it is at the acquirer', 10_000, () => payment.calls.length === 1);
    await handle.cancel();
    reply(APPROVED);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('voided');
    expect(kinds(payment)).toEqual(['authorization', 'void']);
    expect(await bench.status(payment)).toBe('COMPLETED');
  });

  it('while money is held releases it', async () => {
    const payment = await held();
    const handle = await bench.knock(payment);
    await handle.cancel();
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('voided');
    expect(await bench.status(payment)).toBe('COMPLETED');
  });

  it('of a purchase that went through takes nothing back', async () => {
    const payment = await bench.open();
    payment.singleMessage = true;
    const { reply, replied } = gate();
    payment.answering = () => replied;
    const handle = await bench.start(payment);
    await waitUntil('it is at the acquirer', 10_000, () => payment.calls.length === 1);
    await handle.cancel();
    reply(APPROVED);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    expect([...payment.refusals.values()].map(({ code }) => code)).toEqual(['payment_not_voidable']);
  });
});
