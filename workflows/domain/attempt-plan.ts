import type { Change } from './change.ts';
import { attemptId, type AttemptId } from './ids.ts';
import type { AttemptKind } from './outcome.ts';
import type { Operation } from './payment.ts';

/** An attempt that is not on its way this long after it was planned is never sent (ms). */
export const SEND_WITHIN_MS = 15_000;

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
      amount: operation.amount,
      original,
      sendBy,
    },
  };
}
