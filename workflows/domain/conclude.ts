import { inquiryPauseMs } from './backoff.ts';
import { settleCapture } from './capture-funds.ts';
import { change, concluded, newOperation, reasonOf, type Change, type OpenedCase } from './change.ts';
import { automaticCaptureIdOf, releaseIdOf } from './ids.ts';
import { concludeIncremented, incrementFailed } from './increment.ts';
import { tryElsewhere } from './failover.ts';
import { concludeWaiting } from './inquiry.ts';
import type { OutcomeClass } from './outcome.ts';
import {
  attemptOf,
  capturable,
  neverSent,
  waitingVoid,
  type Attempt,
  type FailureCode,
  type Operation,
  type OperationKind,
  type PaymentState,
} from './payment.ts';
import { overdue } from './overdue.ts';
import { endedReview, refuseAskers, refuseOtherReviews } from './refusals.ts';
import { concludeReauthorized, reauthorizationFailed } from './reauthorize.ts';
import { returnRefund, settleRefund } from './refund-funds.ts';
import { concludeReversal } from './reversal.ts';
import type { TermsInForce } from './settlement.ts';
import { concludeUndone } from './undo.ts';
import { concludeRetryable } from './unsent.ts';

/** How a call ended, with what deciding about it takes from outside the payment. */
export interface Conclusion {
  readonly outcome: OutcomeClass;
  readonly reason: string | null;
  readonly now: number;
  /**
   * When this was asked, at the latest (epoch ms); null or absent where nobody knows any more. An answer proves
   * what it proves of that moment: the step that concludes it may come much later.
   */
  readonly askedAt?: number | null;
  /** When capturing closes if this authorized it (epoch ms). */
  readonly captureBefore: number;
  /** What was agreed about the money of a capture; nothing when absent. */
  readonly terms?: TermsInForce | undefined;
}

/** How long a review may stay open (ms); it ends before the authorization does. */
const REVIEW_WITHIN_MS = 24 * 3_600_000;

/**
 * What the end of a call does to the payment. Null when it no longer matters: the step ran before.
 *
 * Ambiguous never becomes declined: it makes the operation unknown, and the policy that was
 * committed with the attempt is applied until the truth is known.
 */
export function concludeAttempt(
  state: PaymentState,
  operation: Operation,
  conclusion: Conclusion,
): Change | null {
  const attempt = attemptOf(state, operation.currentAttempt);
  if (attempt === null || operation.state !== 'pending') return null;
  if (attempt.kind === 'reversal' && operation.kind !== 'undo')
    return concludeReversal(state, operation, attempt, conclusion);
  const base = change(
    `conclude:${attempt.id}:${operation.inquiries}`,
    eventName(operation.kind, conclusion.outcome),
  );
  switch (conclusion.outcome) {
    case 'approved':
      return concludeApproved(state, base, operation, attempt, conclusion);
    case 'declined':
      return concludeDeclined(state, base, operation, attempt, conclusion.now);
    case 'retryable':
      return concludeRetryable(state, base, operation, attempt, conclusion);
    case 'pending':
    case 'action_required':
      return concludeWaiting(base, operation, attempt, conclusion);
    case 'ambiguous':
      // What the acquirer said it holds stays held while it cannot be asked.
      return operation.phase === 'waiting'
        ? concludeWaiting(base, operation, attempt, conclusion)
        : concludeAmbiguous(base, operation, attempt, conclusion);
  }
}

const DONE_NAMES = {
  authorize: 'authorization',
  reauthorize: 'reauthorization',
  increment: 'increment',
  capture: 'capture',
  release: 'release',
  void: 'void',
  expiry: 'expiry',
  refund: 'refund',
  chargeback: 'chargeback',
  chargeback_reversal: 'chargeback_reversal',
  withdrawal: 'withdrawal',
  undo: 'undoing',
} as const satisfies Record<OperationKind, string>;

const OUTCOME_NAMES = {
  approved: 'succeeded',
  declined: 'declined',
  retryable: 'not_executed',
  pending: 'pending',
  action_required: 'action_required',
  ambiguous: 'unknown',
} as const satisfies Record<OutcomeClass, string>;

function eventName(kind: OperationKind, outcome: OutcomeClass): string {
  return `${DONE_NAMES[kind]}_${OUTCOME_NAMES[outcome]}`;
}

function concludeApproved(
  state: PaymentState,
  base: Change,
  operation: Operation,
  attempt: Attempt,
  { now, captureBefore, terms }: Conclusion,
): Change {
  const { payment } = state;
  switch (operation.kind) {
    case 'authorize':
      return concludeAuthorized(state, base, operation, attempt, now, captureBefore, terms);
    case 'reauthorize':
      // All of it or nothing: the merchant counts on the amount that was held before.
      return (attempt.approvedAmount ?? attempt.amount) === attempt.amount
        ? concludeReauthorized(base, operation, attempt, now, captureBefore)
        : undo(base, operation, 'partial_not_accepted', now);
    case 'increment':
      return concludeIncremented(state, base, operation, attempt, now);
    case 'capture': {
      const { id, amount } = operation;
      const taken = { operation: id, attempt: attempt.id, amount, currency: payment.currency };
      const accounted = settleCapture(taken, terms, now);
      const amountCaptured = payment.amountCaptured + operation.amount;
      const left = payment.amountAuthorized - amountCaptured;
      const whole = left === 0n;
      return {
        ...base,
        payment: { amountCaptured, ...(whole ? { authorizationState: 'released' } : {}) },
        operations: [
          concluded(operation, 'succeeded', now, accounted.operation),
          // The last capture gives back what it left, as soon as it is known itself.
          ...(operation.final && !whole
            ? [newOperation(releaseIdOf(operation.id), 'release', left, now)]
            : []),
        ],
        postings: [
          { event: 'captured', amount: operation.amount, operation: operation.id, attempt: attempt.id },
          ...accounted.postings,
        ],
        events: [
          { type: whole ? 'payment.captured' : 'payment.partially_captured', operation: operation.id },
        ],
      };
    }
    case 'release':
      return {
        ...base,
        payment: { authorizationState: 'released' },
        operations: [concluded(operation, 'succeeded', now)],
        postings: [
          { event: 'released', amount: capturable(payment), operation: operation.id, attempt: attempt.id },
        ],
        events: [{ type: 'payment.captured', operation: operation.id }],
      };
    case 'void':
    case 'expiry': {
      const expired = operation.kind === 'expiry';
      return {
        ...base,
        payment: {
          authorizationState: expired ? 'expired' : 'released',
          ...endedReview(state),
        },
        refusals: refuseOtherReviews(state, 'ended by the release of its hold', null),
        operations: [concluded(operation, 'succeeded', now)],
        postings: [
          {
            event: expired ? 'expired' : 'released',
            amount: capturable(payment),
            operation: operation.id,
            attempt: attempt.id,
          },
        ],
        events: [{ type: expired ? 'payment.expired' : 'payment.voided', operation: operation.id }],
      };
    }
    case 'refund': {
      const accounted = settleRefund(state, operation, attempt.id);
      return {
        ...base,
        payment: {
          amountRefunded: payment.amountRefunded + operation.amount,
          amountRefundPending: payment.amountRefundPending - operation.amount,
        },
        operations: [concluded(operation, 'succeeded', now, accounted.operation), ...accounted.captures],
        postings: [
          {
            event: 'refund_succeeded',
            amount: operation.amount,
            operation: operation.id,
            attempt: attempt.id,
          },
          ...accounted.postings,
        ],
        events: [{ type: 'refund.succeeded', operation: operation.id }],
      };
    }
    case 'undo':
      return concludeUndone(state, base, operation, attempt, now);
    case 'chargeback':
    case 'chargeback_reversal':
    case 'withdrawal':
      return neverSent(operation);
  }
}

function concludeAuthorized(
  state: PaymentState,
  base: Change,
  operation: Operation,
  attempt: Attempt,
  now: number,
  captureBefore: number,
  terms: TermsInForce | undefined,
): Change {
  const { payment, risk } = state;
  const approved = attempt.approvedAmount ?? attempt.amount;
  // An approval we may not keep is undone before it can be called anything.
  if (approved > attempt.amount) {
    const opened: OpenedCase = {
      kind: 'answer_mismatch',
      operation: operation.id,
      attempt: attempt.id,
      detail: `asked for ${attempt.amount}, approved ${approved}`,
    };
    return { ...undo(base, operation, 'answer_mismatch', now), cases: [opened] };
  }
  if (approved < attempt.amount && payment.partialApproval === 'refuse') {
    return undo(base, operation, 'partial_not_accepted', now);
  }
  const authorized = concluded(operation, 'succeeded', now);
  // Asked for while the answer was missing: now there is something to release, or nothing any more.
  const asked = waitingVoid(state);
  if (attempt.kind === 'sale') {
    const capture = newOperation(automaticCaptureIdOf(payment.id), 'capture', approved, now);
    const taken = {
      operation: capture.id,
      attempt: attempt.id,
      amount: approved,
      currency: payment.currency,
    };
    const accounted = settleCapture(taken, terms, now);
    return {
      ...base,
      payment: {
        authorizationState: 'released',
        amountAuthorized: approved,
        amountCaptured: approved,
        authorizationAttempt: attempt.id,
      },
      operations: [
        authorized,
        concluded(capture, 'succeeded', now, accounted.operation),
        ...failedVoid(asked, now),
      ],
      refusals: refuseAskers(state, asked, {
        code: 'payment_not_voidable',
        detail: `${payment.id} was captured meanwhile; refund it instead`,
      }),
      postings: [
        { event: 'sold', amount: approved, operation: operation.id, attempt: attempt.id },
        ...accounted.postings,
      ],
      events: [{ type: 'payment.captured', operation: capture.id }],
    };
  }
  const inReview = risk?.decision === 'review' && asked === null;
  const capturesNow = payment.captureMethod === 'automatic' && !inReview && asked === null;
  return {
    ...base,
    payment: {
      authorizationState: 'held',
      amountAuthorized: approved,
      authorizationAttempt: attempt.id,
      captureBefore,
      ...(inReview ? { review: 'open', reviewBy: Math.min(now + REVIEW_WITHIN_MS, captureBefore) } : {}),
    },
    operations: [
      authorized,
      ...(capturesNow ? [newOperation(automaticCaptureIdOf(payment.id), 'capture', approved, now)] : []),
      ...(asked === null ? [] : [{ ...asked, phase: 'ready' as const, dueAt: now, amount: approved }]),
    ],
    postings: [{ event: 'authorized', amount: approved, operation: operation.id, attempt: attempt.id }],
    events: [{ type: inReview ? 'payment.in_review' : 'payment.authorized', operation: null }],
  };
}

function failedVoid(asked: Operation | null, now: number): readonly Operation[] {
  return asked === null ? [] : [concluded(asked, 'failed', now)];
}

function undo(base: Change, operation: Operation, failureCode: FailureCode, now: number): Change {
  return {
    ...base,
    payment: { authorizationState: 'unknown' },
    operations: [
      {
        ...operation,
        phase: 'unknown',
        dueAt: now,
        unknownSince: now,
        failureCode,
        inquiries: operation.inquiries + 1,
      },
    ],
  };
}

function concludeDeclined(
  state: PaymentState,
  base: Change,
  operation: Operation,
  attempt: Attempt,
  now: number,
): Change {
  const { payment } = state;
  const elsewhere =
    operation.kind === 'authorize' ? tryElsewhere(state, base, operation, attempt, now) : null;
  if (elsewhere !== null) return elsewhere;
  const failed = concluded(operation, 'failed', now, {
    failureCode: 'declined',
    reason: reasonOf(operation, attempt.responseCode),
  });
  switch (operation.kind) {
    case 'authorize': {
      const asked = waitingVoid(state);
      return {
        ...base,
        payment: {
          conclusion: 'declined',
          authorizationState: 'none',
          declineCode: attempt.responseCode,
          remedy: attempt.remedy,
        },
        operations: [failed, ...failedVoid(asked, now)],
        refusals: refuseAskers(state, asked, {
          code: 'payment_not_voidable',
          detail: `${payment.id} was declined: nothing is held`,
        }),
        events: [{ type: 'payment.declined', operation: null }],
      };
    }
    case 'refund': {
      const { captures, postings } = returnRefund(state, operation, 'refund_refused', attempt.id);
      return {
        ...base,
        payment: { amountRefundPending: payment.amountRefundPending - operation.amount },
        operations: [failed, ...captures],
        postings,
        events: [{ type: 'refund.failed', operation: operation.id }],
      };
    }
    case 'void':
      return {
        ...base,
        operations: [failed],
        refusals: refuseAskers(state, operation, {
          code: 'void_refused',
          detail: `the acquirer refused to release ${payment.id} (response ${attempt.responseCode ?? 'none'}); if it was captured, refund it`,
        }),
      };
    case 'reauthorize':
      return {
        ...base,
        ...reauthorizationFailed(state, operation, now, {
          failureCode: 'declined',
          reason: attempt.responseCode,
        }),
      };
    case 'increment':
      return {
        ...base,
        ...incrementFailed(operation, now, { failureCode: 'declined', reason: attempt.responseCode }),
      };
    case 'release':
      // Nobody waits for it but the cardholder: the hold stays, can be captured or voided, and expires.
      return { ...openCase(base, operation, attempt, 'advice_refused'), operations: [failed] };
    case 'capture':
    case 'undo':
    case 'expiry':
      // An advice cannot be declined: something is wrong that only a person can judge.
      return openCase(base, operation, attempt, 'advice_refused');
    case 'chargeback':
    case 'chargeback_reversal':
    case 'withdrawal':
      return neverSent(operation);
  }
}

function openCase(base: Change, operation: Operation, attempt: Attempt, kind: OpenedCase['kind']): Change {
  return {
    ...base,
    operations: [{ ...operation, phase: 'case', dueAt: null, inquiries: operation.inquiries + 1 }],
    cases: [
      {
        kind,
        operation: operation.id,
        attempt: attempt.id,
        detail: `response ${attempt.responseCode ?? 'none'}: ${attempt.reason ?? 'no reason given'}`,
      },
    ],
  };
}

function concludeAmbiguous(
  base: Change,
  operation: Operation,
  attempt: Attempt,
  { now, reason }: Conclusion,
): Change {
  if (attempt.onUnknown === 'case') return openCase(base, operation, attempt, 'refund_unknown');
  const unknownSince = operation.unknownSince ?? now;
  // A reversal cannot make it worse and starts at once; an advice is repeated after a pause.
  const dueAt = attempt.onUnknown === 'reverse' ? now : now + inquiryPauseMs(operation.inquiries);
  return {
    ...base,
    payment:
      operation.kind === 'authorize' || operation.kind === 'reauthorize'
        ? { authorizationState: 'unknown' }
        : {},
    operations: [
      {
        ...operation,
        phase: 'unknown',
        dueAt,
        unknownSince,
        reason: reasonOf(operation, reason),
        inquiries: operation.inquiries + 1,
      },
    ],
    cases: [...overdue(operation, attempt, unknownSince, now), ...refusedAdvice(operation, attempt)],
  };
}

/** An advice that was answered and not accepted: a person must look, while it is repeated. */
function refusedAdvice(operation: Operation, attempt: Attempt): readonly OpenedCase[] {
  if (attempt.onUnknown !== 'repeat' || attempt.responseCode === null) return [];
  const detail = `${attempt.kind} answered with ${attempt.responseCode}`;
  return [{ kind: 'advice_refused', operation: operation.id, attempt: attempt.id, detail }];
}
