import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fromAdyen, toAdyen } from '../../../activities/acquirers/adyen/amounts.ts';
import type { AttemptId } from '../../../workflows/domain/ids.ts';
import { startHarness, type Harness } from './testing.ts';

/** The promise: each operation does at Adyen what its row says, once, and the row says what was done. */
let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterEach(async () => {
  harness.simulator().clearFaults();
  await harness.simulator().set({ delivery: {}, settleAfterMs: 0 });
  harness.age.ms = 0;
  harness.clock.extraMs = 0;
  harness.hooks.afterMarkSending = () => {};
});
afterAll(() => harness.stop());

type Attempt = Awaited<ReturnType<Harness['plan']>>;

async function authorized(kind: 'authorization' | 'sale' = 'authorization', amount = 9_000n) {
  const attempt = await harness.plan(kind, amount);
  const result = await harness.activities.authorize(attempt.ref);
  return { attempt, result };
}

const asked = (kind: string): number =>
  harness
    .simulator()
    .arrivals()
    .filter((request) => request.kind === kind).length;

const answered = (attempt: Attempt): Promise<void> =>
  harness.until(`${attempt.kind} is answered`, () => attempt.state === 'answered');

describe('a payment', () => {
  it('is authorized with the card, and keeps what the network said', async () => {
    const { attempt, result } = await authorized();
    expect(result).toMatchObject({ outcome: 'approved', responseCode: 'Authorised' });
    expect(attempt.acquirerReference).toMatch(/^SIMPAY/);
    expect(attempt.answer).toMatchObject({
      approvedAmount: 9_000n,
      cvvResult: 'M',
      approvalCode: expect.stringMatching(/^\d{6}$/) as string,
      networkReference: expect.stringMatching(/^NTSIM/) as string,
    });
    expect(harness.vault.burnt).toContain(attempt.ref.payment);
    expect(harness.simulator().entries().at(-1)).toMatchObject({
      kind: 'approved',
      key: attempt.ref.attempt,
    });
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

  it('of a sale is captured by Adyen at once', async () => {
    const { attempt, result } = await authorized('sale');
    expect(result).toMatchObject({ outcome: 'approved' });
    expect(attempt.answer?.approvedAmount).toBe(9_000n);
    expect(harness.journal().at(-1)).toEqual({ kind: 'sale', amount: 9_000 });
  });

  it.each([
    [2n, 'none'],
    [5n, 'never'],
    [6n, 'fix_data'],
    [9n, 'other_route'],
    [12n, 'later'],
    [38n, 'authenticate'],
  ])('refused with reason %s is declined, remedy %s', async (code, remedy) => {
    const { attempt, result } = await authorized('authorization', 600_000n + code);
    expect(result).toMatchObject({ outcome: 'declined', responseCode: String(code) });
    expect(attempt.answer?.remedy).toBe(remedy);
  });

  it('refused with a reason that no table has is ambiguous and an alarm, until Adyen reports', async () => {
    const alarms = harness.alarms.length;
    const { attempt, result } = await authorized('authorization', 600_047n);
    expect(result.outcome).toBe('ambiguous');
    expect(harness.alarms.length).toBe(alarms + 1);
    harness.age.ms = 30_000;
    await answered(attempt);
    expect(attempt.answer).toMatchObject({ outcome: 'declined', remedy: 'none' });
  });

  it.each([
    [600_050n, 'pending'],
    [600_051n, 'pending'],
    [600_052n, 'action_required'],
    [600_053n, 'action_required'],
  ] as const)(
    'of %s is %s: held by name, never asked for again, ended by the report',
    async (amount, outcome) => {
      const { attempt, result } = await authorized('authorization', amount);
      expect(result.outcome).toBe(outcome);
      const before = asked('pay');
      expect(await harness.activities.inquire(attempt.ref)).toMatchObject({ outcome: 'pending' });
      harness.age.ms = 30_000;
      await harness.simulator().set({ finish: { id: attempt.acquirerReference ?? '', authorised: true } });
      await answered(attempt);
      expect(attempt.answer).toMatchObject({ outcome: 'approved', approvedAmount: amount });
      expect(asked('pay')).toBe(before);
    },
  );

  it('is not written after its send-by: a worker that was stopped fences it when it wakes', async () => {
    harness.hooks.afterMarkSending = () => (harness.clock.extraMs = 60_000);
    const before = asked('pay');
    const { attempt, result } = await authorized();
    expect(result).toMatchObject({ outcome: 'retryable' });
    expect([attempt.state, asked('pay')]).toEqual(['fenced', before]);
  });

  it('that was lost is asked for again with its key, without the code, and is one', async () => {
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'reset_after' } });
    const before = harness.journal().length;
    const { attempt, result } = await authorized();
    expect(result.outcome).toBe('ambiguous');
    harness.vault.cvv = null;
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({ outcome: 'approved' });
    harness.vault.cvv = '123';
    expect(harness.journal().slice(before)).toEqual([{ kind: 'approved', amount: 9_000 }]);
  });

  it('is not asked for again after five minutes: a late approval is one that nobody waits for', async () => {
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'reset_before' } });
    const { attempt } = await authorized();
    const before = asked('pay');
    harness.age.ms = 5 * 60_000;
    expect(await harness.activities.authorize(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
    expect(await harness.activities.inquire(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
    expect(asked('pay')).toBe(before);
  });

  it('with a wrong key of ours is not executed, and an alarm', async () => {
    const alarms = harness.alarms.length;
    const attempt = await harness.plan('authorization', 1_000n);
    const wrong = harness.activitiesWithin(20_000, 'wrong_key');
    expect(await wrong.authorize(attempt.ref)).toMatchObject({ outcome: 'retryable' });
    expect(harness.alarms.length).toBe(alarms + 1);
  });

  it('whose code is part of the key’s request is refused the repeat, and known by the report', async () => {
    const strict = await startHarness({ comparesSecurityCode: true });
    try {
      strict.simulator().addFault({ times: 1, match: {}, action: { type: 'reset_after' } });
      const attempt = await strict.plan('authorization', 3_000n);
      expect(await strict.activities.authorize(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
      strict.vault.cvv = null;
      expect(await strict.activities.authorize(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
      strict.age.ms = 30_000;
      await strict.until('it is reported', () => attempt.state === 'answered');
      expect(attempt.answer).toMatchObject({ outcome: 'approved', approvedAmount: 3_000n });
      expect(strict.journal()).toEqual([{ kind: 'approved', amount: 3_000 }]);
    } finally {
      await strict.stop();
    }
  });
});

describe('what follows a payment', () => {
  it('is received, and done when Adyen reports it: parts, the rest, and back in parts', async () => {
    const { attempt: original } = await authorized();
    const before = harness.journal().length;
    const follow = async (kind: 'capture' | 'partial_void' | 'refund', amount: bigint): Promise<Attempt> => {
      const attempt = await harness.plan(kind, amount, { original, remaining: 5_000n });
      const activity = kind === 'partial_void' ? 'void' : kind;
      expect(await harness.activities[activity](attempt.ref)).toMatchObject({ outcome: 'pending' });
      await answered(attempt);
      expect(attempt.answer?.outcome).toBe('approved');
      return attempt;
    };
    const first = await follow('capture', 2_000n);
    expect(first.acquirerReference).toMatch(/^SIMMOD/);
    await follow('capture', 3_000n);
    await follow('partial_void', 4_000n);
    await follow('refund', 1_000n);
    await follow('refund', 4_000n);
    expect(harness.journal().slice(before)).toEqual([
      { kind: 'captured', amount: 2_000 },
      { kind: 'captured', amount: 3_000 },
      { kind: 'partially_voided', amount: 4_000 },
      { kind: 'refunded', amount: 1_000 },
      { kind: 'refunded', amount: 4_000 },
    ]);
  });

  it.each([
    ['a refund of more than was taken', 'sale', 'refund', 9_001n],
    ['a capture of more than is held', 'authorization', 'capture', 9_001n],
    ['a void of what was taken', 'sale', 'void', 9_000n],
  ] as const)('%s is received, and declined by the report', async (_, kind, activity, amount) => {
    const { attempt: original } = await authorized(kind);
    const attempt = await harness.plan(activity, amount, { original });
    expect(await harness.activities[activity](attempt.ref)).toMatchObject({ outcome: 'pending' });
    await answered(attempt);
    expect(attempt.answer?.outcome).toBe('declined');
    expect(harness.journal().at(-1)).toEqual({ kind: 'refused', amount: 0 });
  });

  it('hours may pass between: it stays pending, is never sent again, and is done then', async () => {
    await harness.simulator().set({ settleAfterMs: 6 * 3_600_000 });
    const { attempt: original } = await authorized('sale', 3_000n);
    const refund = await harness.plan('refund', 1_000n, { original });
    expect(await harness.activities.refund(refund.ref)).toMatchObject({ outcome: 'pending' });
    const before = asked('refund');
    expect(await harness.activities.inquire(refund.ref)).toMatchObject({ outcome: 'pending' });
    expect(await harness.activities.refund(refund.ref)).toMatchObject({ outcome: 'pending' });
    harness.pass(6 * 3_600_000);
    await answered(refund);
    expect([refund.answer?.outcome, asked('refund')]).toEqual(['approved', before]);
  });

  it.each([
    ['twice', { copies: 2 }],
    ['before the request is answered', { beforeReply: true }],
    ['late, newest first', { delayMs: 400, newestFirst: true }],
  ])('reported %s is the same', async (_, delivery) => {
    await harness.simulator().set({ delivery });
    const { attempt: original } = await authorized('sale', 3_000n);
    const refunds = await Promise.all(
      [700n, 800n].map((amount) => harness.plan('refund', amount, { original })),
    );
    for (const { ref } of refunds) await harness.activities.refund(ref);
    for (const refund of refunds) await answered(refund);
    expect(refunds.map(({ answer }) => answer?.approvedAmount)).toEqual([700n, 800n]);
    expect(refunds.map(({ lateAnswer }) => lateAnswer)).toEqual([null, null]);
  });

  it('past half of its key’s life nothing is sent again, and one second past all of it there is no second refund', async () => {
    const { attempt: original } = await authorized('sale', 3_000n);
    await harness.simulator().set({ delivery: { paused: true } });
    const before = harness.journal().length;
    const refund = await harness.plan('refund', 700n, { original });
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'reset_after' } });
    expect(await harness.activities.refund(refund.ref)).toMatchObject({ outcome: 'ambiguous' });
    const made = asked('refund');
    harness.pass(3.5 * 24 * 3_600_000);
    expect(await harness.activities.refund(refund.ref)).toMatchObject({ outcome: 'ambiguous' });
    harness.pass(3.5 * 24 * 3_600_000 + 1_000);
    expect(await harness.activities.refund(refund.ref)).toMatchObject({ outcome: 'ambiguous' });
    expect(asked('refund')).toBe(made);
    await harness.simulator().set({ delivery: {} });
    await answered(refund);
    expect(refund.answer).toMatchObject({ outcome: 'approved', approvedAmount: 700n });
    expect(harness.journal().slice(before)).toEqual([{ kind: 'refunded', amount: 700 }]);
  });

  it('survives a restart of Adyen: the key still answers, and what was received is done', async () => {
    await harness.simulator().set({ settleAfterMs: null });
    const { attempt: original } = await authorized('sale', 3_000n);
    const refund = await harness.plan('refund', 900n, { original });
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'reset_after' } });
    expect(await harness.activities.refund(refund.ref)).toMatchObject({ outcome: 'ambiguous' });
    await harness.restartSimulator();
    expect(await harness.activities.refund(refund.ref)).toMatchObject({ outcome: 'pending' });
    await answered(refund);
    expect(harness.journal().filter(({ amount }) => amount === 900)).toHaveLength(1);
  });

  it('that had succeeded and fails after all is reported as withdrawn', async () => {
    const { attempt: original } = await authorized('sale', 3_000n);
    const refund = await harness.plan('refund', 500n, { original });
    await harness.activities.refund(refund.ref);
    await answered(refund);
    await harness.simulator().set({ withdraw: refund.acquirerReference ?? '' });
    await harness.until('it is reported', () => harness.received.at(-1)?.type === 'REFUND_FAILED:true');
    expect(harness.received.at(-1)?.told).toEqual([
      {
        type: 'withdrawal',
        withdraws: `ref_${refund.ref.attempt}`,
        reference: `${refund.acquirerReference ?? ''}:failed`,
        reason: 'REFUND_FAILED',
      },
    ]);
  });
});

describe('an undoing', () => {
  it.each([
    ['of what is held releases it', 'authorization'],
    ['of what was taken gives it back whole', 'sale'],
  ] as const)('%s', async (_, kind) => {
    const { attempt } = await authorized(kind);
    const { reversal, result } = await harness.reverse(attempt);
    expect(result).toMatchObject({ outcome: 'pending' });
    await answered(reversal);
    expect(reversal.answer?.outcome).toBe('approved');
    expect(harness.journal().at(-1)).toEqual({ kind: 'reversed', amount: 9_000 });
  });

  it('of what has no name yet is asked for by ours', async () => {
    await harness.simulator().set({ delivery: { paused: true } });
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'reset_after' } });
    const { attempt } = await authorized();
    const { reversal } = await harness.reverse(attempt);
    await harness.simulator().set({ delivery: {} });
    await answered(reversal);
    expect(asked('cancel_by_reference')).toBeGreaterThan(0);
    expect(harness.journal().at(-1)).toEqual({ kind: 'reversed', amount: 9_000 });
  });

  it('of what was turned away and then reported as taken gives it back by its name', async () => {
    const fault = { type: 'turned_away', code: '101', executed: true } as const;
    harness.simulator().addFault({ times: 1, match: {}, action: fault });
    const { attempt, result } = await authorized('sale');
    expect(result).toMatchObject({ outcome: 'declined', responseCode: '101' });
    await harness.until('it is reported', () => attempt.lateAnswer !== null);
    const id = 'att_und_1_1' as AttemptId;
    const undoing = await harness.plan('reversal', 9_000n, { original: attempt, id });
    expect(await harness.activities.reverse(undoing.ref)).toMatchObject({ outcome: 'pending' });
    await answered(undoing);
    expect(harness.simulator().arrivals().at(-1)).toMatchObject({
      kind: 'reverse',
      payment: attempt.acquirerReference,
    });
    expect(harness.journal().at(-1)).toEqual({ kind: 'reversed', amount: 9_000 });
  });

  it('of what has no name, whatever it is called itself, is asked for by what it undoes', async () => {
    await harness.simulator().set({ delivery: { paused: true } });
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'reset_after' } });
    const { attempt } = await authorized();
    const id = 'att_und_2_1' as AttemptId;
    const undoing = await harness.plan('reversal', 9_000n, { original: attempt, id });
    await harness.activities.reverse(undoing.ref);
    expect(harness.simulator().arrivals().at(-1)?.body).toMatchObject({
      reference: 'att_und_2_1',
      paymentReference: attempt.ref.attempt,
    });
    await harness.simulator().set({ delivery: {} });
    await answered(undoing);
  });

  it('that was planned before plans said what is undone finds it by its own name', async () => {
    await harness.simulator().set({ delivery: { paused: true } });
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'reset_after' } });
    const { attempt } = await authorized();
    const planned = await harness.plan('reversal', 9_000n, { original: attempt });
    const { reference: _, ...wire } = planned.wire;
    harness.rows.set(planned.ref.attempt, { ...planned, wire });
    await harness.activities.reverse(planned.ref);
    expect(harness.simulator().arrivals().at(-1)?.body).toMatchObject({
      paymentReference: attempt.ref.attempt,
    });
  });

  it('that Adyen reports as refused stays undone, and is for a person', async () => {
    const { attempt } = await authorized();
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'decline', code: '10' } });
    const { reversal } = await harness.reverse(attempt);
    await harness.until('it came', () => harness.received.at(-1)?.type === 'CANCEL_OR_REFUND:false');
    expect(harness.received.at(-1)?.told).toMatchObject([{ type: 'alarm' }]);
    expect(reversal.state).toBe('sending');
    expect(await harness.activities.reverse(reversal.ref)).toMatchObject({ outcome: 'pending' });
  });
});

describe('amounts', () => {
  it.each([
    ['EUR', 1_234n, 1_234],
    ['JPY', 500n, 500],
    ['KWD', 12_345n, 12_345],
    ['CLP', 700n, 70_000],
    ['ISK', 700n, 70_000],
    ['CVE', 500_00n, 500],
    ['IDR', 1_500_00n, 1_500],
  ])('of %s go there and back exactly', (currency, minor, value) => {
    expect(toAdyen(minor, currency)).toEqual({ value, currency });
    expect(fromAdyen({ value, currency }, currency)).toBe(minor);
  });

  it.each([
    ['a hundredth of an escudo', 500_20n, 'CVE'],
    ['a sen', 150_05n, 'IDR'],
    ['a currency that is not taken', 100n, 'IRR'],
    ['more than the platform takes', 1_000_000_000_000n, 'EUR'],
    ['more than it takes where it writes more decimals', 10_000_000_000n, 'CLP'],
  ])('that cannot be said are refused: %s', (_, minor, currency) => {
    expect(() => toAdyen(minor, currency)).toThrow(RangeError);
  });

  it.each([
    ['another currency', { value: 100, currency: 'USD' }, 'EUR'],
    ['a part of a peso', { value: 150, currency: 'CLP' }, 'CLP'],
    ['less than nothing', { value: -1, currency: 'EUR' }, 'EUR'],
  ])('that are no minor units are not believed: %s', (_, said, currency) => {
    expect(fromAdyen(said, currency)).toBeNull();
  });
});
