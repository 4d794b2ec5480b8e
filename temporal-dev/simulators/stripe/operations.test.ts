import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fromStripe, toStripe } from '../../../activities/acquirers/stripe/amounts.ts';
import { startHarness, type Harness } from './testing.ts';

/** The promise: each operation does at Stripe what its row says, once, and the row says what was done. */
let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterEach(() => {
  harness.simulator().clearFaults();
  harness.age.ms = 0;
  harness.clock.extraMs = 0;
  harness.vault.fails = null;
  harness.hooks.afterMarkSending = () => {};
});
afterAll(() => harness.stop());

async function authorized(kind: 'authorization' | 'sale' = 'authorization', amount = 9_000n, card?: string) {
  const attempt = await harness.plan(kind, amount, card === undefined ? {} : { card });
  const result = await harness.activities.authorize(attempt.ref);
  return { attempt, result };
}

const posts = (kind: string): number =>
  harness
    .simulator()
    .arrivals()
    .filter((request) => request.kind === kind).length;

describe('an authorization', () => {
  it('commits its intent, confirms it with the card, and keeps what the network said', async () => {
    const { attempt, result } = await authorized();
    expect(result).toMatchObject({ outcome: 'approved', responseCode: 'requires_capture' });
    expect(attempt.acquirerReference).toMatch(/^pi_/);
    expect(attempt.answer).toMatchObject({
      approvedAmount: 9_000n,
      cvvResult: 'M',
      approvalCode: expect.stringMatching(/^\d{6}$/) as string,
      networkReference: expect.stringMatching(/^NTch_/) as string,
    });
    expect(harness.vault.burnt).toContain(attempt.ref.payment);
  });

  it('of a sale is taken at once', async () => {
    const { attempt, result } = await authorized('sale');
    expect(result).toMatchObject({ outcome: 'approved', responseCode: 'succeeded' });
    expect(attempt.answer?.approvedAmount).toBe(9_000n);
  });

  it.each([
    ['4000000000000002', 'generic_decline', 'none'],
    ['4000000000009995', 'insufficient_funds', 'later'],
    ['4000000000009987', 'lost_card', 'never'],
    ['4000000000009979', 'stolen_card', 'never'],
    ['4100000000000019', 'fraudulent', 'never'],
    ['4000000000006975', 'card_velocity_exceeded', 'later'],
    ['4000000000000069', 'expired_card', 'fix_data'],
    ['4000000000000127', 'incorrect_cvc', 'fix_data'],
    ['4000000000000119', 'processing_error', 'later'],
    ['4000002500003155', 'authentication_required', 'authenticate'],
  ])('with %s is declined as %s, remedy %s, by the answer and when asked', async (card, code, remedy) => {
    const { attempt, result } = await authorized('authorization', 4_000n, card);
    expect(result).toMatchObject({ outcome: 'declined', responseCode: code });
    expect(attempt.answer?.remedy).toBe(remedy);

    const lost = await harness.plan('authorization', 4_000n, { card });
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'reset_after' } });
    expect(await harness.activities.authorize(lost.ref)).toMatchObject({ outcome: 'ambiguous' });
    expect(await harness.activities.inquire(lost.ref)).toMatchObject({
      outcome: 'declined',
      responseCode: code,
    });
    expect(lost.answer?.remedy).toBe(remedy);
  });

  it('with a code that no table has is ambiguous and an alarm; asked, it is declined without a remedy', async () => {
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'decline', code: 'made_up_code' } });
    const alarms = harness.alarms.length;
    const { attempt, result } = await authorized();
    expect(result.outcome).toBe('ambiguous');
    expect(harness.alarms.length).toBe(alarms + 1);
    expect(await harness.activities.inquire(attempt.ref)).toMatchObject({
      outcome: 'declined',
      responseCode: 'made_up_code',
    });
  });

  it.each([
    { type: 'reset_before' },
    { type: 'lose_answer' },
    { type: 'error_executed' },
    { type: 'rate_limited', retryAfterS: 1 },
  ] as const)('is certainly not executed when its intent is not made: $type', async (action) => {
    harness.simulator().addFault({ times: 1, match: { request: 'create' }, action });
    const attempt = await harness.plan('authorization', 1_000n);
    const hasty = harness.activitiesWithin(20_000, { intentLimitMs: 500 });
    const by = action.type === 'lose_answer' ? hasty : harness.activities;
    expect(await by.authorize(attempt.ref)).toMatchObject({ outcome: 'retryable' });
    expect(attempt).toMatchObject({ state: 'planned', acquirerReference: null });
  });

  it('whose acquirer quotes the card number in its message leaves it nowhere', async () => {
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'echo_card' } });
    const { attempt, result } = await authorized();
    expect(result).toMatchObject({
      outcome: 'retryable',
      reason: expect.stringContaining('HTTP 401') as string,
    });
    const left = JSON.stringify(
      [result, attempt.answer, attempt.note, attempt.acquirerReference],
      (_, value) => (typeof value === 'bigint' ? String(value) : (value as unknown)),
    );
    expect(left).toContain(`card`);
    expect(left).not.toContain(attempt.cardNumber);
    expect(left).not.toContain(attempt.cardNumber.slice(0, 12));
  });

  it('whose worker died after its intent was kept confirms that intent', async () => {
    harness.vault.fails = new Error('the vault is down');
    const attempt = await harness.plan('authorization', 1_000n);
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({ outcome: 'retryable' });
    const intent = attempt.acquirerReference;
    expect([attempt.state, intent]).toEqual(['planned', expect.stringMatching(/^pi_/)]);
    const made = posts('create');
    harness.vault.fails = null;
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({ outcome: 'approved' });
    expect([posts('create'), attempt.acquirerReference]).toEqual([made, intent]);
  });

  it('is not written after its send-by: a worker that was stopped fences it when it wakes', async () => {
    harness.hooks.afterMarkSending = () => (harness.clock.extraMs = 60_000);
    const confirmed = posts('confirm');
    const { attempt, result } = await authorized();
    expect(result).toMatchObject({
      outcome: 'retryable',
      reason: expect.stringContaining('send-by') as string,
    });
    expect([attempt.state, posts('confirm')]).toEqual(['fenced', confirmed]);
    expect(harness.vault.released).toContain(attempt.ref.attempt);
  });

  it('is never confirmed twice, also when its call runs again', async () => {
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'reset_after' } });
    const before = posts('confirm');
    const { attempt } = await authorized();
    // The library by itself would have sent it again: it does so whenever a connection was closed.
    expect(posts('confirm')).toBe(before + 1);
    const confirmed = posts('confirm');
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
    expect(posts('confirm')).toBe(confirmed);
  });

  it('that was sent and is not there is not executed only when nothing can be under way any more', async () => {
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'reset_before' } });
    const { attempt } = await authorized();
    expect(await harness.activities.inquire(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
    harness.age.ms = 10_000 + 600_000 - 1_000;
    expect(await harness.activities.inquire(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
    harness.age.ms += 2_000;
    expect(await harness.activities.inquire(attempt.ref)).toMatchObject({ outcome: 'retryable' });
    expect(attempt).toMatchObject({ state: 'answered', answer: { outcome: 'retryable' } });
  });

  it('with a wrong key of ours is not executed, and an alarm', async () => {
    const alarms = harness.alarms.length;
    const attempt = await harness.plan('authorization', 1_000n);
    const wrong = harness.activitiesWithin(20_000, { apiKey: 'sk_test_wrong' });
    expect(await wrong.authorize(attempt.ref)).toMatchObject({ outcome: 'retryable' });
    expect(harness.alarms.length).toBeGreaterThan(alarms);
  });
});

describe('what follows an authorization', () => {
  it('captures in parts, releases the rest, and gives back in parts', async () => {
    const { attempt: original } = await authorized();
    const before = harness.journal().length;
    const first = await harness.plan('capture', 2_000n, {
      original,
      standing: { authorized: 9_000n, captured: 0n },
    });
    expect(await harness.activities.capture(first.ref)).toMatchObject({ outcome: 'approved' });
    const second = await harness.plan('capture', 3_000n, {
      original,
      standing: { authorized: 9_000n, captured: 2_000n },
    });
    expect(await harness.activities.capture(second.ref)).toMatchObject({ outcome: 'approved' });
    const rest = await harness.plan('partial_void', 4_000n, {
      original,
      remaining: 5_000n,
      standing: { authorized: 9_000n, captured: 5_000n },
    });
    expect(await harness.activities.void(rest.ref)).toMatchObject({ outcome: 'approved' });
    for (const amount of [1_000n, 4_000n]) {
      const refund = await harness.plan('refund', amount, { original });
      expect(await harness.activities.refund(refund.ref)).toMatchObject({ outcome: 'approved' });
      expect(refund.acquirerReference).toMatch(/^re_/);
    }
    expect(harness.journal().slice(before)).toEqual([
      { kind: 'captured', amount: 2_000 },
      { kind: 'captured', amount: 3_000 },
      { kind: 'released', amount: 4_000 },
      { kind: 'refunded', amount: 1_000 },
      { kind: 'refunded', amount: 4_000 },
    ]);
  });

  it('captures again, and releases the rest, after a capture that was undone', async () => {
    const { attempt: original } = await authorized();
    const undone = 2_000n;
    const first = await harness.plan('capture', undone, { original });
    await harness.activities.capture(first.ref);
    const back = await harness.plan('refund', undone, { original });
    await harness.activities.refund(back.ref);
    const standing = { authorized: 9_000n, captured: 0n, undone };
    const second = await harness.plan('capture', 3_000n, { original, standing });
    expect(await harness.activities.capture(second.ref)).toMatchObject({ outcome: 'approved' });
    const rest = await harness.plan('partial_void', 6_000n, {
      original,
      remaining: 3_000n,
      standing: { ...standing, captured: 3_000n },
    });
    expect(await harness.activities.void(rest.ref)).toMatchObject({ outcome: 'approved' });
  });

  it('takes all that a capture which was undone left, and calls it the last', async () => {
    const { attempt: original } = await authorized();
    const first = await harness.plan('capture', 2_000n, { original });
    await harness.activities.capture(first.ref);
    const standing = { authorized: 9_000n, captured: 0n, undone: 2_000n };
    const second = await harness.plan('capture', 7_000n, { original, standing });
    expect(await harness.activities.capture(second.ref)).toMatchObject({
      outcome: 'approved',
      responseCode: 'succeeded',
    });
  });

  it('more than is left is refused, and nothing happens', async () => {
    const { attempt: original } = await authorized('sale', 3_000n);
    const before = harness.journal().length;
    const refund = await harness.plan('refund', 3_001n, { original });
    expect(await harness.activities.refund(refund.ref)).toMatchObject({ outcome: 'declined' });
    expect(harness.journal().slice(before)).toEqual([{ kind: 'refused', amount: 0 }]);
  });

  it('a void of what was captured is declined', async () => {
    const { attempt: original } = await authorized();
    const all = await harness.plan('capture', 9_000n, { original });
    await harness.activities.capture(all.ref);
    const tooLate = await harness.plan('void', 9_000n, { original });
    expect(await harness.activities.void(tooLate.ref)).toMatchObject({
      outcome: 'declined',
      responseCode: 'charge_already_captured',
    });
  });

  it('a refund that is pending is held by name, asked about by it, and never sent again', async () => {
    const { attempt: original } = await authorized('sale', 3_000n, '4000000000007726');
    const refund = await harness.plan('refund', 1_000n, { original });
    expect(await harness.activities.refund(refund.ref)).toMatchObject({ outcome: 'pending' });
    expect(refund.state).toBe('sending');
    const made = posts('refund');
    expect(await harness.activities.inquire(refund.ref)).toMatchObject({ outcome: 'pending' });
    await harness.simulator().settleRefund(refund.acquirerReference ?? '', 'succeeded');
    expect(await harness.activities.inquire(refund.ref)).toMatchObject({ outcome: 'approved' });
    expect(posts('refund')).toBe(made);
  });

  it('a refund that fails later is declined', async () => {
    const { attempt: original } = await authorized('sale', 3_000n, '4000000000007726');
    const refund = await harness.plan('refund', 1_000n, { original });
    await harness.activities.refund(refund.ref);
    await harness.simulator().settleRefund(refund.acquirerReference ?? '', 'failed');
    expect(await harness.activities.inquire(refund.ref)).toMatchObject({
      outcome: 'declined',
      responseCode: 'expired_or_canceled_card',
    });
  });

  it('of which the same key is under way is asked again, and is one', async () => {
    const { attempt: original } = await authorized('sale', 3_000n);
    const before = harness.journal().length;
    const refund = await harness.plan('refund', 500n, { original });
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'delay', delayMs: 900 } });
    expect(await harness.impatient.refund(refund.ref)).toMatchObject({ outcome: 'ambiguous' });
    let result = await harness.activities.refund(refund.ref);
    while (result.outcome === 'ambiguous') result = await harness.activities.refund(refund.ref);
    expect(result.outcome).toBe('approved');
    expect(harness.journal().slice(before)).toEqual([{ kind: 'refunded', amount: 500 }]);
  });

  it('one second past the lifetime of its key nothing is sent again: no second refund', async () => {
    const { attempt: original } = await authorized('sale', 3_000n);
    const before = harness.journal().length;
    const refund = await harness.plan('refund', 700n, { original });
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'reset_after' } });
    expect(await harness.activities.refund(refund.ref)).toMatchObject({ outcome: 'ambiguous' });
    const made = posts('refund');
    harness.pass(24 * 3_600_000 + 1_000);
    expect(await harness.activities.refund(refund.ref)).toMatchObject({ outcome: 'approved' });
    expect(posts('refund')).toBe(made);
    expect(harness.journal().slice(before)).toEqual([{ kind: 'refunded', amount: 700 }]);
  });

  it('survives a restart of Stripe: the key still answers what it answered', async () => {
    const { attempt: original } = await authorized('sale', 3_000n);
    const refund = await harness.plan('refund', 900n, { original });
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'reset_after' } });
    expect(await harness.activities.refund(refund.ref)).toMatchObject({ outcome: 'ambiguous' });
    const before = harness.journal().length;
    await harness.restartSimulator();
    expect(await harness.activities.refund(refund.ref)).toMatchObject({ outcome: 'approved' });
    expect(harness.journal()).toHaveLength(before);
  });
});

describe('an undoing', () => {
  it.each([
    ['of what is held releases it', 'authorization', 'reset_after', 'voided'],
    ['of what was taken gives it back whole', 'sale', 'reset_after', 'refunded'],
    ['of what never arrived keeps it from ever being confirmed', 'authorization', 'reset_before', 'canceled'],
  ] as const)('%s', async (_, kind, fault, done) => {
    harness.simulator().addFault({ times: 1, match: {}, action: { type: fault } });
    const { attempt } = await authorized(kind);
    const before = harness.journal().length;
    const { result } = await harness.reverse(attempt);
    expect(result).toMatchObject({ outcome: 'approved' });
    const happened = harness
      .journal()
      .slice(before)
      .filter((entry) => entry.kind !== 'refused');
    expect(happened.map((entry) => entry.kind)).toEqual([done]);
  });

  it.each(['lose_answer', 'reset_before', 'reset_after', 'error_executed', 'error_not_executed'] as const)(
    'is repeated until it is done, and done once: %s',
    async (type) => {
      const { attempt } = await authorized('sale');
      const before = harness.journal().length;
      // The cancellation is refused, for it was taken; the refund is what goes wrong.
      harness.simulator().addFault({ times: 1, match: { request: 'refund' }, action: { type } });
      attempt.state = 'reversing';
      const reversal = await harness.plan('reversal', attempt.amount, { original: attempt });
      const by = type === 'lose_answer' ? harness.impatient : harness.activities;
      let result = await by.reverse(reversal.ref);
      expect(result.outcome).toBe('ambiguous');
      while (result.outcome !== 'approved') result = await harness.activities.reverse(reversal.ref);
      const refunds = harness
        .journal()
        .slice(before)
        .filter(({ kind }) => kind === 'refunded');
      expect(refunds).toEqual([{ kind: 'refunded', amount: 9_000 }]);
    },
  );
});

describe('amounts', () => {
  it.each([
    ['EUR', 1_234n, 1_234],
    ['JPY', 500n, 500],
    ['KWD', 12_340n, 12_340],
    ['MGA', 500_00n, 500],
    ['ISK', 700n, 70_000],
    ['UGX', 700n, 70_000],
    ['HUF', 17_500n, 17_500],
    ['TWD', 10_000n, 10_000],
  ])('of %s go there and back exactly', (currency, minor, amount) => {
    expect(toStripe(minor, currency)).toEqual({ amount, currency: currency.toLowerCase() });
    expect(fromStripe({ amount, currency: currency.toLowerCase() }, currency)).toBe(minor);
  });

  it.each([
    ['a fils that is not ten', 12_345n, 'KWD'],
    ['a fifth of an ariary', 500_20n, 'MGA'],
    ['a currency that is not taken', 100n, 'IRR'],
    ['nine digits', 100_000_000n, 'EUR'],
  ])('that cannot be said are refused: %s', (_, minor, currency) => {
    expect(() => toStripe(minor, currency)).toThrow(RangeError);
  });

  it.each([
    ['another currency', { amount: 100, currency: 'usd' }, 'EUR'],
    ['a part of a króna', { amount: 150, currency: 'isk' }, 'ISK'],
  ])('that are no minor units are not believed: %s', (_, answered, currency) => {
    expect(fromStripe(answered, currency)).toBeNull();
  });
});
