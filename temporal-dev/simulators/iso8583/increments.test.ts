import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, startHarness, type Harness, type MemoryAttempt } from './testing.ts';

/** The promise: what is added is part of the hold and of nothing else, and is undone alone. */
let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(async () => {
  await harness.stop();
});

async function held(amount = 9_000n, rest: { card?: string } = {}): Promise<MemoryAttempt> {
  const attempt = await harness.plan('authorization', amount, { authorizationType: 'pre', ...rest });
  expect(await harness.activities.authorize(attempt.ref)).toMatchObject({ outcome: 'approved' });
  return attempt;
}
const added = (original: MemoryAttempt, amount: bigint): Promise<MemoryAttempt> =>
  harness.plan('increment', amount, { original });
const onBook = (): readonly unknown[] =>
  harness
    .simulator()
    .transactions()
    .map(({ held: now, incremented, captured, standing }) => [now, incremented, captured, standing]);

describe('an increment, over the wire', () => {
  it('adds to the hold, has an approval of its own, and carries the reference of the original', async () => {
    const original = await held();
    const increment = await added(original, 2_500n);
    expect(await harness.activities.authorize(increment.ref)).toMatchObject({ outcome: 'approved' });
    expect(increment.answer).toMatchObject({ approvedAmount: 2_500n, approvalCode: '000002' });
    expect(increment.wire).toMatchObject({ networkReference: 'QNET00000000001', storedCredential: 'MXS' });
    expect(harness.journal()).toMatchObject([
      { kind: 'approved', amount: 9_000, rrn: original.wire['rrn'] },
      { kind: 'incremented', amount: 2_500, rrn: original.wire['rrn'] },
    ]);
    // Only the first message to the issuer may end the security code.
    expect(harness.vault.burnt).toHaveLength(1);

    const capture = await harness.plan('capture', 11_500n, { original });
    expect(await harness.activities.capture(capture.ref)).toMatchObject({ outcome: 'approved' });
  });

  it('is refused on a final authorization, on what is released, and on what nobody authorized', async () => {
    const final = await harness.plan('authorization', 500n);
    await harness.activities.authorize(final.ref);
    const released = await held();
    const release = await harness.plan('void', 9_000n, { original: released });
    await harness.activities.void(release.ref);
    for (const [original, responseCode] of [
      [final, '12'],
      [released, '21'],
    ] as const) {
      const increment = await added(original, 100n);
      expect(await harness.activities.authorize(increment.ref)).toEqual({
        outcome: 'declined',
        responseCode,
        reason: null,
      });
    }
  });

  it('is declined with 51 on the card that allows no more', async () => {
    const increment = await added(await held(9_000n, { card: '5105105105105100' }), 100n);
    expect(await harness.activities.authorize(increment.ref)).toMatchObject({ responseCode: '51' });
    expect(onBook()).toEqual([[9_000, 0, 0, 'open']]);
  });

  it('whose answer was lost is undone alone, once, and the original goes on', async () => {
    const original = await held();
    harness.simulator().addFault({ times: 1, match: { kind: 'increment' }, action: { type: 'lose_answer' } });
    const increment = await added(original, 2_500n);
    expect(await harness.impatient.authorize(increment.ref)).toMatchObject({ outcome: 'ambiguous' });
    expect(onBook()).toEqual([[11_500, 2_500, 0, 'open']]);
    for (let time = 0; time < 2; time += 1) {
      const { result } = await harness.reverse(increment);
      expect(result).toMatchObject({ outcome: 'approved' });
    }
    expect(onBook()).toEqual([[9_000, 0, 0, 'open']]);
    expect(harness.journal().map(({ kind }) => kind)).toEqual([
      'approved',
      'incremented',
      'increment_reversed',
      'nothing_to_reverse',
    ]);
    const capture = await harness.plan('capture', 9_000n, { original });
    expect(await harness.activities.capture(capture.ref)).toMatchObject({ outcome: 'approved' });
  });

  it('that its reversal overtook is refused when it arrives', async () => {
    const original = await held();
    const hold = { type: 'hold', holdMs: 60_000 } as const;
    harness.simulator().addFault({ times: 1, match: { kind: 'increment' }, action: hold });
    const increment = await added(original, 2_500n);
    expect(await harness.impatient.authorize(increment.ref)).toMatchObject({ outcome: 'ambiguous' });
    const { result } = await harness.reverse(increment);
    expect(result).toMatchObject({ outcome: 'declined', responseCode: '25' });
    harness.simulator().release();
    await eventually('it is looked at', () => harness.journal().length === 3);
    expect(harness.journal().map(({ kind }) => kind)).toEqual(['approved', 'not_found', 'declined']);
    expect(onBook()).toEqual([[9_000, 0, 0, 'open']]);
  });

  it('is not undone when it is captured already', async () => {
    const original = await held();
    const increment = await added(original, 2_500n);
    await harness.activities.authorize(increment.ref);
    const capture = await harness.plan('capture', 10_000n, { original });
    await harness.activities.capture(capture.ref);
    const { result } = await harness.reverse(increment);
    expect(result).toMatchObject({ outcome: 'ambiguous', responseCode: '21' });
  });

  it.each([
    ['whole', 'void', null, [0, 2_500, 0, 'voided']],
    ['but for what was captured', 'partial_void', 10_000n, [10_000, 2_500, 10_000, 'open']],
  ] as const)('is released with the rest, %s', async (_, kind, remaining, expected) => {
    const original = await held();
    const increment = await added(original, 2_500n);
    await harness.activities.authorize(increment.ref);
    if (remaining !== null) {
      const capture = await harness.plan('capture', remaining, { original });
      await harness.activities.capture(capture.ref);
    }
    const release = await harness.plan(kind, 11_500n, { original, remaining, authorized: 11_500n });
    expect(await harness.activities.void(release.ref)).toMatchObject({ outcome: 'approved' });
    expect(onBook()).toEqual([expected]);
  });

  it('is still there after the acquirer was restarted', async () => {
    const original = await held();
    const increment = await added(original, 2_500n);
    await harness.activities.authorize(increment.ref);
    await harness.restartSimulator();
    expect(onBook()).toEqual([[11_500, 2_500, 0, 'open']]);
  });
});

describe('how long it holds', () => {
  it('is told with the approval of the card that has a term of its own', async () => {
    const before = Date.now();
    const { answer } = await held(500n, { card: '4012888888881881' });
    const days = ((answer?.validUntil?.getTime() ?? 0) - before) / 86_400_000;
    expect(days).toBeGreaterThan(1.99);
    expect(days).toBeLessThan(2.01);
    expect((await held()).answer?.validUntil).toBeNull();
  });
});
