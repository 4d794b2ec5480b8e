import { SEND_WITHIN_MS, withAttempt } from './attempt-plan.ts';
import { change, concluded, newOperation, type Change } from './change.ts';
import { reversalIdOf } from './ids.ts';
import {
  authorizationAttempt,
  capturable,
  pendingOperations,
  type Attempt,
  type Command,
  type Operation,
  type PaymentState,
} from './payment.ts';
import type { Refusal } from './problem.ts';
import { refuse, refusePending } from './refusals.ts';

/**
 * Reauthorization: what is held, or was, is released, and once that is acknowledged the amount is
 * authorized anew, as the merchant and without the security code (payment-rules: authorization
 * validity). Never two live authorizations: the new one cannot be planned before the old one is gone.
 */

const HOUR_MS = 3_600_000;

/** How near its end an authorization must be: earlier there is nothing to gain, and a hold to lose (ms). */
export const REAUTHORIZE_WITHIN_MS = 48 * HOUR_MS;

/** A new authorization that could not be sent for so long is given up (ms; payment-rules: late is not yes). */
const SEND_REAUTHORIZATION_WITHIN_MS = 24 * HOUR_MS;

function refuseReauthorization(state: PaymentState, now: number): Refusal | null {
  const { payment } = state;
  const { id, authorizationState, captureBefore } = payment;
  // Also for what is undone elsewhere: a new authorization beside it might be the second one.
  const pending = refusePending(state, 'a reauthorization', pendingOperations(state));
  if (pending !== null) return pending;
  const not = (detail: string): Refusal => ({ code: 'payment_not_reauthorizable', detail });
  if (payment.review === 'open') {
    return { code: 'review_open', detail: `${id} is in review: decide that first` };
  }
  if (payment.amountCaptured > 0n)
    return not(`${id} is ${payment.status}: create a new payment for what is not captured`);
  if (
    authorizationAttempt(state) === null ||
    (authorizationState !== 'held' && authorizationState !== 'expired')
  ) {
    return not(`${id} is ${payment.status}: there is no authorization to renew`);
  }
  // Its reversal was refused until it had run out (lapse.ts): nobody knows that it is gone.
  if (authorizationAttempt(state)?.state === 'reversing')
    return not(`the reversal of what ${id} held was never acknowledged: create a new payment`);
  // What was rejected is not asked for again.
  if (payment.review === 'rejected') return not(`the review of ${id} was rejected`);
  const from = (captureBefore ?? 0) - REAUTHORIZE_WITHIN_MS;
  if (authorizationState === 'held' && now < from)
    return not(
      `${id} is held until ${iso(captureBefore ?? 0)}: it can be reauthorized from ${iso(from)} on, or when it has expired`,
    );
  return null;
}

/** Takes a reauthorization, or refuses it; its first step is planned by {@link planReauthorization}. */
export function beginReauthorization(state: PaymentState, command: Command, now: number): Change {
  const refused = refuseReauthorization(state, now);
  if (refused !== null) return refuse(command, refused.code, refused.detail);
  const { amountAuthorized } = state.payment;
  return {
    ...change(`begin:${command.operation}`, 'reauthorization_started'),
    operations: [newOperation(command.operation, 'reauthorize', amountAuthorized, now)],
  };
}

/** The next message of a reauthorization: the reversal of the old authorization, or the new one once that is gone. */
export function planReauthorization(state: PaymentState, operation: Operation, now: number): Change | null {
  const old = authorizationAttempt(state);
  if (operation.phase !== 'ready' || old === null) return null;
  if (old.state === 'reversed') {
    const begun = {
      ...change(`plan:${operation.id}:${operation.attempts + 1}`, 'reauthorization_planned'),
      // From here on money may be held again, and nobody knows until it is answered.
      payment: { authorizationState: 'unknown' as const },
    };
    return withAttempt(begun, operation, 'authorization', null, now + SEND_WITHIN_MS);
  }
  if (old.state !== 'answered') return null;
  const id = reversalIdOf(old.id);
  return {
    ...change(`reverse:${old.id}`, 'reauthorization_releasing'),
    operations: [{ ...operation, phase: 'reversing', dueAt: null, currentAttempt: id, unknownSince: null }],
    attemptMoves: [{ id: old.id, from: 'answered', to: 'reversing' }],
    newAttempt: {
      id,
      operation: operation.id,
      number: old.number,
      kind: 'reversal',
      amount: operation.amount,
      original: old.id,
      sendBy: now + SEND_WITHIN_MS,
    },
  };
}

/** The old authorization is gone, by the acquirer's word: the new one comes next. */
export function releasedForAnew(
  { payment }: PaymentState,
  operation: Operation,
  reversal: Attempt,
  now: number,
): Partial<Change> {
  const held = capturable(payment);
  return {
    // An expired one was released before; its reversal found nothing to do.
    ...(held === 0n
      ? {}
      : {
          payment: { authorizationState: 'expired' },
          postings: [
            { event: 'released' as const, amount: held, operation: operation.id, attempt: reversal.id },
          ],
        }),
    operations: [
      {
        ...operation,
        phase: 'ready',
        dueAt: now,
        unknownSince: null,
        reason: null,
        inquiries: operation.inquiries + 1,
      },
    ],
  };
}

/** The amount is held anew, with a validity of its own. The caller has checked that it is the amount asked for. */
export function concludeReauthorized(
  base: Change,
  operation: Operation,
  attempt: Attempt,
  now: number,
  captureBefore: number,
): Change {
  return {
    ...base,
    payment: { authorizationState: 'held', authorizationAttempt: attempt.id, captureBefore },
    operations: [concluded(operation, 'succeeded', now)],
    postings: [
      { event: 'authorized', amount: operation.amount, operation: operation.id, attempt: attempt.id },
    ],
    events: [{ type: 'payment.reauthorized', operation: operation.id }],
  };
}

/**
 * There is no new authorization. The old one is gone as a rule, and nothing is held any more; one that was never
 * reversed, because a pause held the reversal back, is held as before and runs out by its own time.
 */
export function reauthorizationFailed(
  { payment }: PaymentState,
  operation: Operation,
  now: number,
  rest: Partial<Operation>,
): Pick<Change, 'payment' | 'operations' | 'events'> {
  return {
    payment: payment.authorizationState === 'held' ? {} : { authorizationState: 'expired' },
    operations: [concluded(operation, 'failed', now, rest)],
    events: [{ type: 'payment.reauthorization_failed', operation: operation.id }],
  };
}

/** Until when the new authorization is worth sending (epoch ms). */
export function reauthorizeUntil({ createdAt }: Operation): number {
  return createdAt + SEND_REAUTHORIZATION_WITHIN_MS;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
