import { retryPauseMs } from './backoff.ts';
import { concluded, type Change } from './change.ts';
import { authorizationIdOf } from './ids.ts';
import { waitingVoid, type Attempt, type Operation, type PaymentState } from './payment.ts';

/**
 * Whether the next attempt may be made elsewhere at once: the routing decision left an account for
 * it, there is time, and nobody has asked for a void meanwhile.
 * @param ended `unsent`: the attempt was certainly not executed; `answered`: it was declined.
 */
export function mayFailOver(
  { payment, route, ...state }: PaymentState,
  ended: 'unsent' | 'answered',
  now: number,
): boolean {
  if (now >= payment.authorizeBy || waitingVoid({ payment, route, ...state }) !== null) return false;
  return (route?.[ended].length ?? 0) > 0;
}

/** When an authorization that was certainly not executed is tried again: elsewhere at once, here after a pause. */
export function nextTryAt(state: PaymentState, { kind, attempts }: Operation, now: number): number {
  if (kind !== 'authorize') return now + retryPauseMs(kind, attempts);
  if (mayFailOver(state, 'unsent', now)) return now;
  // Pauses count the tries in one place: moving on was no reason to wait.
  const tried = authorizationAttempts(state);
  const moves = new Set(tried.map(({ account }) => account)).size - 1;
  return now + retryPauseMs(kind, attempts - Math.max(moves, 0));
}

/**
 * A decline that another acquirer may see otherwise: the authorization is ready for its next attempt
 * (without the security code, which went with the answer). Null when the decline is the end.
 */
export function tryElsewhere(
  state: PaymentState,
  base: Change,
  operation: Operation,
  attempt: Attempt,
  now: number,
): Change | null {
  if (attempt.remedy !== 'other_route' || !mayFailOver(state, 'answered', now)) return null;
  return {
    ...base,
    payment: { authorizationState: 'none' },
    operations: [
      {
        ...operation,
        phase: 'ready',
        dueAt: now,
        unknownSince: null,
        reason: attempt.responseCode,
        inquiries: operation.inquiries + 1,
      },
    ],
  };
}

/** The decline that a payment ends with when nothing came after it; null when it was never declined. */
export function lastDecline(state: PaymentState): Attempt | null {
  return (
    authorizationAttempts(state)
      .filter(({ outcome }) => outcome === 'declined')
      .at(-1) ?? null
  );
}

/** Whether any of its authorization attempts was answered: then it was attempted, whatever came after. */
export function wasAnswered(state: PaymentState): boolean {
  return authorizationAttempts(state).some((attempt) => attempt.state === 'answered');
}

/** What a decline makes of a payment and its pending operations. */
export function endedByDecline(
  { responseCode, remedy }: Attempt,
  pending: readonly Operation[],
  now: number,
): Pick<Change, 'payment' | 'operations' | 'events'> {
  return {
    payment: { conclusion: 'declined', authorizationState: 'none', declineCode: responseCode, remedy },
    operations: pending.map((operation) =>
      concluded(operation, 'failed', now, { failureCode: 'declined', reason: responseCode }),
    ),
    events: [{ type: 'payment.declined', operation: null }],
  };
}

/** Of the payment's first authorization; one that is renewed goes where it was. */
function authorizationAttempts({ payment, attempts }: PaymentState): readonly Attempt[] {
  const first = authorizationIdOf(payment.id);
  return attempts
    .filter(({ kind, operation }) => operation === first && (kind === 'authorization' || kind === 'sale'))
    .sort((a, b) => a.number - b.number);
}
