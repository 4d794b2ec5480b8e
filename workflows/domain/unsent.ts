import { CASE_AFTER_MS } from './backoff.ts';
import { change, concluded, reasonOf, type Change } from './change.ts';
import type { Conclusion } from './conclude.ts';
import { reauthorizationFailed, reauthorizationIsLate } from './reauthorize.ts';
import { INCREMENT_WITHIN_MS, incrementFailed } from './increment.ts';
import { endedByDecline, lastDecline, mayFailOver, nextTryAt, wasAnswered } from './failover.ts';
import {
  isAtNoAcquirer,
  pendingOperations,
  waitingVoid,
  type Attempt,
  type Operation,
  type PaymentCard,
  type PaymentState,
  type Risk,
} from './payment.ts';

/** Ends a payment that was never sent: its time is over, no account can take it, or it is blocked. */
export function concludeUnsent(
  state: PaymentState,
  code: 'not_attempted' | 'no_route' | 'blocked',
  known: { readonly card: PaymentCard; readonly risk: Risk } | null,
  now: number,
): Change | null {
  const { payment } = state;
  if (payment.conclusion !== 'open' || payment.authorizationState !== 'none') return null;
  const pending = pendingOperations(state);
  // Whoever asked for a void gets one: that nothing was sent is what was wished for.
  const authorizing = pending.find(({ kind }) => kind === 'authorize');
  const voided = authorizing === undefined ? null : voidUnsent(state, authorizing, now);
  if (voided !== null) return voided;
  if (!pending.every(isAtNoAcquirer)) return null;
  // Declined, and then nowhere else to go: the decline is the answer.
  const decline = lastDecline(state);
  if (decline !== null)
    return {
      ...change(`unsent:${code}`, 'authorization_declined'),
      ...endedByDecline(decline, pending, now),
    };
  const blocked = code === 'blocked';
  const failureCode = wasAnswered(state) ? 'not_executed' : code;
  return {
    ...change(`unsent:${code}`, blocked ? 'payment_blocked' : 'payment_not_attempted'),
    payment: {
      conclusion: blocked ? 'blocked' : 'failed',
      failureCode,
      ...(known === null ? {} : { card: known.card }),
    },
    risk: known?.risk ?? null,
    operations: pending.map((operation) => concluded(operation, 'failed', now, { failureCode })),
    events: [{ type: blocked ? 'payment.blocked' : 'payment.failed', operation: null }],
  };
}

/** Certainly not executed: whatever was asked for meanwhile, or the next attempt, decides. */
export function concludeRetryable(
  state: PaymentState,
  base: Change,
  operation: Operation,
  attempt: Attempt,
  { now, reason }: Conclusion,
): Change {
  const attemptMoves =
    attempt.state === 'planned' ? [{ id: attempt.id, from: 'planned', to: 'fenced' } as const] : [];
  const dueAt = nextTryAt(state, operation, now);
  const ready: Operation = {
    ...operation,
    phase: 'ready',
    dueAt,
    unknownSince: null,
    reason: reasonOf(operation, reason),
    inquiries: operation.inquiries + 1,
  };
  if (operation.kind !== 'authorize')
    return { ...base, attemptMoves, ...againOrTooLate(state, ready, attempt, now) };

  const authorization =
    state.payment.authorizationState === 'unknown' ? { authorizationState: 'none' as const } : {};
  const asked = waitingVoid(state);
  if (asked !== null) return { ...base, attemptMoves, ...voidedBeforeSending(operation, asked, now) };
  // It was sent, and with it the security code: another try would be a weaker request, so only
  // elsewhere, and only where the merchant and the account allow that (decision 004).
  const wasSent = attempt.state === 'answered';
  const hasNext = wasSent ? mayFailOver(state, 'answered', now) : dueAt < state.payment.authorizeBy;
  if (!hasNext) {
    const decline = lastDecline(state);
    if (decline !== null) return { ...base, attemptMoves, ...endedByDecline(decline, [operation], now) };
    const failureCode = wasAnswered(state) ? 'not_executed' : 'not_attempted';
    return {
      ...base,
      attemptMoves,
      payment: { ...authorization, conclusion: 'failed', failureCode },
      operations: [concluded(operation, 'failed', now, { failureCode, reason })],
      events: [{ type: 'payment.failed', operation: null }],
    };
  }
  const next = wasSent ? { ...ready, dueAt: now } : ready;
  return { ...base, attemptMoves, payment: authorization, operations: [next] };
}

/** What could not be sent is sent again, for as long as it takes; a capture not after its time, an increment only while somebody waits. */
function againOrTooLate(
  state: PaymentState,
  ready: Operation,
  attempt: Attempt,
  now: number,
): Partial<Change> {
  const { id, captureBefore } = state.payment;
  // Nothing is held while it waits: that is said as soon as it is certain that nothing was sent.
  if (ready.kind === 'reauthorize') {
    return reauthorizationIsLate(ready, ready.dueAt ?? now)
      ? reauthorizationFailed(ready, now, { failureCode: 'not_attempted' })
      : { operations: [ready], payment: { authorizationState: 'expired' } };
  }
  if (ready.kind === 'increment' && (ready.dueAt ?? now) >= incrementBy(ready, captureBefore)) {
    return incrementFailed(ready, now, { failureCode: 'not_attempted' });
  }
  if (ready.kind === 'capture' && captureBefore !== null && (ready.dueAt ?? now) >= captureBefore) {
    const detail = `the capture could not be sent before the authorization of ${id} ran out; create a new payment`;
    return {
      operations: [concluded(ready, 'failed', now, { failureCode: 'not_executed' })],
      refusals: state.commands
        .filter(({ operation }) => operation === ready.id)
        .map((command) => ({ command: command.id, refusal: { code: 'authorization_expired', detail } })),
      cases: [],
    };
  }
  const late = now - ready.createdAt >= CASE_AFTER_MS;
  const detail = `could not be sent for ${Math.floor((now - ready.createdAt) / 60_000)} min: ${attempt.reason ?? 'nobody took it'}`;
  return {
    operations: [ready],
    refusals: [],
    cases: late ? [{ kind: 'not_sent', operation: ready.id, attempt: attempt.id, detail }] : [],
  };
}

/** Until when an increment is worth sending (epoch ms): it does not extend the authorization. */
function incrementBy({ createdAt }: Operation, captureBefore: number | null): number {
  return Math.min(createdAt + INCREMENT_WITHIN_MS, captureBefore ?? Infinity);
}

/** A void of an authorization that never left: both end, nothing was sent. */
export function voidUnsent(state: PaymentState, operation: Operation, now: number): Change | null {
  const asked = waitingVoid(state);
  if (operation.kind !== 'authorize' || operation.phase !== 'ready' || asked === null) return null;
  return {
    ...change(`unsent:${operation.id}`, 'void_succeeded'),
    ...voidedBeforeSending(operation, asked, now),
  };
}

function voidedBeforeSending(
  operation: Operation,
  asked: Operation,
  now: number,
): Pick<Change, 'payment' | 'operations' | 'events'> {
  return {
    payment: { authorizationState: 'released' },
    operations: [
      concluded(operation, 'failed', now, { failureCode: 'not_executed' }),
      concluded(asked, 'succeeded', now),
    ],
    events: [{ type: 'payment.voided', operation: asked.id }],
  };
}
