import { afterEach, describe, expect, it } from 'vitest';
import type { AcquirerActivities, CallResult } from '../../../workflows/ports/acquirer.ts';
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

describe('what is repeated', () => {
  it.each(['capture', 'void', 'partial_void'] as const)(
    'a %s whose answer is lost is repeated, byte-equal, and executed once',
    async (kind) => {
      await start();
      const original = await approved();
      const attempt = await harness.plan(kind, 200n, {
        original,
        remaining: kind === 'partial_void' ? 300n : null,
      });
      const call = (by: AcquirerActivities): Promise<CallResult> =>
        kind === 'capture' ? by.capture(attempt.ref) : by.void(attempt.ref);
      once({ type: 'lose_answer' }, { kind });
      expect(await call(harness.impatient)).toMatchObject({ outcome: 'ambiguous' });
      expect(attempt).toMatchObject({ state: 'sending', sends: 1 });
      expect(await call(harness.activities)).toMatchObject({ outcome: 'approved', responseCode: '00' });
      expect(attempt).toMatchObject({ state: 'answered', sends: 2 });
      expect(harness.journal()).toHaveLength(2);
    },
  );

  it('a capture that never arrived is executed by its repeat', async () => {
    await start();
    const original = await approved();
    const capture = await harness.plan('capture', 200n, { original });
    once({ type: 'no_answer_not_executed' }, { kind: 'capture' });
    expect(await harness.impatient.capture(capture.ref)).toMatchObject({ outcome: 'ambiguous' });
    expect(await harness.activities.capture(capture.ref)).toMatchObject({ outcome: 'approved' });
    expect(
      harness
        .simulator()
        .entries()
        .map(({ kind, mti }) => [kind, mti]),
    ).toEqual([
      ['approved', '0100'],
      ['captured', '0221'],
    ]);
  });

  it('a reversal is repeated until it is acknowledged', async () => {
    await start();
    const attempt = await authorization('4000000000000119');
    await harness.impatient.authorize(attempt.ref);
    once({ type: 'lose_answer' }, { kind: 'reversal' });
    const { result, reversal } = await harness.reverse(attempt, harness.impatient);
    expect(result).toMatchObject({ outcome: 'ambiguous' });
    expect(await harness.activities.reverse(reversal.ref)).toMatchObject({ outcome: 'approved' });
    expect(harness.journal().map(({ kind }) => kind)).toEqual(['approved', 'reversed']);
  });

  it('an authorization, a sale and a refund are never sent twice', async () => {
    await start();
    const purchase = await harness.plan('sale', 500n);
    once({ type: 'lose_answer' });
    expect(await harness.impatient.authorize(purchase.ref)).toMatchObject({ outcome: 'ambiguous' });
    expect(await harness.activities.authorize(purchase.ref)).toMatchObject({
      outcome: 'ambiguous',
      reason: expect.stringContaining('never sent twice') as string,
    });
    const refund = await harness.plan('refund', 200n, { original: purchase });
    once({ type: 'lose_answer' });
    expect(await harness.impatient.refund(refund.ref)).toMatchObject({ outcome: 'ambiguous' });
    expect(await harness.activities.refund(refund.ref)).toMatchObject({ outcome: 'ambiguous' });
    expect(harness.journal().map(({ kind }) => kind)).toEqual(['sale', 'refunded']);
  });

  it('is ambiguous, never retryable, when the repeat cannot be sent', async () => {
    await start({ linkWaitMs: 50 });
    await eventually('the link is up', () => harness.pool.ready());
    const original = await approved();
    const capture = await harness.plan('capture', 200n, { original });
    once({ type: 'lose_answer' }, { kind: 'capture' });
    await harness.impatient.capture(capture.ref);
    await harness.restartSimulator(async () => {
      expect(await harness.activities.capture(capture.ref)).toMatchObject({ outcome: 'ambiguous' });
    });
    await eventually('the link is back', () => harness.pool.ready());
    expect(await harness.activities.capture(capture.ref)).toMatchObject({ outcome: 'approved' });
    expect(harness.journal().map(({ kind }) => kind)).toEqual(['approved', 'captured']);
  });
});

describe('what is certainly not sent', () => {
  it('is retryable when no connection is there in time, and the row is planned as before', async () => {
    await start({ linkWaitMs: 50 });
    const attempt = await authorization();
    await harness.restartSimulator(async () => {
      expect(await harness.activities.authorize(attempt.ref)).toEqual({
        outcome: 'retryable',
        responseCode: null,
        reason: 'no connection to acquirer-1',
      });
    });
    expect(attempt).toMatchObject({ state: 'planned', sends: 0 });
  });

  it('a worker that was stopped before the write sends nothing when it wakes after send-by', async () => {
    await start();
    harness.hooks.afterMarkSending = () => {
      harness.clock.extraMs = 10_001;
    };
    const attempt = await authorization();
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({
      outcome: 'retryable',
      reason: expect.stringContaining('send-by passed') as string,
    });
    expect(attempt.state).toBe('fenced');
    expect(harness.vault.released).toEqual([attempt.ref.attempt]);
    expect(harness.vault.burnt).toEqual([]);
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({ outcome: 'retryable' });
    expect(harness.journal()).toEqual([]);
  });

  it('a reversal is sent however late it is', async () => {
    await start();
    const attempt = await authorization('4000000000000119');
    await harness.impatient.authorize(attempt.ref);
    harness.hooks.afterMarkSending = () => {
      harness.clock.extraMs = 60_000;
    };
    expect((await harness.reverse(attempt)).result).toMatchObject({ outcome: 'approved' });
  });

  it('a row that was fenced while its card was fetched is not sent', async () => {
    await start();
    const attempt = await authorization();
    const call = harness.activities.authorize(attempt.ref);
    attempt.state = 'fenced';
    expect(await call).toMatchObject({ outcome: 'retryable' });
    expect(harness.journal()).toEqual([]);
  });

  it('of two calls for one attempt only one sends', async () => {
    await start();
    const attempt = await authorization();
    const results = await Promise.all([
      harness.activities.authorize(attempt.ref),
      harness.activities.authorize(attempt.ref),
    ]);
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['ambiguous', 'approved']);
    expect(harness.journal()).toHaveLength(1);
  });
});

describe('the link', () => {
  it('comes back after the host was restarted, and the host remembers', async () => {
    await start();
    const original = await approved();
    await harness.restartSimulator();
    await eventually('the link is back', () => harness.pool.ready());
    const capture = await harness.plan('capture', 500n, { original });
    expect(await harness.activities.capture(capture.ref)).toMatchObject({ outcome: 'approved' });
    const second = await harness.plan('capture', 1n, { original });
    expect(await harness.activities.capture(second.ref)).toMatchObject({
      outcome: 'declined',
      responseCode: '13',
    });
  });

  it('asks for an echo when idle and stays', async () => {
    await start({ echoIdleMs: 20 });
    await approved();
    await eventually('three echoes', () => harness.simulator().echoes() >= 3);
    expect(harness.simulator().connections()).toBe(1);
    await approved();
  });

  it('finishes what is in flight before it signs off', async () => {
    await start({ slowMs: 200, linkWaitMs: 50 });
    await eventually('the link is up', () => harness.pool.ready());
    const attempt = await authorization('4000000000000077');
    const call = harness.activities.authorize(attempt.ref);
    await eventually('it is executed', () => harness.journal().length === 1);
    await harness.pool.drain(5_000);
    expect(await call).toMatchObject({ outcome: 'approved' });
    await eventually('the connection is closed', () => harness.simulator().connections() === 0);
    const next = await authorization();
    expect(await harness.activities.authorize(next.ref)).toMatchObject({ outcome: 'retryable' });
  });
});
