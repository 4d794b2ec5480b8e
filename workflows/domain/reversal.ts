import { inquiryPauseMs } from './backoff.ts';
import { SEND_WITHIN_MS } from './attempt-plan.ts';
import { change, concluded, type Change, type EventType } from './change.ts';
import type { Conclusion } from './conclude.ts';
import { reversalIdOf } from './ids.ts';
import { incrementFailed } from './increment.ts';
import { stepWhenUnknown } from './inquiry.ts';
import { reauthorizationFailed, releasedForAnew } from './reauthorize.ts';
import { overdue } from './overdue.ts';
import {
  attemptOf,
  waitingVoid,
  type Attempt,
  type FailureCode,
  type Operation,
  type PaymentState,
} from './payment.ts';

/** Commits the undoing of an attempt: from here on it can only become reversed. */
export function beginReversal(state: PaymentState, operation: Operation, now: number): Change | null {
  const attempt = attemptOf(state, operation.currentAttempt);
  if (operation.phase !== 'unknown' && operation.phase !== 'waiting') return null;
  if (attempt === null || stepWhenUnknown(state, operation, attempt, now) !== 'reverse') return null;
  if (attempt.state !== 'sending' && attempt.state !== 'answered') return null;
  const id = reversalIdOf(attempt.id);
  return {
    ...change(`reverse:${attempt.id}`, 'reversal_started'),
    operations: [
      {
        ...operation,
        phase: 'reversing',
        dueAt: null,
        currentAttempt: id,
        unknownSince: operation.unknownSince ?? now,
      },
    ],
    attemptMoves: [{ id: attempt.id, from: attempt.state, to: 'reversing' }],
    newAttempt: {
      id,
      operation: operation.id,
      number: attempt.number,
      kind: 'reversal',
      amount: attempt.amount,
      original: attempt.id,
      sendBy: now + SEND_WITHIN_MS,
    },
  };
}

/** ISO 8583 response code of a reversal: unable to locate the original. */
const NOT_FOUND = '25';

/** Whether whatever was sent of an attempt had reached its acquirer at that moment, or never will. */
function isLandedBy({ sendBy, inFlightMs }: Attempt, moment: number | null): boolean {
  return moment !== null && moment > sendBy + inFlightMs;
}

/** What the answer to a reversal, or its silence, does to the payment. */
export function concludeReversal(
  state: PaymentState,
  operation: Operation,
  reversal: Attempt,
  { outcome, reason, now, askedAt = null }: Conclusion,
): Change | null {
  const original = attemptOf(state, reversal.original);
  if (original === null) return null;
  const acknowledged = outcome === 'approved';
  const absent = outcome === 'declined' && reversal.responseCode === NOT_FOUND;
  // "Not found" is proof only where the acquirer fences, or was said when nothing sent could still be under way.
  const proven = absent && (original.fencesByReversal || isLandedBy(original, askedAt));
  const base = change(
    `conclude:${reversal.id}:${operation.inquiries}`,
    acknowledged || proven ? 'reversal_acknowledged' : 'reversal_unknown',
  );
  if (!acknowledged && !proven) {
    const unknownSince = operation.unknownSince ?? now;
    return {
      ...base,
      operations: [
        {
          ...operation,
          phase: 'reversing',
          dueAt: now + inquiryPauseMs(operation.inquiries),
          unknownSince,
          reason,
          inquiries: operation.inquiries + 1,
        },
      ],
      cases: overdue(operation, original, unknownSince, now),
    };
  }
  return {
    ...base,
    attemptMoves: [{ id: original.id, from: 'reversing', to: 'reversed' }],
    ...(operation.kind === 'reauthorize' && original.operation !== operation.id
      ? releasedForAnew(state, operation, reversal, now)
      : afterReversal(state, operation, original, acknowledged, now)),
  };
}

/** The money is back, or never left. What is the payment now? */
function afterReversal(
  state: PaymentState,
  operation: Operation,
  original: Attempt,
  executed: boolean,
  now: number,
): Pick<Change, 'payment' | 'operations' | 'events'> {
  const failureCode: FailureCode = operation.failureCode ?? (executed ? 'reversed_unknown' : 'not_executed');
  // Only what was added is undone; the authorization itself was never in doubt.
  if (operation.kind === 'increment') return incrementFailed(operation, now, { failureCode });
  if (operation.kind === 'reauthorize') return reauthorizationFailed(state, operation, now, { failureCode });
  const asked = waitingVoid(state);
  if (asked !== null) {
    return {
      payment: { authorizationState: 'released' },
      operations: [
        concluded(operation, 'failed', now, { failureCode: executed ? 'reversed_unknown' : 'not_executed' }),
        concluded(asked, 'succeeded', now),
      ],
      events: [{ type: 'payment.voided', operation: asked.id }],
    };
  }
  const partial = operation.failureCode === 'partial_not_accepted';
  const event: EventType = partial ? 'payment.declined' : 'payment.failed';
  return {
    payment: {
      authorizationState: 'none',
      conclusion: partial ? 'declined' : 'failed',
      failureCode,
      ...(partial ? { declineCode: original.responseCode } : {}),
    },
    operations: [concluded(operation, 'failed', now, { failureCode })],
    events: [{ type: event, operation: null }],
  };
}
