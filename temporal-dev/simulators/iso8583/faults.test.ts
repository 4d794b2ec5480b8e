import { afterEach, describe, expect, it } from 'vitest';
import type { Fault } from './faults.ts';
import {
  eventually,
  startHarness,
  type Harness,
  type HarnessOptions,
  type MemoryAttempt,
} from './testing.ts';

let harness: Harness;
afterEach(async () => {
  await harness.stop();
});
const start = async (options: HarnessOptions = {}): Promise<void> => {
  harness = await startHarness(options);
};
const once = (action: Fault['action'], match: Fault['match'] = {}): void => {
  harness.simulator().addFault({ times: 1, match, action });
};

async function authorization(card = '4242424242424242', amount = 500n): Promise<MemoryAttempt> {
  return harness.plan('authorization', amount, { card });
}
async function approved(): Promise<MemoryAttempt> {
  const attempt = await authorization();
  expect(await harness.activities.authorize(attempt.ref)).toMatchObject({ outcome: 'approved' });
  return attempt;
}

describe('an authorization whose answer does not come', () => {
  it('was approved: it is ambiguous, its security code is gone, and its reversal is acknowledged', async () => {
    await start();
    const attempt = await authorization('4000000000000119');
    expect(await harness.impatient.authorize(attempt.ref)).toMatchObject({
      outcome: 'ambiguous',
      reason: 'no answer within 200 ms',
    });
    expect(attempt.state).toBe('sending');
    expect(harness.vault.burnt).toEqual([attempt.ref.payment]);

    const { result, reversal } = await harness.reverse(attempt);
    expect(result).toMatchObject({ outcome: 'approved', responseCode: '00' });
    expect(reversal).toMatchObject({ state: 'answered' });
    expect(harness.journal().map(({ kind, rrn }) => [kind, rrn])).toEqual([
      ['approved', attempt.wire['rrn']],
      ['reversed', attempt.wire['rrn']],
    ]);
  });

  it('was not executed: its reversal finds nothing, and the original is refused should it still arrive', async () => {
    await start();
    const attempt = await authorization('4000000000000259');
    expect(await harness.impatient.authorize(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
    const { result, reversal } = await harness.reverse(attempt);
    expect(result).toMatchObject({ outcome: 'declined', responseCode: '25' });
    expect(reversal.state).toBe('answered');
    expect(harness.journal()).toMatchObject([{ kind: 'not_found', responseCode: '25' }]);
  });

  it('keeps a reversal that found nothing open for another one, where the acquirer does not fence', async () => {
    await start({ fencesByReversal: false });
    const attempt = await authorization('4000000000000259');
    await harness.impatient.authorize(attempt.ref);
    const { result, reversal } = await harness.reverse(attempt);
    expect(result).toMatchObject({ outcome: 'declined', responseCode: '25' });
    expect(reversal).toMatchObject({ state: 'sending', note: { responseCode: '25' } });
    expect(await harness.activities.reverse(reversal.ref)).toMatchObject({
      outcome: 'declined',
      responseCode: '25',
    });
    expect(reversal.sends).toBe(2);
  });

  it('is overtaken by its reversal: the acquirer refuses the original, and the late refusal is kept', async () => {
    await start();
    const attempt = await authorization();
    once({ type: 'hold', holdMs: 60_000 }, { kind: 'authorization' });
    expect(await harness.impatient.authorize(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
    const { result } = await harness.reverse(attempt);
    expect(result).toMatchObject({ outcome: 'declined', responseCode: '25' });
    harness.simulator().release();
    await eventually('the late refusal', () => attempt.lateAnswer !== null);
    expect(attempt).toMatchObject({
      state: 'reversing',
      lateAnswer: { outcome: 'declined', responseCode: '12' },
    });
    expect(harness.journal().map(({ kind }) => kind)).toEqual(['not_found', 'declined']);
  });

  it('comes late: it is handed over, and counts while nothing else was decided', async () => {
    await start({ slowMs: 500 });
    const attempt = await authorization('4000000000000077');
    expect(await harness.impatient.authorize(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
    await eventually('the late answer', () => harness.late.length === 1);
    expect(harness.late).toMatchObject([
      { ref: attempt.ref, result: { outcome: 'approved', responseCode: '00' } },
    ]);
    expect(attempt).toMatchObject({ state: 'answered', answer: { outcome: 'approved' } });
  });

  it('comes late, while it is being undone: it is kept and changes nothing', async () => {
    await start({ slowMs: 500 });
    const attempt = await authorization('4000000000000077');
    await harness.impatient.authorize(attempt.ref);
    attempt.state = 'reversing';
    await eventually('the late answer', () => harness.late.length === 1);
    expect(attempt).toMatchObject({ state: 'reversing', answer: null, lateAnswer: { outcome: 'approved' } });
    // It is told as it came: what follows is the payment's to decide.
    expect(harness.late).toMatchObject([{ result: { outcome: 'approved' } }]);
  });

  it('is slow but in time: it is approved', async () => {
    await start({ slowMs: 300 });
    const attempt = await authorization('4000000000000077');
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({ outcome: 'approved' });
  });

  it('lost its connection: it is ambiguous at once, and the reversal goes over the next connection', async () => {
    await start();
    const attempt = await authorization('4000000000005126');
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({
      outcome: 'ambiguous',
      reason: expect.stringContaining('connection lost') as string,
    });
    expect((await harness.reverse(attempt)).result).toMatchObject({
      outcome: 'approved',
      responseCode: '00',
    });
    expect(harness.journal().map(({ kind }) => kind)).toEqual(['approved', 'reversed']);
  });

  it('takes every other request in flight on that connection with it', async () => {
    await start({ slowMs: 5_000 });
    const slow = await authorization('4000000000000077');
    const waiting = harness.activities.authorize(slow.ref);
    await eventually('the slow one is executed', () => harness.journal().length === 1);
    const reset = await authorization();
    once({ type: 'reset_before' });
    expect(await harness.activities.authorize(reset.ref)).toMatchObject({ outcome: 'ambiguous' });
    expect(await waiting).toMatchObject({ outcome: 'ambiguous' });
    expect(harness.journal().map(({ kind }) => kind)).toEqual(['approved']);
  });
});

describe('an answer that is not right', () => {
  it.each<[string, Fault['action'], string]>([
    ['cannot be parsed', { type: 'garbage' }, 'unparsable answer'],
    ['carries a reference that nobody asked with', { type: 'wrong_reference' }, 'no answer within'],
    ['names a smaller amount', { type: 'wrong_amount', amount: 499 }, 'where 500 was asked for'],
    ['has a code that nobody knows', { type: 'decline', code: '7Q' }, 'unknown response code 7Q'],
    ['says that the system malfunctions', { type: 'decline', code: '96' }, 'system malfunction'],
    ['says that the message is a duplicate', { type: 'decline', code: '94' }, 'duplicate transmission'],
  ])('is ambiguous when it %s', async (_name, action, reason) => {
    await start();
    once(action);
    const attempt = await authorization();
    // Only where no answer is ever taken for ours is the limit what ends the call.
    const by = action.type === 'wrong_reference' ? harness.impatient : harness.activities;
    expect(await by.authorize(attempt.ref)).toMatchObject({
      outcome: 'ambiguous',
      reason: expect.stringContaining(reason) as string,
    });
    expect(attempt.state).toBe('sending');
  });

  it('approves more than was asked for: approved with that amount, and flagged', async () => {
    await start();
    once({ type: 'wrong_amount', amount: 50_000 });
    const attempt = await authorization();
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({
      outcome: 'approved',
      reason: 'approved_amount_above_request',
    });
    expect(attempt.answer).toMatchObject({ approvedAmount: 50_000n });
  });

  it('comes twice: it counts once, and the connection goes on', async () => {
    await start();
    once({ type: 'duplicate_answer' });
    const attempt = await approved();
    await approved();
    expect(attempt).toMatchObject({ state: 'answered', lateAnswer: null });
    expect(harness.simulator().connections()).toBe(1);
  });

  it('is garbage among many: only the one it was for is ambiguous', async () => {
    await start({ callLimitMs: 2_000 });
    once({ type: 'garbage' }, { amount: 13 });
    const attempts = await Promise.all(
      [11n, 12n, 13n, 14n].map((amount) => authorization(undefined, amount)),
    );
    once({ type: 'delay', delayMs: 300 }, { amount: 14 });
    const results = await Promise.all(attempts.map(({ ref }) => harness.activities.authorize(ref)));
    expect(results.map(({ outcome }) => outcome)).toEqual(['approved', 'approved', 'ambiguous', 'approved']);
  });
});

describe('a host that fails', () => {
  it('after it executed: it is ambiguous, and its reversal is acknowledged', async () => {
    await start();
    once({ type: 'error_executed' });
    const attempt = await authorization();
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
    expect((await harness.reverse(attempt)).result).toMatchObject({ outcome: 'approved' });
    expect(harness.journal().map(({ kind }) => kind)).toEqual(['approved', 'reversed']);
  });

  it('before it executed: it has forgotten the message, and executes its repeat', async () => {
    await start();
    const original = await approved();
    once({ type: 'error_not_executed' });
    const capture = await harness.plan('capture', 500n, { original });
    expect(await harness.activities.capture(capture.ref)).toMatchObject({ outcome: 'ambiguous' });
    expect(await harness.activities.capture(capture.ref)).toMatchObject({ outcome: 'approved' });
    expect(harness.journal().map(({ kind }) => kind)).toEqual(['approved', 'captured']);
  });

  it('answers one byte at a time: the answers behind it are whole too', async () => {
    await start();
    const attempts = await Promise.all([11n, 12n, 13n].map((amount) => authorization(undefined, amount)));
    once({ type: 'byte_by_byte' }, { amount: 11 });
    const results = await Promise.all(attempts.map(({ ref }) => harness.activities.authorize(ref)));
    expect(results.map(({ outcome }) => outcome)).toEqual(['approved', 'approved', 'approved']);
  });

  it('stops in the middle of an answer: the link is given up before it is idle, and the next one is used', async () => {
    await start();
    const attempt = await authorization();
    once({ type: 'half_open' });
    expect(await harness.impatient.authorize(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
    expect(await harness.activities.authorize((await authorization()).ref)).toMatchObject({
      outcome: 'ambiguous',
      reason: expect.stringContaining('connection lost') as string,
    });
    expect((await harness.reverse(attempt)).result).toMatchObject({ outcome: 'approved' });
  });

  it.each<[string, Fault['action'], object]>([
    ['approves less', { type: 'partial_approval', amount: 200 }, { responseCode: '10' }],
    ['takes its time', { type: 'slow', meanMs: 50 }, { responseCode: '00' }],
  ])('%s: it is approved', async (_name, action, expected) => {
    await start();
    once(action);
    const attempt = await authorization();
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({
      outcome: 'approved',
      ...expected,
    });
  });
});
