import type { Posting } from './change.ts';
import type { AttemptId, OperationId } from './ids.ts';
import { attemptOf, authorizationAttempt, operationOf, type PaymentState } from './payment.ts';

/** The attempt that a change plans, and the acquirer that it goes to: it is in no state yet. */
export interface PlannedAt {
  readonly id: AttemptId;
  readonly operation: OperationId;
  readonly acquirer: string;
}

/**
 * The acquirer whose accounts a posting moves: the one that took the money, or gave it back. An attempt
 * says that by itself. What is undone lies where its attempts go, which need not be where the payment
 * stands, if it stands anywhere. All else happens to the money of the authorization.
 * @returns null when there is none: an account of an acquirer cannot be posted to (postingsOf).
 */
export function acquirerOf(
  state: PaymentState,
  { attempt, operation: id }: Posting,
  planned: PlannedAt | null,
): string | null {
  if (attempt !== null) {
    const named = planned?.id === attempt ? planned : attemptOf(state, attempt);
    if (named !== null) return named.acquirer;
  }
  const operation = operationOf(state, id);
  if (operation?.kind === 'undo') {
    if (planned?.operation === id) return planned.acquirer;
    return attemptOf(state, operation.currentAttempt)?.acquirer ?? null;
  }
  return authorizationAttempt(state)?.acquirer ?? null;
}
