import { CASE_AFTER_MS } from './backoff.ts';
import { change, concluded, reasonOf, type Change } from './change.ts';
import type { Conclusion } from './conclude.ts';
import { isHeldBack, waitsBesideHold } from './pause.ts';
import { reauthorizationFailed, reauthorizeUntil } from './reauthorize.ts';
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
import type { Refusal } from './problem.ts';
import { refuseAskers } from './refusals.ts';

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
  const ended = tooLate(state, ready, ready.dueAt ?? now, now);
  if (ended !== null) return ended;
  // Nothing is held while it waits: that is said as soon as it is certain that nothing was sent.
  if (ready.kind === 'reauthorize')
    return { operations: [ready], payment: { authorizationState: 'expired' } };
  const late = now - ready.createdAt >= CASE_AFTER_MS;
  const detail = `could not be sent for ${Math.floor((now - ready.createdAt) / 60_000)} min: ${attempt.reason ?? 'nobody took it'}`;
  return {
    operations: [ready],
    refusals: [],
    cases: late ? [{ kind: 'not_sent', operation: ready.id, attempt: attempt.id, detail }] : [],
  };
}

/** How an operation ends that nobody sent, at a time when it is not worth sending any more; null where it is. */
function tooLate(state: PaymentState, ready: Operation, at: number, now: number): Partial<Change> | null {
  const until = worthSendingUntil(state, ready);
  if (until === null || at < until) return null;
  const detail = `the capture could not be sent before the authorization of ${state.payment.id} ran out; create a new payment`;
  return endUnsent(state, ready, { code: 'authorization_expired', detail }, now);
}

/** What follows up on an authorization ends unsent. `refusal` is for whoever asked for a capture; the others are answered with what they came to. */
function endUnsent(
  state: PaymentState,
  ready: Operation,
  refusal: Refusal,
  now: number,
): Pick<Change, 'payment' | 'operations'> & Partial<Pick<Change, 'events' | 'refusals' | 'cases'>> {
  if (ready.kind === 'reauthorize')
    return reauthorizationFailed(state, ready, now, { failureCode: 'not_attempted' });
  if (ready.kind === 'increment') return incrementFailed(ready, now, { failureCode: 'not_attempted' });
  return {
    payment: {},
    operations: [concluded(ready, 'failed', now, { failureCode: 'not_executed' })],
    refusals: refuseAskers(state, ready, refusal),
    cases: [],
  };
}

/** Until when what follows up on an authorization is worth sending (epoch ms); null = for as long as it takes. */
function worthSendingUntil({ payment }: PaymentState, operation: Operation): number | null {
  switch (operation.kind) {
    case 'reauthorize':
      return reauthorizeUntil(operation);
    case 'increment':
      // It does not extend the authorization.
      return Math.min(operation.createdAt + INCREMENT_WITHIN_MS, payment.captureBefore ?? Infinity);
    case 'capture':
      return payment.captureBefore;
    case 'authorize':
    case 'release':
    case 'void':
    case 'expiry':
    case 'refund':
    case 'undo':
    case 'chargeback':
    case 'chargeback_reversal':
    case 'withdrawal':
      return null;
  }
}

/**
 * Until when a paused payment holds an operation back (epoch ms); then it ends unsent, as it would have. Null =
 * until it goes on; undefined = it is not held back: the payment is not paused, something of it is at an
 * acquirer, or a void waits for an authorization that was not sent, which ends it.
 */
export function heldBackUntil(state: PaymentState, operation: Operation): number | null | undefined {
  if (operation.phase !== 'ready' || !isHeldBack(state, operation)) return undefined;
  if (operation.kind !== 'authorize') return worthSendingUntil(state, operation);
  return waitingVoid(state) === null ? state.payment.authorizeBy : undefined;
}

/** Ends what a paused payment held back for too long: nothing of it was sent. Null while that is not so. */
export function endHeldBack(state: PaymentState, operation: Operation, now: number): Change | null {
  if (operation.phase !== 'ready' || !isHeldBack(state, operation)) return null;
  const ended = tooLate(state, operation, now, now);
  return ended === null
    ? null
    : { ...change(`unsent:${operation.id}`, `${operation.kind}_not_sent`), ...ended };
}

/** The state without what a pause holds back: what an operator may release a hold over. */
export function withoutHeldBack(state: PaymentState): PaymentState {
  return {
    ...state,
    operations: state.operations.filter((one) => one.phase !== 'ready' || !isHeldBack(state, one)),
  };
}

/**
 * Ends what a paused payment holds back of what an operator releases: nothing of it was sent, and there will be
 * nothing to capture, increase or renew. A refund is of other money, and waits on.
 */
export function endForRelease(
  state: PaymentState,
  now: number,
): Pick<Change, 'operations' | 'events' | 'refusals'> {
  const detail = `an operator released what ${state.payment.id} held while it was paused: its capture was not sent; create a new payment`;
  const ended = pendingOperations(state)
    .filter((one) => one.phase === 'ready' && isHeldBack(state, one) && !waitsBesideHold(state, one))
    .map((one) => endUnsent(state, one, { code: 'payment_not_capturable', detail }, now));
  return {
    operations: ended.flatMap(({ operations }) => operations),
    events: ended.flatMap(({ events = [] }) => events),
    refusals: ended.flatMap(({ refusals = [] }) => refusals),
  };
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
