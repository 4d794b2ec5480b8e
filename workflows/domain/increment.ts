import { concluded, type Change, type OpenedCase } from './change.ts';
import { formatMoney, OPERATION_LIMIT } from './money.ts';
import { authorizationAttempt, type Attempt, type Operation, type PaymentState } from './payment.ts';
import type { Refusal } from './problem.ts';
import { refuseHeld } from './refusals.ts';

/** An increment that could not be sent for so long is given up (ms): late is not yes, and nothing else can be done meanwhile. */
export const INCREMENT_WITHIN_MS = 10 * 60_000;

/**
 * Why an increment of that amount is not even asked for; null when it is. Only what was made as a
 * pre-authorization to be captured by hand can grow, and only where the acquirer can (payment-rules:
 * authorization validity).
 */
export function refuseIncrement(state: PaymentState, amount: bigint, now: number): Refusal | null {
  const { payment } = state;
  const { id, currency } = payment;
  const refused = refuseHeld(state, now, {
    asked: 'an increment',
    code: 'payment_not_incrementable',
    done: 'increased',
  });
  if (refused !== null) return refused;
  if (payment.captureMethod !== 'manual' || payment.authorizationType !== 'pre') {
    return {
      code: 'payment_not_incrementable',
      detail: `${id} was authorized for its final amount: only a payment created with capture "manual" and authorization_type "pre" can be increased`,
    };
  }
  const authorization = authorizationAttempt(state);
  if (authorization?.takesIncrements !== true) {
    return {
      code: 'payment_not_incrementable',
      detail: `${id} is held at ${authorization?.acquirer ?? 'no acquirer'}, whose account ${authorization?.account ?? ''} does not take increments; create another payment for the rest`,
    };
  }
  // One that was given up with an earlier authorization (lapse.ts): two at once could not be told apart.
  const open = state.attempts.find(
    ({ kind, state: at }) => kind === 'increment' && (at === 'sending' || at === 'reversing'),
  );
  if (open !== undefined) {
    return {
      code: 'payment_not_incrementable',
      detail: `an increment of ${id} was never acknowledged as undone: create another payment for the rest`,
    };
  }
  if (payment.amountAuthorized + amount > OPERATION_LIMIT) {
    const left = OPERATION_LIMIT - payment.amountAuthorized;
    return {
      code: 'increment_exceeds_limit',
      detail: `increment of ${formatMoney({ minor: amount, currency })} exceeds the ${formatMoney({ minor: left, currency })} that ${id} may still grow by; one payment holds at most ${OPERATION_LIMIT} minor units`,
    };
  }
  return null;
}

/** The hold has grown. Its validity has not. */
export function concludeIncremented(
  { payment }: PaymentState,
  base: Change,
  operation: Operation,
  attempt: Attempt,
  now: number,
): Change {
  const approved = attempt.approvedAmount ?? attempt.amount;
  // More or less than was asked for: an approval that we may not keep is undone, the old amount stays.
  if (approved !== attempt.amount) {
    const opened: OpenedCase = {
      kind: 'answer_mismatch',
      operation: operation.id,
      attempt: attempt.id,
      detail: `asked for ${attempt.amount} more, approved ${approved}`,
    };
    return {
      ...base,
      operations: [
        {
          ...operation,
          phase: 'unknown',
          dueAt: now,
          unknownSince: now,
          failureCode: approved < attempt.amount ? 'partial_not_accepted' : 'answer_mismatch',
          inquiries: operation.inquiries + 1,
        },
      ],
      cases: approved < attempt.amount ? [] : [opened],
    };
  }
  return {
    ...base,
    payment: { amountAuthorized: payment.amountAuthorized + approved },
    operations: [concluded(operation, 'succeeded', now)],
    postings: [{ event: 'incremented', amount: approved, operation: operation.id, attempt: attempt.id }],
    events: [{ type: 'payment.incremented', operation: operation.id }],
  };
}

/** The old amount is still held, and nothing more. */
export function incrementFailed(
  operation: Operation,
  now: number,
  rest: Partial<Operation>,
): Pick<Change, 'payment' | 'operations' | 'events'> {
  return {
    payment: {},
    operations: [concluded(operation, 'failed', now, rest)],
    events: [{ type: 'payment.increment_failed', operation: operation.id }],
  };
}
