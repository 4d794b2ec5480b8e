import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AttemptId, MerchantId, VerificationId } from '../../../workflows/domain/ids.ts';
import { eventually } from './testing.ts';
import { startVerificationHarness, type VerificationHarness } from './testing-verifications.ts';

/**
 * The promise: a card is asked about with an amount of zero, its answer is what the issuer said, and nothing is
 * ever held; what is lost is called unknown, and what says nothing about the card is no decline of it.
 */
let harness: VerificationHarness;
beforeEach(async () => {
  harness = await startVerificationHarness();
});
afterEach(() => harness.stop());

const answeredWith = async (code: string) => {
  harness.simulator.addFault({
    times: 1,
    match: { kind: 'verification' },
    action: { type: 'decline', code },
  });
  const attempt = await harness.plan();
  return { attempt, result: await harness.verify(attempt) };
};

describe('a card that is asked about', () => {
  it('is verified, with AVS and CVV results, and the host holds nothing', async () => {
    const attempt = await harness.plan();
    expect(await harness.verify(attempt)).toEqual({ outcome: 'approved', responseCode: '85', reason: null });
    expect(attempt).toMatchObject({
      state: 'answered',
      reply: { outcome: 'approved', avsResult: 'U', cvvResult: 'M', remedy: null },
    });
    expect(attempt.wire).toMatchObject({ mti: '0100', amount: '000000000000', conditionCode: '51' });
    expect(harness.simulator.entries()).toMatchObject([
      { kind: 'verified', request: 'verification', amount: 0, requestedAmount: 0, approvalCode: '000001' },
    ]);
    expect(harness.simulator.transactions()).toEqual([]);
    expect(harness.vault).toMatchObject({ spent: [attempt.ref.attempt], released: [] });
  });

  it('is declined by the issuer’s word, and its security code is used up', async () => {
    const attempt = await harness.plan('4000000000009995');
    expect(await harness.verify(attempt)).toMatchObject({ outcome: 'declined', responseCode: '51' });
    expect(attempt).toMatchObject({ state: 'answered', reply: { outcome: 'declined', remedy: 'later' } });
    expect(harness.vault.spent).toEqual([attempt.ref.attempt]);
  });

  it.each(['91', '03', '12', '30', '40', '92'])(
    'is not declined by response %s, which says nothing about it: unknown, and it may be asked again',
    async (code) => {
      const { attempt, result } = await answeredWith(code);
      expect(result).toMatchObject({ outcome: 'ambiguous', responseCode: code });
      expect(attempt).toMatchObject({ state: 'sending', reply: null, givenUp: true });
      const again = await harness.plan();
      expect(await harness.verify(again)).toMatchObject({ outcome: 'approved' });
      expect(again.wire['stan']).not.toBe(attempt.wire['stan']);
    },
  );

  it('is not verified by an answer that names an amount', async () => {
    harness.simulator.addFault({
      times: 1,
      match: { kind: 'verification' },
      action: { type: 'wrong_amount', amount: 100 },
    });
    expect(await harness.verify(await harness.plan())).toMatchObject({ outcome: 'ambiguous' });
  });
});

describe('a question whose answer does not come', () => {
  it('is unknown, and its security code is gone; an answer that comes late is kept', async () => {
    harness.simulator.addFault({
      times: 1,
      match: { kind: 'verification' },
      action: { type: 'delay', delayMs: 1_600 },
    });
    const attempt = await harness.plan();
    expect(await harness.verifyImpatiently(attempt)).toMatchObject({ outcome: 'ambiguous' });
    expect(harness.vault.burnt).toEqual([attempt.ref.verification]);
    await eventually('the late answer is kept', () => attempt.state === 'answered');
    expect(attempt.reply).toMatchObject({ outcome: 'approved' });
  });

  it('is never written a second time', async () => {
    const attempt = await harness.plan('4000000000000119');
    expect(await harness.verifyImpatiently(attempt)).toMatchObject({ outcome: 'ambiguous' });
    expect(await harness.verify(attempt)).toMatchObject({ outcome: 'ambiguous' });
    expect(harness.simulator.entries()).toHaveLength(1);
  });
});

describe('a question that is not put', () => {
  it.each([
    [
      'whose card the vault does not give now',
      () => void (harness.vault.fails = new Error('the vault is away')),
    ],
    ['whose time is over', () => void (harness.sendWithinMs = -1)],
  ])('%s: certainly not executed, and the security code goes back', async (_, spoil) => {
    spoil();
    const attempt = await harness.plan();
    expect(await harness.verify(attempt)).toMatchObject({ outcome: 'retryable' });
    expect(harness.vault.released).toEqual([attempt.ref.attempt]);
    expect(harness.simulator.entries()).toEqual([]);
  });

  it('that was fenced while its card was fetched is not sent', async () => {
    const attempt = await harness.plan();
    harness.onCard = () => void (attempt.state = 'fenced');
    expect(await harness.verify(attempt)).toMatchObject({ outcome: 'retryable' });
    expect(harness.simulator.entries()).toEqual([]);
  });

  it('that nobody planned is a mistake, and said to be one', async () => {
    const ref = {
      merchant: 'mer_test' as MerchantId,
      verification: 'ver_none' as VerificationId,
      attempt: 'att_none' as AttemptId,
    };
    await expect(harness.verify({ ref })).rejects.toMatchObject({ type: 'AttemptBug' });
  });
});
