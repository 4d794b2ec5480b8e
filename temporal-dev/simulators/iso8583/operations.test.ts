import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHarness, type Harness, type MemoryAttempt } from './testing.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(async () => {
  await harness.stop();
});

async function authorized(amount: bigint, card?: string): Promise<MemoryAttempt> {
  const attempt = await harness.plan('authorization', amount, card === undefined ? {} : { card });
  expect(await harness.activities.authorize(attempt.ref)).toMatchObject({ outcome: 'approved' });
  return attempt;
}

describe('every kind of attempt, over the wire', () => {
  it.each(['4242424242424242', '5555555555554444', '378282246310005'])(
    'approves an authorization of %s and keeps what the answer says',
    async (card) => {
      const attempt = await harness.plan('authorization', 9_000n, { card });
      expect(await harness.activities.authorize(attempt.ref)).toEqual({
        outcome: 'approved',
        responseCode: '00',
        reason: null,
      });
      expect(attempt).toMatchObject({ state: 'answered', sends: 1 });
      expect(attempt.answer).toMatchObject({
        approvalCode: '000001',
        approvedAmount: 9_000n,
        networkReference: 'QNET00000000001',
        cvvResult: 'M',
        avsResult: 'U',
        settlementDate: expect.stringMatching(/^\d{4}$/) as string,
      });
      expect(harness.vault.burnt).toEqual([attempt.ref.payment]);
    },
  );

  it.each([
    ['4000000000000002', '05', 'none'],
    ['4000000000009995', '51', 'later'],
    ['4000000000000069', '54', 'fix_data'],
    ['4000000000000341', '14', 'fix_data'],
  ])(
    'declines %s with %s and remedy %s, as authorization and as sale',
    async (card, responseCode, remedy) => {
      for (const kind of ['authorization', 'sale'] as const) {
        const attempt = await harness.plan(kind, 1_000n, { card });
        expect(await harness.activities.authorize(attempt.ref)).toEqual({
          outcome: 'declined',
          responseCode,
          reason: null,
        });
        expect(attempt).toMatchObject({
          state: 'answered',
          answer: { outcome: 'declined', remedy, approvedAmount: null },
        });
      }
      expect(harness.journal().map(({ kind }) => kind)).toEqual(['declined', 'declined']);
    },
  );

  it('approves half of the amount where the card allows no more', async () => {
    const attempt = await harness.plan('sale', 1_001n, { card: '4000000000000010' });
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({
      outcome: 'approved',
      responseCode: '10',
    });
    expect(attempt.answer).toMatchObject({ approvedAmount: 500n });
    expect(harness.journal()).toMatchObject([{ kind: 'sale', amount: 500 }]);
  });

  it('verifies a card without an amount', async () => {
    const attempt = await harness.plan('authorization', 0n);
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({
      outcome: 'approved',
      responseCode: '85',
    });
  });

  it('captures in parts, releases the rest, refunds in parts, and refuses what is above either', async () => {
    const authorization = await authorized(9_000n);
    const follow = async (
      kind: 'capture' | 'partial_void' | 'refund',
      amount: bigint,
      remaining: bigint | null = null,
    ) => {
      const attempt = await harness.plan(kind, amount, { original: authorization, remaining });
      return harness.activities[kind === 'partial_void' ? 'void' : kind](attempt.ref);
    };
    expect(await follow('capture', 4_000n)).toMatchObject({ outcome: 'approved' });
    expect(await follow('capture', 1_000n)).toMatchObject({ outcome: 'approved' });
    expect(await follow('capture', 4_001n)).toEqual({
      outcome: 'declined',
      responseCode: '13',
      reason: 'advice_refused',
    });
    expect(await follow('partial_void', 4_000n, 5_000n)).toMatchObject({ outcome: 'approved' });
    expect(await follow('capture', 1n)).toMatchObject({ outcome: 'declined', responseCode: '13' });
    expect(await follow('refund', 2_000n)).toMatchObject({ outcome: 'approved' });
    expect(await follow('refund', 3_000n)).toMatchObject({ outcome: 'approved' });
    expect(await follow('refund', 1n)).toMatchObject({ outcome: 'declined', responseCode: '64' });

    const rrn = authorization.wire['rrn'];
    const moved = harness.journal().filter(({ kind }) => kind !== 'declined');
    expect(moved.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['approved', 9_000],
      ['captured', 4_000],
      ['captured', 1_000],
      ['partially_voided', 4_000],
      ['refunded', 2_000],
      ['refunded', 3_000],
    ]);
    expect(moved.slice(0, 4).every((entry) => entry.rrn === rrn)).toBe(true);
    expect(
      harness
        .simulator()
        .entries()
        .filter(({ kind }) => kind === 'refunded')
        .every(({ originalRrn }) => originalRrn === rrn),
    ).toBe(true);
  });

  it('voids an authorization once, and none that is captured', async () => {
    const authorization = await authorized(500n);
    const first = await harness.plan('void', 500n, { original: authorization });
    expect(await harness.activities.void(first.ref)).toMatchObject({ outcome: 'approved' });
    const captureLater = await harness.plan('capture', 500n, { original: authorization });
    expect(await harness.activities.capture(captureLater.ref)).toMatchObject({
      outcome: 'declined',
      responseCode: '21',
    });

    const captured = await authorized(700n);
    const capture = await harness.plan('capture', 700n, { original: captured });
    expect(await harness.activities.capture(capture.ref)).toMatchObject({ outcome: 'approved' });
    const late = await harness.plan('void', 700n, { original: captured });
    expect(await harness.activities.void(late.ref)).toEqual({
      outcome: 'declined',
      responseCode: '21',
      reason: null,
    });
  });

  it('refuses to reverse what is cleared, and calls that an unknown', async () => {
    const authorization = await authorized(700n);
    const capture = await harness.plan('capture', 700n, { original: authorization });
    await harness.activities.capture(capture.ref);
    const { result, reversal } = await harness.reverse(authorization);
    expect(result).toMatchObject({ outcome: 'ambiguous', responseCode: '21' });
    expect(reversal).toMatchObject({ state: 'sending', note: { responseCode: '21' } });
  });

  it('returns the stored outcome of an attempt that is answered, and sends nothing', async () => {
    const attempt = await authorized(500n);
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({
      outcome: 'approved',
      responseCode: '00',
    });
    expect(attempt.sends).toBe(1);
    expect(harness.journal()).toHaveLength(1);
  });

  it('never writes a whole card number or a security code into the journal', async () => {
    await authorized(500n);
    const text = await readFile(harness.journalPath, 'utf8');
    expect(text).toContain('"bin":"424242"');
    expect(text).not.toContain('4242424242');
    expect(text).not.toContain('9203123');
  });

  it('calls a wrong activity, a missing attempt and a refusal of the vault bugs, and leaves the row as it was', async () => {
    const attempt = await harness.plan('authorization', 500n);
    await expect(harness.activities.capture(attempt.ref)).rejects.toMatchObject({
      type: 'AttemptBug',
      nonRetryable: true,
    });
    await expect(
      harness.activities.authorize({ ...attempt.ref, attempt: 'att_none' as never }),
    ).rejects.toThrow(/does not exist/);
    harness.vault.fails = Object.assign(new Error('no such token'), { name: 'VaultRefused' });
    await expect(harness.activities.authorize(attempt.ref)).rejects.toThrow(
      /the vault does not give: no such token/,
    );
    expect(attempt).toMatchObject({ state: 'planned', sends: 0 });
  });

  it('shows the vault the grant of its call; one that has run out means not executed, not a bug', async () => {
    const attempt = await harness.plan('authorization', 500n);
    harness.vault.fails = Object.assign(new Error('it expired'), {
      name: 'VaultRefused',
      code: 'grant_expired',
    });
    expect(await harness.activities.authorize({ ...attempt.ref, grant: 'a.b.c.d' })).toMatchObject({
      outcome: 'retryable',
      reason: expect.stringContaining('it expired') as string,
    });
    expect(attempt).toMatchObject({ state: 'planned', sends: 0 });
    expect(harness.vault.grants.at(-1)).toBe('a.b.c.d');
    harness.vault.fails = null;
    expect(await harness.activities.authorize({ ...attempt.ref, grant: 'e.f.g.h' })).toMatchObject({
      outcome: 'approved',
    });
    expect(harness.vault.spent).toContain(attempt.ref.attempt);
  });

  it('is retryable, with nothing sent, when the vault does not answer', async () => {
    const attempt = await harness.plan('authorization', 500n);
    harness.vault.fails = new Error('vault is down');
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({
      outcome: 'retryable',
      reason: expect.stringContaining('vault is down') as string,
    });
    expect(attempt.state).toBe('planned');
    expect(harness.journal()).toEqual([]);
  });
});
