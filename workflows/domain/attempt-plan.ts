import type { Change } from './change.ts';
import { attemptId, type AttemptId } from './ids.ts';
import type { AttemptKind, UnknownPolicy } from './outcome.ts';
import type { Operation } from './payment.ts';

/** An attempt that is not on its way this long after it was planned is never sent (ms). */
export const SEND_WITHIN_MS = 15_000;

/** What undoes or settles an attempt whose answer never comes (payment-rules: ambiguity by operation). */
const POLICIES = {
  authorization: 'reverse',
  sale: 'reverse',
  increment: 'reverse',
  capture: 'repeat',
  void: 'repeat',
  partial_void: 'repeat',
  refund: 'case',
  reversal: 'repeat',
} as const satisfies Record<AttemptKind, UnknownPolicy>;

/** Adds the operation's next attempt to a change: from here on it is in flight. */
export function withAttempt(
  begun: Change,
  operation: Operation,
  kind: AttemptKind,
  original: AttemptId | null,
  sendBy: number,
): Change {
  const number = operation.attempts + 1;
  const id = attemptId(operation.id, number);
  return {
    ...begun,
    operations: [
      ...begun.operations,
      {
        ...operation,
        phase: 'in_flight',
        dueAt: null,
        attempts: number,
        currentAttempt: id,
        unknownSince: null,
      },
    ],
    newAttempt: {
      id,
      operation: operation.id,
      number,
      kind,
      onUnknown: POLICIES[kind],
      amount: operation.amount,
      original,
      sendBy,
    },
  };
}
