import { adopt } from './adoption.ts';
import { SEND_WITHIN_MS, withAttempt } from './attempt-plan.ts';
import { change, newOperation, type Change } from './change.ts';
import { takeChargeback, takeChargebackReversal } from './dispute.ts';
import type { ExchangeRate } from './fx.ts';
import { expiryIdOf } from './ids.ts';
import { takeLateAnswer } from './late-answer.ts';
import type { AttemptKind } from './outcome.ts';
import {
  authorizationAttempt,
  capturable,
  neverSent,
  operationOf,
  pendingOperations,
  refundable,
  waitingVoid,
  type Command,
  type Operation,
  type PaymentCard,
  type PaymentState,
  type Risk,
} from './payment.ts';
import { refuseIncrement } from './increment.ts';
import { isHeldBack, refusePaused, takePause, waitsBesideHold } from './pause.ts';
import { beginReauthorization, planReauthorization } from './reauthorize.ts';
import { takeRefund } from './refund-funds.ts';
import { refuse, refuseCapture, refusePending, refuseRefund } from './refusals.ts';
import { takeResolution } from './resolution.ts';
import { decideReview } from './review.ts';
import type { TermsInForce } from './settlement.ts';
import { planUndo } from './undo.ts';
import { endForRelease, withoutHeldBack } from './unsent.ts';
import { takeWithdrawal } from './withdrawal.ts';

/** What scoring and routing found, for the first attempt of an authorization. */
export interface AuthorizationPlan {
  readonly card: PaymentCard;
  readonly risk: Risk;
  /** Whether the chosen account takes sale and capture in one message. */
  readonly singleMessage: boolean;
}

/** Starts what the payment was created for: its one authorization, or the sale that is both. */
export function beginAuthorization(
  state: PaymentState,
  command: Command,
  plan: AuthorizationPlan,
  now: number,
): Change | null {
  if (operationOf(state, command.operation) !== null || state.payment.conclusion !== 'open') return null;
  const operation = newOperation(command.operation, 'authorize', state.payment.amount, now);
  if (isHeldBack(state, operation)) return null;
  const begun = {
    ...change(`begin:${operation.id}`, 'authorization_started'),
    payment: { card: plan.card },
    risk: plan.risk,
  };
  return planAuthorization(state, begun, operation, plan, now);
}

/** Plans the next attempt of an authorization that was certainly not executed. */
export function retryAuthorization(
  state: PaymentState,
  operation: Operation,
  plan: AuthorizationPlan,
  now: number,
): Change | null {
  if (operation.phase !== 'ready' || isHeldBack(state, operation)) return null;
  const begun = change(`plan:${operation.id}:${operation.attempts + 1}`, 'authorization_retried');
  return planAuthorization(state, begun, operation, plan, now);
}

function planAuthorization(
  state: PaymentState,
  begun: Change,
  operation: Operation,
  plan: AuthorizationPlan,
  now: number,
): Change {
  const { captureMethod, authorizeBy } = state.payment;
  // In the review band the money is held first and taken only when a person agrees.
  const takesAtOnce = captureMethod === 'automatic' && plan.singleMessage && plan.risk.decision !== 'review';
  const sendBy = Math.min(now + SEND_WITHIN_MS, authorizeBy);
  return withAttempt(begun, operation, takesAtOnce ? 'sale' : 'authorization', null, sendBy);
}

/** Plans the next attempt of whatever follows up on an authorization and is ready to go. */
export function planNext(state: PaymentState, operation: Operation, now: number): Change | null {
  if (operation.kind === 'undo') return planUndo(state, operation, now);
  if (isHeldBack(state, operation)) return null;
  if (operation.kind === 'reauthorize') return planReauthorization(state, operation, now);
  const original = authorizationAttempt(state);
  if (operation.phase !== 'ready' || operation.kind === 'authorize' || original === null) return null;
  const begun = change(`plan:${operation.id}:${operation.attempts + 1}`, `${operation.kind}_planned`);
  return withAttempt(begun, operation, attemptKindOf(state, operation), original.id, now + SEND_WITHIN_MS);
}

function attemptKindOf(state: PaymentState, operation: Operation): AttemptKind {
  switch (operation.kind) {
    case 'authorize':
    case 'reauthorize':
      return 'authorization';
    case 'increment':
      return 'increment';
    case 'capture':
      return 'capture';
    case 'refund':
      return 'refund';
    case 'release':
    case 'void':
    case 'expiry':
      return state.payment.amountCaptured > 0n ? 'partial_void' : 'void';
    case 'undo':
      throw new Error(`${operation.id} is planned by what it undoes`);
    case 'chargeback':
    case 'chargeback_reversal':
    case 'withdrawal':
      return neverSent(operation);
  }
}

/**
 * Starts a reauthorization, increment, capture, void or refund, or takes what an acquirer reports, or
 * refuses it; null when it has begun already.
 * @param rates in force now, for a refund of funds that were converted (refund-funds.ts).
 * @param terms agreed about a capture, for one that its acquirer reports.
 */
export function beginFollowUp(
  state: PaymentState,
  command: Command,
  now: number,
  rates: readonly ExchangeRate[] = [],
  terms?: TermsInForce,
): Change | null {
  if (operationOf(state, command.operation) !== null) return null;
  const { payment } = state;
  const { body } = command;
  const paused = refusePaused(state, command);
  if (paused !== null) return refuse(command, paused.code, paused.detail);
  switch (body.kind) {
    case 'create':
      return null;
    case 'increment': {
      const refused = refuseIncrement(state, body.amount, now);
      if (refused !== null) return refuse(command, refused.code, refused.detail);
      return planFrom(state, newOperation(command.operation, 'increment', body.amount, now), now);
    }
    case 'capture': {
      const amount = body.amount ?? capturable(payment);
      const refused = refuseCapture(state, amount, now);
      if (refused !== null) return refuse(command, refused.code, refused.detail);
      return planFrom(
        state,
        newOperation(command.operation, 'capture', amount, now, { final: body.final ?? false }),
        now,
      );
    }
    case 'reauthorize':
      return beginReauthorization(state, command, now);
    case 'void':
      return beginVoid(state, command, body.unknownOnly === true, now);
    case 'refund': {
      const amount = body.amount ?? refundable(payment);
      const refused = refuseRefund(state, amount);
      if (refused !== null) return refuse(command, refused.code, refused.detail);
      const taken = takeRefund(state, command.operation, amount, rates);
      const operation = newOperation(command.operation, 'refund', amount, now, {
        reason: body.reason,
        ...taken.operation,
      });
      const planned = planFrom(state, operation, now);
      return {
        ...planned,
        payment: { amountRefundPending: payment.amountRefundPending + amount },
        operations: [...planned.operations, ...taken.captures],
        postings: taken.postings,
      };
    }
    case 'review':
      return decideReview(state, command, body.decision, now);
    case 'chargeback':
      return takeChargeback(state, command, body, now);
    case 'chargeback_reversal':
      return takeChargebackReversal(state, command, body, now);
    case 'withdrawal':
      return takeWithdrawal(state, command, body, now);
    case 'nudge':
      return {
        ...change(`nudge:${command.id}`, 'nudged'),
        operations: pendingOperations(state)
          .filter(({ dueAt }) => dueAt !== null && dueAt > now)
          .map((operation) => hasten(operation, now)),
        taken: [command.id],
      };
    case 'pause':
    case 'resume':
      return takePause(state, command, now);
    case 'late_answer':
      return takeLateAnswer(state, command, body, now, rates);
    case 'adoption':
      return adopt(state, command, body, now, { rates, terms });
    case 'resolution':
      return takeResolution(state, command, body, now, terms);
  }
}

function planFrom(state: PaymentState, operation: Operation, now: number): Change {
  const planned = planNext(state, operation, now);
  if (planned === null)
    throw new Error(
      `${operation.kind} ${operation.id} of ${state.payment.id} has no authorization to follow up on`,
    );
  return { ...planned, cause: `begin:${operation.id}`, event: `${operation.kind}_started` };
}

function beginVoid(state: PaymentState, command: Command, unknownOnly: boolean, now: number): Change {
  const { payment } = state;
  const authorizing = pendingOperations(state).find(({ kind }) => kind === 'authorize');
  if (authorizing !== undefined) {
    const earlier = waitingVoid(state);
    if (earlier !== null) {
      return refuse(command, 'operation_pending', `${payment.id} is being voided already, by ${earlier.id}`);
    }
    // Not known yet, or not sent yet: the void is taken, and decides what becomes of it.
    const operation = newOperation(command.operation, 'void', payment.amount, now, {
      phase: 'waiting',
      dueAt: null,
    });
    return {
      ...change(`begin:${operation.id}`, 'void_started'),
      operations: [operation, hasten(authorizing, now)],
    };
  }
  if (unknownOnly) {
    return refuse(
      command,
      'payment_not_voidable',
      `${payment.id} is ${payment.status}: its authorization is not unknown any more; release the hold if there is one`,
    );
  }
  // What a pause holds back is no reason to keep a hold: only operators get here while a payment is paused.
  const pending = refusePending(withoutHeldBack(state), 'a void');
  if (pending !== null) return refuse(command, pending.code, pending.detail);
  if (payment.authorizationState !== 'held') {
    const advice = refundable(payment) > 0n ? '; refund it instead' : '';
    return refuse(
      command,
      'payment_not_voidable',
      `${payment.id} is ${payment.status}: nothing is held that could be released${advice}`,
    );
  }
  const planned = planFrom(state, newOperation(command.operation, 'void', capturable(payment), now), now);
  const ended = endForRelease(state, now);
  return { ...planned, ...ended, operations: [...ended.operations, ...planned.operations] };
}

/** Brings what is due later to now. */
function hasten(operation: Operation, now: number): Operation {
  return operation.dueAt === null ? operation : { ...operation, dueAt: Math.min(operation.dueAt, now) };
}

/** Releases what is left of an authorization that can no longer be captured; null while that is not so. */
export function beginExpiry(state: PaymentState, now: number): Change | null {
  const { payment } = state;
  const authorization = authorizationAttempt(state);
  if (authorization === null || payment.authorizationState !== 'held') return null;
  if (payment.captureBefore === null || now < payment.captureBefore) return null;
  const id = expiryIdOf(authorization.operation);
  if (pendingOperations(state).some((one) => !waitsBesideHold(state, one))) return null;
  if (operationOf(state, id) !== null) return null;
  return planFrom(state, newOperation(id, 'expiry', capturable(payment), now), now);
}
