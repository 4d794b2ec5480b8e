import type { CommandId } from '../domain/ids.ts';
import type { OperationView, PaymentView } from '../domain/view.ts';
import type { PaymentRef } from '../ports/ledger.ts';
import { retryAuthorization } from './authorize.ts';
import { ledger } from './ports.ts';
import { sendCurrentAttempt } from './send.ts';

/**
 * Capture, void or refund what was authorized, or decide its review: begun or refused in one
 * transaction, then sent.
 */
export async function followUp(
  ref: PaymentRef,
  command: CommandId,
  kind: 'capture' | 'void' | 'refund' | 'review',
): Promise<PaymentView> {
  const begun = await ledger.beginFollowUp({ ...ref, at: Date.now(), command });
  return kind === 'review' ? begun : sendCurrentAttempt(ref, begun, kind);
}

/** The next attempt of an operation that was certainly not executed. */
export async function retry(
  ref: PaymentRef,
  operation: OperationView,
  view: PaymentView,
): Promise<PaymentView> {
  if (operation.kind === 'authorize') return retryAuthorization(ref, view);
  const planned = await ledger.planNext({ ...ref, at: Date.now(), operation: operation.id, route: null });
  return sendCurrentAttempt(ref, planned, operation.kind);
}

/** Release what can no longer be captured. */
export async function expire(ref: PaymentRef): Promise<PaymentView> {
  const begun = await ledger.beginExpiry({ ...ref, at: Date.now() });
  return sendCurrentAttempt(ref, begun, 'expiry');
}
