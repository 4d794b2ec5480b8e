import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { temporalTestServerProgram } from '../../temporal-dev/parts/programs.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { beginFollowUp } from '../domain/begin.ts';
import { openBench, type Bench } from './testing/bench.ts';
import { APPROVED, LOST, NOT_SENT, type BenchPayment } from './testing/bench-payment.ts';

/**
 * The promise: a paused payment begins nothing new, what is at an acquirer already is concluded all the same,
 * and its holds end by their time; resumed, it goes on where it stood, and nothing is done twice.
 */
let bench: Bench;

beforeAll(async () => {
  bench = await openBench(await temporalTestServerProgram());
}, 300_000);
afterEach(() => bench.clear());
afterAll(() => bench.close());

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

async function say(payment: BenchPayment, kind: 'pause' | 'resume'): Promise<void> {
  const command = payment.ask({ kind });
  await bench.knock(payment);
  await waitUntil(`it took ${kind}`, 10_000, () => payment.answered.has(command.id));
}

async function held(): Promise<BenchPayment> {
  const payment = await bench.open({ captureMethod: 'manual' });
  await bench.start(payment);
  await waitUntil('it is held', 10_000, () => payment.state.payment.status === 'authorized');
  return payment;
}

describe('a paused payment', () => {
  it('refuses what the merchant asks for, by name, and takes it once it goes on', async () => {
    const payment = await held();
    await say(payment, 'pause');
    const asked = [
      payment.ask({ kind: 'capture', amount: null }),
      payment.ask({ kind: 'void' }),
      payment.ask({ kind: 'reauthorize' }),
    ];
    await bench.knock(payment);
    await waitUntil('all are answered', 10_000, () => asked.every(({ id }) => payment.answered.has(id)));
    for (const { id } of asked)
      expect(payment.refusals.get(id), id).toMatchObject({ code: 'payment_paused' });
    expect(payment.calls.map(({ kind }) => kind)).toEqual(['authorization']);

    await say(payment, 'resume');
    payment.ask({ kind: 'capture', amount: null });
    await bench.knock(payment);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    expect(payment.calls.map(({ kind }) => kind)).toEqual(['authorization', 'capture']);
  });

  it('finds out what is unknown and does not take what it finds, until it goes on: once', async () => {
    const payment = await bench.open({}, { inquiry: 'by_reference' });
    payment.answering = ({ kind }) => (kind === 'authorization' ? LOST : APPROVED);
    await bench.start(payment);
    await waitUntil('it is unknown', 10_000, () => payment.timesOf('authorization_unknown').length > 0);
    await say(payment, 'pause');
    payment.inquiring = () => ({ as: 'approved' });
    await bench.pass(HOUR_MS);
    expect(payment.state.payment.status).toBe('authorized');
    expect(payment.callsOf('capture')).toEqual([]);
    expect(await bench.status(payment)).toBe('RUNNING');
    await bench.terminate(payment);
    await say(payment, 'resume');
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    expect(payment.callsOf('capture')).toHaveLength(1);
    expect(payment.callsOf('reversal')).toEqual([]);
  });

  it('that was never sent is not sent, ends by its time, and forgets the security code', async () => {
    const payment = await bench.open();
    payment.answering = () => NOT_SENT;
    await bench.start(payment);
    await waitUntil('it was tried', 10_000, () => payment.timesOf('authorization_not_executed').length > 0);
    await say(payment, 'pause');
    const tries = payment.calls.length;
    payment.answering = () => APPROVED;
    await bench.ended(payment);
    expect(payment.state.payment).toMatchObject({ status: 'failed', failureCode: 'not_attempted' });
    expect(payment.calls).toHaveLength(tries);
    expect(payment.burnt).toBeGreaterThan(0);
    expect(await bench.now()).toBeGreaterThanOrEqual(payment.state.payment.authorizeBy);
  });

  it('sends its authorization when it goes on in time', async () => {
    const payment = await bench.open();
    payment.answering = () => NOT_SENT;
    await bench.start(payment);
    await waitUntil('it was tried', 10_000, () => payment.timesOf('authorization_not_executed').length > 0);
    await say(payment, 'pause');
    await bench.pass(2 * MINUTE_MS);
    payment.answering = () => APPROVED;
    await say(payment, 'resume');
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('captured');
    expect(payment.liveAuthorizations).toHaveLength(1);
  });

  it('that was paused while it was being prepared keeps its security code until it is sent', async () => {
    const payment = await bench.open({ captureMethod: 'manual' });
    payment.atMoment = (moment) => {
      if (moment !== 'before beginAuthorization') return;
      payment.atMoment = () => undefined;
      // As a run would have written it that began after this step.
      const made = beginFollowUp(
        payment.state,
        payment.ask({ kind: 'pause' }),
        payment.state.payment.createdAt,
      );
      if (made === null) throw new Error('the pause was not taken');
      payment.record(made, payment.state.payment.createdAt);
    };
    await bench.start(payment);
    await waitUntil('its plan was refused', 10_000, () => payment.steps.includes('beginAuthorization'));
    await say(payment, 'resume');
    await waitUntil('it is held', 10_000, () => payment.state.payment.status === 'authorized');
    expect(payment.burnt).toBe(0);
    expect(payment.callsOf('authorization')).toHaveLength(1);
  });

  it('releases what it holds when that runs out, also where a capture was held back', async () => {
    for (const method of ['manual', 'automatic'] as const) {
      const payment = await bench.open({ captureMethod: method }, { inquiry: 'by_reference' });
      payment.answering = ({ kind }) => (kind === 'authorization' ? LOST : APPROVED);
      await bench.start(payment);
      await waitUntil('it is unknown', 10_000, () => payment.timesOf('authorization_unknown').length > 0);
      await say(payment, 'pause');
      payment.inquiring = () => ({ as: 'approved' });
      await bench.ended(payment);
      expect(payment.state.payment, method).toMatchObject({
        authorizationState: 'expired',
        amountCaptured: 0n,
      });
      expect(payment.callsOf('capture')).toEqual([]);
      expect(payment.callsOf('void')).toHaveLength(1);
      expect(payment.balance('auth_hold:merchant')).toBe(0n);
    }
  });

  it('releases its hold when an operator decides so', async () => {
    const payment = await held();
    await say(payment, 'pause');
    payment.ask({ kind: 'void', asOperator: true });
    await bench.knock(payment);
    await bench.ended(payment);
    expect(payment.state.payment.status).toBe('voided');
  });
});
