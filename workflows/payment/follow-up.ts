import { now } from '../clock.ts';
import type { CommandId } from '../domain/ids.ts';
import type { CommandBody } from '../domain/payment.ts';
import type { OperationView, PaymentView } from '../domain/view.ts';
import type { PaymentRef } from '../ports/ledger.ts';
import { retryAuthorization } from './authorize.ts';
import { ledger } from './ports.ts';
import type { Screen } from './screen.ts';
import { sendCurrentAttempt } from './send.ts';

/**
 * Renew, increase, capture, void or refund what was authorized, decide its review, or take what the acquirer
 * reports: begun or refused in one transaction, then sent where there is something to send.
 */
export async function followUp(
  ref: PaymentRef,
  command: CommandId,
  kind: Exclude<CommandBody['kind'], 'create'>,
  screen: Screen,
): Promise<PaymentView> {
  const begun = await ledger.beginFollowUp({ ...ref, at: now(), command });
  switch (kind) {
    case 'reauthorize':
    case 'increment':
    case 'capture':
    case 'void':
    case 'refund':
      return sendCurrentAttempt(ref, begun, kind, screen);
    case 'review':
    case 'chargeback':
    case 'chargeback_reversal':
    case 'withdrawal':
    case 'nudge':
    case 'pause':
    case 'resume':
    case 'adoption':
    case 'resolution':
      return begun;
    case 'late_answer':
      // An approval that nobody owns is undone at once.
      return sendCurrentAttempt(ref, begun, 'undo', screen);
  }
}

/** The next attempt of an operation that was certainly not executed. */
export async function retry(
  ref: PaymentRef,
  operation: OperationView,
  view: PaymentView,
  screen: Screen,
): Promise<PaymentView> {
  if (operation.kind === 'authorize') return retryAuthorization(ref, view, screen);
  const planned = await ledger.planNext({ ...ref, at: now(), operation: operation.id, route: null });
  return sendCurrentAttempt(ref, planned, operation.kind, screen);
}

/** Release what can no longer be captured. */
export async function expire(ref: PaymentRef, screen: Screen): Promise<PaymentView> {
  const begun = await ledger.beginExpiry({ ...ref, at: now() });
  return sendCurrentAttempt(ref, begun, 'expiry', screen);
}
