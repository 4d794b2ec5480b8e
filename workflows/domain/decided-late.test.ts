import { describe, expect, it } from 'vitest';
import { beginAuthorization, beginFollowUp } from './begin.ts';
import { concludeAttempt } from './conclude.ts';
import type { OutcomeClass } from './outcome.ts';
import { attemptOf, pendingOperations, type CommandBody } from './payment.ts';
import { ACCEPTED, CARD, createCommand, createdState } from './testing/payments.ts';
import { RecordedPayment } from './testing/recorded-payment.ts';

/** The promise: what an operator decided is refused by a payment of which it is not so any more. */

const NOW = 1_000;
const REVIEW_BY = 50_000;

function authorizing(): RecordedPayment {
  const payment = new RecordedPayment(createdState({ amount: 9_000n }));
  const command = createCommand(payment.state.payment);
  payment.accept(command);
  const plan = { card: CARD, risk: ACCEPTED, singleMessage: false };
  const made = beginAuthorization(payment.state, command, plan, NOW);
  if (made === null) throw new Error('nothing was begun');
  payment.record(made, NOW);
  return payment;
}

function answer(payment: RecordedPayment, outcome: OutcomeClass): void {
  const [operation] = pendingOperations(payment.state);
  const attempt = attemptOf(payment.state, operation?.currentAttempt ?? null);
  if (operation === undefined || attempt === null) throw new Error('nothing is under way');
  if (outcome === 'approved')
    payment.writeAttempt(attempt.id, { state: 'answered', outcome, approvedAmount: attempt.amount });
  const ending = { outcome, reason: null, now: NOW, captureBefore: 1_000_000 };
  const made = concludeAttempt(payment.state, operation, ending);
  if (made !== null) payment.record(made, NOW);
}

/** The refusal's code; null when it was carried out. */
function told(payment: RecordedPayment, body: CommandBody, now = NOW): string | null {
  const command = payment.ask(body);
  const made = beginFollowUp(payment.state, command, now);
  if (made === null) throw new Error(`${body.kind} was not begun`);
  payment.record(made, now);
  return payment.refusals.get(command.id)?.code ?? null;
}

describe('an unknown authorization that an operator undoes', () => {
  it('is undone while it is unknown', () => {
    const payment = authorizing();
    answer(payment, 'ambiguous');
    expect(told(payment, { kind: 'void', unknownOnly: true })).toBeNull();
    expect(pendingOperations(payment.state)).toContainEqual(
      expect.objectContaining({ kind: 'void', phase: 'waiting' }),
    );
  });

  it('is kept when it turned out to be authorized before the payment heard of it', () => {
    const payment = authorizing();
    answer(payment, 'approved');
    expect(told(payment, { kind: 'void', unknownOnly: true })).toBe('payment_not_voidable');
    expect(payment.state.payment.authorizationState).toBe('held');
    expect(told(payment, { kind: 'void' })).toBeNull();
  });
});

describe('a review that nobody decided in time', () => {
  function inReview(): RecordedPayment {
    const payment = authorizing();
    answer(payment, 'approved');
    const { state } = payment;
    payment.state = { ...state, payment: { ...state.payment, review: 'open', reviewBy: REVIEW_BY } };
    return payment;
  }

  it('is approved before its end, and not from then on', () => {
    expect(told(inReview(), { kind: 'review', decision: 'approve' }, REVIEW_BY - 1)).toBeNull();
    const late = inReview();
    expect(told(late, { kind: 'review', decision: 'approve' }, REVIEW_BY)).toBe('review_not_open');
    expect(late.state.payment.review).toBe('open');
  });

  it('is not told to be approved when the release of its hold came first', () => {
    const payment = inReview();
    expect(told(payment, { kind: 'void' })).toBeNull();
    const approval = payment.ask({ kind: 'review', decision: 'approve' });
    answer(payment, 'approved');
    expect(payment.state.payment).toMatchObject({ status: 'voided', review: 'rejected' });
    expect(payment.refusals.get(approval.id)?.code).toBe('review_not_open');
  });

  it('can still be rejected: that is what becomes of it anyway', () => {
    expect(told(inReview(), { kind: 'review', decision: 'reject' }, REVIEW_BY)).toBeNull();
  });
});
