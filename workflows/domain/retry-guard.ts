import { change, concluded, type Change } from './change.ts';
import { lastDecline } from './failover.ts';
import {
  isAtNoAcquirer,
  pendingOperations,
  waitingVoid,
  type PaymentCard,
  type PaymentState,
  type Risk,
} from './payment.ts';
import { refuseAskers } from './refusals.ts';

/** Why a card may not be tried again by this merchant (schema/functions/retry_guard.sql). */
export type RetryRefusal = 'declined_for_good' | 'declined_too_often';

/**
 * Ends a payment that may not be sent: its card was declined for good, or too often. `declined` with
 * `retry_not_allowed`; nothing of this attempt left the house (payment-rules: declines carry a remedy).
 */
export function concludeRetryRefused(
  state: PaymentState,
  refusal: RetryRefusal,
  known: { readonly card: PaymentCard; readonly risk: Risk } | null,
  now: number,
): Change | null {
  const { payment } = state;
  if (payment.conclusion !== 'open' || payment.authorizationState !== 'none') return null;
  const pending = pendingOperations(state);
  if (!pending.every(isAtNoAcquirer)) return null;
  const asked = waitingVoid(state);
  const detail = `${payment.id} was declined: nothing is held`;
  return {
    ...change('unsent:retry_not_allowed', 'payment_retry_refused'),
    payment: {
      conclusion: 'declined',
      failureCode: 'retry_not_allowed',
      declineCode: lastDecline(state)?.responseCode ?? null,
      remedy: refusal === 'declined_for_good' ? 'never' : 'later',
      ...(known === null ? {} : { card: known.card }),
    },
    risk: known?.risk ?? null,
    operations: pending.map((operation) =>
      concluded(operation, 'failed', now, { failureCode: 'retry_not_allowed', reason: refusal }),
    ),
    refusals: refuseAskers(state, asked, { code: 'payment_not_voidable', detail }),
    events: [{ type: 'payment.declined', operation: null }],
  };
}
