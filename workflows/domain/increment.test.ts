import { describe, expect, it } from 'vitest';
import { beginAuthorization, beginExpiry, beginFollowUp, planNext } from './begin.ts';
import type { Change } from './change.ts';
import { concludeAttempt } from './conclude.ts';
import { INCREMENT_WITHIN_MS } from './increment.ts';
import { lapseHold } from './lapse.ts';
import { OPERATION_LIMIT } from './money.ts';
import type { OutcomeClass } from './outcome.ts';
import { attemptOf, capturable, pendingOperations, type CommandBody, type Payment } from './payment.ts';
import { operationResource } from './resource.ts';
import { beginReversal } from './reversal.ts';
import { ACCEPTED, CARD, createCommand, createdState, IN_REVIEW } from './testing/payments.ts';
import { RecordedPayment } from './testing/recorded-payment.ts';
import { nextWork, viewOf } from './view.ts';

/**
 * The promise: what is added is held like the rest, what is not certainly added is undone alone, and a
 * last capture gives back what it leaves. (payment.test.ts walks all of it in any order.)
 */
class Held extends RecordedPayment {
  now = 1_000;

  constructor(asked: Partial<Payment> = {}, risk = ACCEPTED) {
    super(createdState({ authorizationType: 'pre', ...asked }));
    const plan = { card: CARD, risk, singleMessage: true };
    this.make(beginAuthorization(this.state, createCommand(this.state.payment), plan, this.now));
    this.answer('approved');
  }

  make(change: Change | null): void {
    if (change === null) throw new Error('there was nothing to do');
    expect(this.record(change, this.now), change.cause).toBe('applied');
  }

  begin(body: CommandBody): string | null {
    const command = this.ask(body);
    this.make(beginFollowUp(this.state, command, this.now));
    return this.refusals.get(command.id)?.code ?? null;
  }

  /** The acquirer's worker writes what came into the attempt, and the workflow concludes with it. */
  answer(outcome: OutcomeClass, rest: { approved?: bigint; code?: string } = {}): void {
    const [operation] = pendingOperations(this.state);
    const attempt = attemptOf(this.state, operation?.currentAttempt ?? null);
    if (operation === undefined || attempt === null) throw new Error('nothing is under way');
    const answered = outcome === 'approved' || outcome === 'declined';
    if (outcome !== 'retryable') {
      this.writeAttempt(attempt.id, {
        state: answered ? 'answered' : 'sending',
        responseCode: rest.code ?? null,
        ...(answered ? { outcome } : {}),
        ...(outcome === 'approved' ? { approvedAmount: rest.approved ?? attempt.amount } : {}),
      });
    }
    const { now } = this;
    const conclusion = { outcome, reason: null, now, askedAt: now, captureBefore: now + 3_600_000 };
    this.make(concludeAttempt(this.state, operation, conclusion));
  }

  /** The work that is due now, without the call itself. */
  work(): void {
    const next = nextWork(viewOf(this.state, this.now), this.now);
    const operation = this.state.operations.find(({ id }) => 'operation' in next && id === next.operation.id);
    if (operation === undefined) throw new Error(`${next.kind} is not about an operation`);
    this.make(
      next.kind === 'resolve'
        ? beginReversal(this.state, operation, this.now)
        : planNext(this.state, operation, this.now),
    );
  }

  /** The next message of what is ready. */
  plan(): void {
    const ready = pendingOperations(this.state).find(({ phase }) => phase === 'ready');
    if (ready !== undefined) this.make(planNext(this.state, ready, this.now));
  }

  get amounts(): readonly bigint[] {
    const { amount, amountAuthorized, amountCaptured } = this.state.payment;
    return [amount, amountAuthorized, amountCaptured];
  }
}

describe('an increment', () => {
  it('that is approved is held beside the rest, and what was asked for first does not change', () => {
    const payment = new Held();
    const { captureBefore } = payment.state.payment;
    payment.now += 60_000;
    expect(payment.begin({ kind: 'increment', amount: 2_500n })).toBeNull();
    payment.answer('approved');
    expect(payment.amounts).toEqual([9_000n, 11_500n, 0n]);
    expect(payment.state.payment).toMatchObject({ status: 'authorized', captureBefore });
    expect(payment.balance('auth_hold:acquirer')).toBe(11_500n);
    expect(payment.events.at(-1)).toBe('payment.incremented');
    expect(payment.answered.size).toBe(2);

    expect(payment.begin({ kind: 'capture', amount: null })).toBeNull();
    payment.answer('approved');
    expect(payment.amounts).toEqual([9_000n, 11_500n, 11_500n]);
    expect(payment.state.payment.status).toBe('captured');
  });

  it('is made with an attempt of its own, which a lost answer reverses', () => {
    const payment = new Held();
    payment.begin({ kind: 'increment', amount: 2_500n });
    expect(payment.state.attempts.at(-1)).toMatchObject({
      kind: 'increment',
      amount: 2_500n,
      onUnknown: 'reverse',
      original: payment.state.payment.authorizationAttempt,
    });
  });

  it('that is declined leaves the old amount, and says with which code', () => {
    const payment = new Held();
    payment.begin({ kind: 'increment', amount: 2_500n });
    payment.answer('declined', { code: '51' });
    expect(payment.amounts).toEqual([9_000n, 9_000n, 0n]);
    expect(payment.state.payment).toMatchObject({ status: 'authorized', declineCode: null });
    const [increment] = payment.state.operations.filter(({ kind }) => kind === 'increment');
    if (increment === undefined) throw new Error('no increment');
    expect(operationResource(increment, 'EUR')).toMatchObject({
      object: 'increment',
      status: 'failed',
      failure_code: 'declined',
      decline_code: '51',
    });
    expect(payment.events.at(-1)).toBe('payment.increment_failed');
    expect(payment.answered.size).toBe(2);
  });

  it.each([
    ['acknowledged', 'approved', undefined, 'reversed_unknown'],
    ['not found, long enough after', 'declined', '25', 'not_executed'],
  ] as const)('whose answer was lost is undone alone: reversal %s', (_, outcome, code, failureCode) => {
    const payment = new Held();
    payment.begin({ kind: 'increment', amount: 2_500n });
    payment.answer('ambiguous');
    expect(payment.state.payment).toMatchObject({ status: 'authorized', authorizationState: 'held' });
    payment.work();
    const [original, increment, reversal] = payment.state.attempts;
    expect(reversal).toMatchObject({ kind: 'reversal', original: increment?.id, amount: 2_500n });
    expect(original?.state).toBe('answered');
    expect(payment.begin({ kind: 'capture', amount: null })).toBe('operation_pending');
    expect(payment.begin({ kind: 'void' })).toBe('operation_pending');

    payment.now += 20 * 60_000;
    payment.answer(outcome, code === undefined ? {} : { code });
    expect(payment.attempt(increment?.id ?? reversal?.id ?? ('' as never)).state).toBe('reversed');
    expect(payment.amounts).toEqual([9_000n, 9_000n, 0n]);
    expect(payment.state.operations.at(-1)).toMatchObject({ state: 'failed', failureCode });
    expect(payment.events.at(-1)).toBe('payment.increment_failed');
    expect(payment.balance('auth_hold:acquirer')).toBe(9_000n);
    expect(payment.begin({ kind: 'capture', amount: null })).toBeNull();
  });

  it.each([
    [1_000n, 'partial_not_accepted'],
    [2_501n, 'answer_mismatch'],
  ] as const)('approved for %s instead of 2500 is undone', (approved, failureCode) => {
    const payment = new Held();
    payment.begin({ kind: 'increment', amount: 2_500n });
    payment.answer('approved', { approved });
    payment.work();
    payment.answer('approved');
    expect(payment.amounts).toEqual([9_000n, 9_000n, 0n]);
    expect(payment.state.operations.at(-1)).toMatchObject({ state: 'failed', failureCode });
  });

  it('that cannot be sent is given up after ten minutes, with nothing sent', () => {
    const payment = new Held();
    payment.begin({ kind: 'increment', amount: 2_500n });
    payment.answer('retryable');
    expect(pendingOperations(payment.state)).toHaveLength(1);
    payment.now += INCREMENT_WITHIN_MS;
    payment.work();
    payment.answer('retryable');
    expect(payment.state.operations.at(-1)).toMatchObject({
      state: 'failed',
      failureCode: 'not_attempted',
    });
    expect(payment.events.at(-1)).toBe('payment.increment_failed');
    expect(payment.answered.size).toBe(2);
  });

  it('does not keep an authorization from running out once its fate is known', () => {
    const payment = new Held();
    payment.begin({ kind: 'increment', amount: 2_500n });
    payment.now += 100 * 3_600_000;
    expect(beginExpiry(payment.state, payment.now)).toBeNull();
    payment.answer('approved');
    payment.make(beginExpiry(payment.state, payment.now));
    expect(payment.state.attempts.at(-1)).toMatchObject({ kind: 'void', amount: 11_500n });
  });

  it.each<[string, boolean]>([
    ['is unknown', false],
    ['is being undone', true],
  ])('that %s ends with the hold, once that has run out, and its case stays open', (_, undone) => {
    const payment = new Held();
    payment.begin({ kind: 'increment', amount: 2_500n });
    payment.answer('ambiguous');
    if (undone) {
      payment.work();
      payment.answer('declined', { code: '21' });
    }
    const at = (payment.state.payment.captureBefore ?? 0) + 24 * 3_600_000;
    expect(lapseHold(payment.state, at - 1)).toBeNull();
    payment.now = at;
    expect(nextWork(viewOf(payment.state, at), at).kind).toBe('lapse_hold');
    const made = lapseHold(payment.state, at);
    expect(made?.answers).toEqual([]);
    payment.make(made);
    expect(payment.state.payment.status).toBe('expired');
    expect(payment.balance('auth_hold:acquirer')).toBe(0n);
    expect(payment.state.operations.at(-1)).toMatchObject({ failureCode: 'not_acknowledged' });
    expect(payment.cases.map(({ kind }) => kind)).toEqual(['unknown_too_long']);
    expect(nextWork(viewOf(payment.state, at), at).kind).toBe('complete');
  });

  it('is refused while an earlier one may still be undone, though the authorization was renewed since', () => {
    const payment = new Held();
    payment.begin({ kind: 'increment', amount: 2_500n });
    payment.answer('ambiguous');
    payment.now = (payment.state.payment.captureBefore ?? 0) + 24 * 3_600_000;
    payment.make(lapseHold(payment.state, payment.now));
    expect(payment.begin({ kind: 'reauthorize' })).toBeNull();
    payment.plan();
    payment.answer('approved');
    payment.plan();
    payment.answer('approved');
    expect(payment.state.payment.status).toBe('authorized');
    expect(payment.begin({ kind: 'increment', amount: 2_500n })).toBe('payment_not_incrementable');
    expect(payment.begin({ kind: 'capture', amount: null })).toBeNull();
  });

  it.each<[string, string, () => Held, bigint?]>([
    ['of a final amount', 'payment_not_incrementable', () => new Held({ authorizationType: 'final' })],
    [
      'of what was captured',
      'payment_not_incrementable',
      () => {
        const payment = new Held();
        payment.begin({ kind: 'capture', amount: null });
        payment.answer('approved');
        return payment;
      },
    ],
    [
      'at an acquirer that cannot',
      'payment_not_incrementable',
      () => {
        const payment = new Held();
        const [attempt] = payment.state.attempts;
        if (attempt !== undefined) payment.writeAttempt(attempt.id, { takesIncrements: false });
        return payment;
      },
    ],
    ['in review', 'review_open', () => new Held({}, IN_REVIEW)],
    [
      'beside another one',
      'operation_pending',
      () => {
        const payment = new Held();
        payment.begin({ kind: 'increment', amount: 1n });
        return payment;
      },
    ],
    [
      'after the authorization ran out',
      'authorization_expired',
      () => {
        const payment = new Held();
        payment.now += 3_600_000;
        return payment;
      },
    ],
    [
      'above what one payment may hold',
      'increment_exceeds_limit',
      () => new Held(),
      OPERATION_LIMIT - 8_999n,
    ],
  ])('%s is refused: %s', (_, code, made, amount = 100n) => {
    expect(made().begin({ kind: 'increment', amount })).toBe(code);
  });

  it('may fill a payment to the limit', () => {
    expect(new Held().begin({ kind: 'increment', amount: OPERATION_LIMIT - 9_000n })).toBeNull();
  });
});

describe('a last capture', () => {
  function capturedInPart(): Held {
    const payment = new Held();
    payment.begin({ kind: 'capture', amount: 4_000n, final: true });
    payment.answer('approved');
    return payment;
  }

  it('takes its amount first, then releases the rest, and is answered with both', () => {
    const payment = capturedInPart();
    expect(payment.state.payment.status).toBe('partially_captured');
    expect(payment.answered.size).toBe(1);
    expect(payment.begin({ kind: 'capture', amount: 1n })).toBe('payment_not_capturable');
    expect(payment.begin({ kind: 'increment', amount: 1n })).toBe('payment_not_incrementable');
    expect(payment.begin({ kind: 'void' })).toBe('operation_pending');
    payment.work();
    expect(payment.state.attempts.at(-1)).toMatchObject({
      kind: 'partial_void',
      amount: 5_000n,
      onUnknown: 'repeat',
    });
    payment.answer('approved');
    expect(payment.state.payment).toMatchObject({ status: 'captured', authorizationState: 'released' });
    expect(capturable(payment.state.payment)).toBe(0n);
    expect(payment.balance('auth_hold:merchant')).toBe(0n);
    expect(payment.events.slice(1)).toEqual(['payment.partially_captured', 'payment.captured']);
    expect(payment.answered.size).toBe(5);
  });

  it('is answered without the release while that is unknown, and refunds wait for it', () => {
    const payment = capturedInPart();
    payment.work();
    payment.answer('ambiguous');
    expect(payment.answered.size).toBe(2);
    expect(payment.begin({ kind: 'refund', amount: 1n, reason: null })).toBe('operation_pending');
    payment.now += 3_600_000;
    payment.answer('approved');
    expect(payment.state.payment.status).toBe('captured');
    expect(payment.events.at(-1)).toBe('payment.captured');
  });

  it('whose release is refused leaves the rest held, for a person and for expiry', () => {
    const payment = capturedInPart();
    payment.work();
    payment.answer('declined', { code: '21' });
    expect(payment.cases).toMatchObject([{ kind: 'advice_refused' }]);
    expect(payment.state.payment).toMatchObject({ status: 'partially_captured', authorizationState: 'held' });
    expect(payment.answered.size).toBe(2);
    payment.now += 3_600_000;
    payment.make(beginExpiry(payment.state, payment.now));
  });

  it('of the whole releases nothing', () => {
    const payment = new Held();
    payment.begin({ kind: 'capture', amount: null, final: true });
    payment.answer('approved');
    expect(payment.state.payment.status).toBe('captured');
    expect(pendingOperations(payment.state)).toEqual([]);
    expect(payment.answered.size).toBe(2);
  });
});
