import { describe, expect, it } from 'vitest';
import { beginAuthorization, beginExpiry, beginFollowUp } from './begin.ts';
import type { Change } from './change.ts';
import { concludeAttempt } from './conclude.ts';
import type { OutcomeClass } from './outcome.ts';
import { attemptOf, pendingOperations } from './payment.ts';
import { lapseHold, lapsesAt } from './lapse.ts';
import { ACCEPTED, CARD, createCommand, createdState } from './testing/payments.ts';
import { RecordedPayment } from './testing/recorded-payment.ts';
import { nextWork, viewOf } from './view.ts';

/** The promise: whatever its acquirer never says of a release, nothing counts as held for ever. */
const CAPTURE_BEFORE = 1_000_000;

class Held extends RecordedPayment {
  constructor() {
    super(createdState({ captureMethod: 'manual' }));
    const plan = { card: CARD, risk: ACCEPTED, singleMessage: false };
    this.make(beginAuthorization(this.state, createCommand(this.state.payment), plan, 1_000), 1_000);
    this.answer('approved', 1_000);
  }

  make(change: Change | null, at: number): void {
    if (change === null) throw new Error('there was nothing to do');
    expect(this.record(change, at)).toBe('applied');
  }

  answer(outcome: OutcomeClass, now: number): void {
    const [operation] = pendingOperations(this.state);
    const attempt = attemptOf(this.state, operation?.currentAttempt ?? null);
    if (operation === undefined || attempt === null) throw new Error('nothing is under way');
    if (outcome !== 'ambiguous' && outcome !== 'pending')
      this.writeAttempt(attempt.id, { state: 'answered', outcome, approvedAmount: attempt.amount });
    const conclusion = { outcome, reason: null, now, captureBefore: CAPTURE_BEFORE };
    this.make(concludeAttempt(this.state, operation, conclusion), now);
  }
}

describe('a release', () => {
  const silences = [
    ['is silent about', 'ambiguous', ['unknown_too_long']],
    ['received and never reports on', 'pending', ['unknown_too_long']],
    ['refuses', 'declined', ['advice_refused']],
  ] as const;

  it.each(silences)('that its acquirer %s ends a margin after its authorization', (_, outcome, cases) => {
    const payment = new Held();
    payment.make(beginExpiry(payment.state, CAPTURE_BEFORE), CAPTURE_BEFORE);
    payment.answer(outcome, CAPTURE_BEFORE);
    const [expiry] = pendingOperations(payment.state);
    if (expiry === undefined) throw new Error('it is not under way');
    const at = lapsesAt(payment.state, expiry) ?? 0;
    expect(lapseHold(payment.state, at - 1)).toBeNull();
    expect(nextWork(viewOf(payment.state, at), at).kind).toBe('lapse_hold');
    payment.make(lapseHold(payment.state, at), at);
    expect(payment.state.payment).toMatchObject({ status: 'expired', authorizationState: 'expired' });
    expect(payment.balance('auth_hold:acquirer')).toBe(0n);
    expect(payment.cases.map(({ kind }) => kind)).toEqual(cases);
    expect(nextWork(viewOf(payment.state, at), at).kind).toBe('complete');
  });

  it('that is reported after all, when it was given up with its hold, asks nobody anything', () => {
    const payment = new Held();
    payment.make(beginExpiry(payment.state, CAPTURE_BEFORE), CAPTURE_BEFORE);
    payment.answer('pending', CAPTURE_BEFORE);
    const [expiry] = pendingOperations(payment.state);
    if (expiry?.currentAttempt == null) throw new Error('it is not under way');
    const at = lapsesAt(payment.state, expiry) ?? 0;
    payment.make(lapseHold(payment.state, at), at);
    const { cases, state } = { cases: [...payment.cases], state: payment.state };
    const late = payment.ask({
      kind: 'late_answer',
      attempt: expiry.currentAttempt,
      outcome: 'approved',
      approvedAmount: null,
      acquirerReference: 'theirs',
      reason: null,
    });
    const made = beginFollowUp(payment.state, late, at + 1);
    expect(made?.answers).toEqual([expiry.id]);
    payment.make(made, at + 1);
    expect(payment.cases).toEqual(cases);
    expect(payment.state.payment).toEqual({ ...state.payment, version: state.payment.version + 1 });
    expect(payment.balance('auth_hold:acquirer')).toBe(0n);
  });

  it.each(silences)('that a merchant asked for and its acquirer %s is answered by then', (_, outcome) => {
    const payment = new Held();
    const asked = payment.ask({ kind: 'void' });
    payment.make(beginFollowUp(payment.state, asked, 2_000), 2_000);
    payment.answer(outcome, 2_000);
    const [operation] = pendingOperations(payment.state);
    const at = operation === undefined ? null : lapsesAt(payment.state, operation);
    if (at !== null) payment.make(lapseHold(payment.state, at), at);
    expect(payment.refusals.get(asked.id)?.code).toBe('void_refused');
    expect(payment.state.payment.authorizationState).toBe(at === null ? 'held' : 'expired');
  });
});
