import { now } from '../clock.ts';
import { CARRIES_SECURITY_CODE } from '../domain/outcome.ts';
import type { OperationKind } from '../domain/payment.ts';
import type { AttemptView, OperationView, PaymentView } from '../domain/view.ts';
import { hasPatch } from '../has-patch.ts';
import type { PaymentRef } from '../ports/ledger.ts';
import { callAcquirer, callText, type Ending } from './call.ts';
import { ledger, vault } from './ports.ts';
import type { Screen } from './screen.ts';

/** Sends the attempt that the last step planned, if it planned one, and records how it ended. */
export async function sendCurrentAttempt(
  ref: PaymentRef,
  view: PaymentView,
  kind: OperationKind,
  screen: Screen,
): Promise<PaymentView> {
  const operation = view.operations.find((one) => one.kind === kind && one.phase === 'in_flight');
  if (operation?.attempt == null) return view;
  screen.calls(callText(operation.attempt), view);
  return sendAttempt(ref, operation, operation.attempt);
}

/** Makes the call of an attempt, or repeats it, and records how it ended. */
export async function sendAttempt(
  ref: PaymentRef,
  operation: OperationView,
  attempt: AttemptView,
): Promise<PaymentView> {
  const askedAt = now();
  const ending = await callAcquirer(ref, attempt);
  const view = await recordEnding(ref, operation, attempt, ending, askedAt);
  // Not executed, and ended all the same (voided meanwhile, out of time): no answer destroyed the code.
  const ended = !view.operations.some(({ id }) => id === operation.id);
  const unused = ending.outcome === 'retryable' && ended && CARRIES_SECURITY_CODE[attempt.kind];
  if (unused && hasPatch('security-code-after-outage')) await vault.burn(ref);
  return view;
}

/** `askedAt`: when the acquirer was asked, at the latest (epoch ms); null where nobody knows any more. */
export async function recordEnding(
  ref: PaymentRef,
  operation: OperationView,
  attempt: AttemptView,
  { outcome, reason, ours = false }: Ending,
  askedAt: number | null,
): Promise<PaymentView> {
  return ledger.conclude({
    ...ref,
    at: now(),
    operation: operation.id,
    attempt: attempt.id,
    inquiries: operation.inquiries,
    outcome,
    reason,
    askedAt,
    ours,
  });
}
