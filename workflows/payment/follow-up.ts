import type { CommandId } from '../domain/ids.ts';
import type { CommandBody } from '../domain/payment.ts';
import type { OperationView, PaymentView } from '../domain/view.ts';
import type { PaymentRef } from '../ports/ledger.ts';
import { retryAuthorization } from './authorize.ts';
import { ledger } from './ports.ts';
import { sendCurrentAttempt } from './send.ts';

/**
 * Renew, increase, capture, void or refund what was authorized, decide its review, or take what the acquirer
 * reports: begun or refused in one transaction, then sent where there is something to send.
 */
export async function followUp(
  ref: PaymentRef,
  command: CommandId,
  kind: Exclude<CommandBody['kind'], 'create'>,
): Promise<PaymentView> {
  const begun = await ledger.beginFollowUp({ ...ref, at: Date.now(), command });
  switch (kind) {
    case 'reauthorize':
    case 'increment':
    case 'capture':
    case 'void':
    case 'refund':
      return sendCurrentAttempt(ref, begun, kind);
    case 'review':
    case 'chargeback':
    case 'chargeback_reversal':
    case 'withdrawal':
    case 'nudge':
    case 'adoption':
    case 'resolution':
      return begun;
    case 'late_answer':
      // An approval that nobody owns is undone at once.
      return sendCurrentAttempt(ref, begun, 'undo');
  }
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
