import type { OperationKind } from '../domain/payment.ts';
import type { AttemptView, OperationView, PaymentView } from '../domain/view.ts';
import type { CallResult } from '../ports/acquirer.ts';
import type { PaymentRef } from '../ports/ledger.ts';
import { callAcquirer } from './call.ts';
import { ledger } from './ports.ts';

/** Sends the attempt that the last step planned, if it planned one, and records how it ended. */
export async function sendCurrentAttempt(
  ref: PaymentRef,
  view: PaymentView,
  kind: OperationKind,
): Promise<PaymentView> {
  const operation = view.operations.find((one) => one.kind === kind && one.phase === 'in_flight');
  if (operation?.attempt == null) return view;
  return sendAttempt(ref, operation, operation.attempt);
}

/** Makes the call of an attempt, or repeats it, and records how it ended. */
export async function sendAttempt(
  ref: PaymentRef,
  operation: OperationView,
  attempt: AttemptView,
): Promise<PaymentView> {
  const ending = await callAcquirer(ref, attempt);
  return recordEnding(ref, operation, attempt, ending);
}

export async function recordEnding(
  ref: PaymentRef,
  operation: OperationView,
  attempt: AttemptView,
  { outcome, reason }: Pick<CallResult, 'outcome' | 'reason'>,
): Promise<PaymentView> {
  return ledger.conclude({
    ...ref,
    at: Date.now(),
    operation: operation.id,
    attempt: attempt.id,
    inquiries: operation.inquiries,
    outcome,
    reason,
  });
}
