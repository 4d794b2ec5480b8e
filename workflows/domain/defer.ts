import { inquiryPauseMs } from './backoff.ts';
import { change, newOperation, type Change } from './change.ts';
import { authorizationIdOf } from './ids.ts';
import { operationOf, type PaymentCard, type PaymentState, type Risk } from './payment.ts';

/** The longest pause that is added where it is not known when asking helps. */
const PAUSE_MAX_MS = 30_000;

/**
 * Puts off an authorization that no account can take just now (breakers open, maintenance): it is
 * ready, and due when asking again may help. Nothing is planned, so nothing can be sent. Null when it
 * is under way or over.
 * @param risk of the score just made; null when it is known already.
 */
export function deferAuthorization(
  state: PaymentState,
  { card, risk, until }: { readonly card: PaymentCard; readonly risk: Risk | null; readonly until: number },
  now: number,
): Change | null {
  const { payment } = state;
  const id = authorizationIdOf(payment.id);
  const known = operationOf(state, id);
  if (payment.conclusion !== 'open' || (known !== null && known.phase !== 'ready')) return null;
  const operation = known ?? newOperation(id, 'authorize', payment.amount, now);
  return {
    ...change(`defer:${id}:${operation.inquiries}`, 'authorization_deferred'),
    payment: { card },
    risk,
    operations: [
      {
        ...operation,
        // However soon it may help: never in a tight circle.
        dueAt: Math.max(until, now + Math.min(inquiryPauseMs(operation.inquiries), PAUSE_MAX_MS)),
        reason: 'no account can take it just now',
        inquiries: operation.inquiries + 1,
      },
    ],
  };
}
