import { SEND_WITHIN_MS, withAttempt } from './attempt-plan.ts';
import { change, concluded, newOperation, type Change } from './change.ts';
import type { AttemptId } from './ids.ts';
import type { AttemptKind } from './outcome.ts';
import {
  attemptOf,
  type Attempt,
  type Command,
  type LateAnswerBody,
  type Operation,
  type PaymentState,
} from './payment.ts';

/** The kinds of attempt whose approval can be undone when nobody owns it, and what is undone by what. */
export const UNDONE_BY = {
  authorization: 'reversal',
  sale: 'reversal',
  increment: 'reversal',
  // A capture is never reversed (payment-rules: ambiguity by operation).
  capture: 'refund',
} as const satisfies Partial<Record<AttemptKind, AttemptKind>>;
export type Undoable = keyof typeof UNDONE_BY;

/**
 * Undoes an approval that came after its attempt had been called something else. The attempt stays
 * what it was called; what is done about it is an operation of its own, repeated like any other. Money
 * that was taken lies in `unallocated_receipts` until it is given back: no merchant is owed it.
 */
export function beginUndo(
  state: PaymentState,
  command: Command,
  attempt: Attempt & { readonly kind: Undoable },
  { approvedAmount, reason }: LateAnswerBody,
  now: number,
): Change | null {
  const granted = approvedAmount ?? attempt.amount;
  const taken = attempt.kind === 'sale' || attempt.kind === 'capture';
  // Of the authorization that it was taken from: another one may be held by now.
  const original = attempt.kind === 'capture' ? attemptOf(state, attempt.original) : attempt;
  if (original === null) return null;
  const amount = taken ? granted : attempt.amount;
  const operation = newOperation(command.operation, 'undo', amount, now, { reason });
  const begun = change(`late:${command.id}`, 'undoing_started');
  const planned = withAttempt(begun, operation, UNDONE_BY[attempt.kind], original.id, now + SEND_WITHIN_MS);
  return {
    ...planned,
    // A reversal names what was asked for, also where less was granted.
    newAttempt:
      planned.newAttempt === null || attempt.kind === 'capture'
        ? planned.newAttempt
        : { ...planned.newAttempt, amount: attempt.amount },
    postings: taken ? [{ event: 'unexpected_sale', amount, operation: operation.id, attempt: null }] : [],
  };
}

/** The next try of an undoing that was certainly not executed: the same message. */
export function planUndo(state: PaymentState, operation: Operation, now: number): Change | null {
  const last = attemptOf(state, operation.currentAttempt);
  if (operation.phase !== 'ready' || last === null) return null;
  const begun = change(`plan:${operation.id}:${operation.attempts + 1}`, 'undo_planned');
  const planned = withAttempt(begun, operation, last.kind, last.original, now + SEND_WITHIN_MS);
  return {
    ...planned,
    newAttempt: planned.newAttempt === null ? null : { ...planned.newAttempt, amount: last.amount },
  };
}

/** What nobody owned is gone; what had been taken is given back. */
export function concludeUndone(
  state: PaymentState,
  base: Change,
  operation: Operation,
  attempt: Attempt,
  now: number,
): Change {
  const undone = attemptOf(state, attempt.original);
  const taken = attempt.kind === 'refund' || undone?.kind === 'sale';
  return {
    ...base,
    operations: [concluded(operation, 'succeeded', now)],
    postings: taken
      ? [
          {
            event: 'unexpected_sale_returned',
            amount: operation.amount,
            operation: operation.id,
            attempt: attempt.id,
          },
        ]
      : [],
  };
}

/**
 * What was taken on an authorization and is nobody's: given back, or about to be (minor units). No merchant is
 * owed it, and no amount of the payment says it; but what its acquirer says was taken contains it for ever.
 */
export function undoneCaptures({ operations, attempts }: PaymentState, authorization: AttemptId): bigint {
  const givenBack = new Set(
    attempts
      .filter(({ kind, original }) => kind === 'refund' && original === authorization)
      .map(({ operation }) => operation),
  );
  return operations
    .filter(({ id, kind }) => kind === 'undo' && givenBack.has(id))
    .reduce((sum, { amount }) => sum + amount, 0n);
}
