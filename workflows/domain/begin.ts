import { newOperation, change, concluded, type Change } from './change.ts';
import { attemptId, automaticCaptureIdOf, expiryIdOf, reviewVoidIdOf, type AttemptId } from './ids.ts';
import { formatMoney } from './money.ts';
import type { AttemptKind, UnknownPolicy } from './outcome.ts';
import {
  authorizationAttempt,
  capturable,
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
import type { RefusalCode } from './problem.ts';

/** An attempt that is not on its way this long after it was planned is never sent (ms). */
export const SEND_WITHIN_MS = 15_000;

/** What undoes or settles an attempt whose answer never comes (payment-rules: ambiguity by operation). */
const POLICIES = {
  authorization: 'reverse',
  sale: 'reverse',
  capture: 'repeat',
  void: 'repeat',
  partial_void: 'repeat',
  refund: 'case',
  reversal: 'repeat',
} as const satisfies Record<AttemptKind, UnknownPolicy>;

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
  if (operation.phase !== 'ready') return null;
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

/** Adds the operation's next attempt to a change: from here on it is in flight. */
function withAttempt(
  begun: Change,
  operation: Operation,
  kind: AttemptKind,
  original: AttemptId | null,
  sendBy: number,
): Change {
  const number = operation.attempts + 1;
  const id = attemptId(operation.id, number);
  return {
    ...begun,
    operations: [
      ...begun.operations,
      {
        ...operation,
        phase: 'in_flight',
        dueAt: null,
        attempts: number,
        currentAttempt: id,
        unknownSince: null,
      },
    ],
    newAttempt: {
      id,
      operation: operation.id,
      number,
      kind,
      onUnknown: POLICIES[kind],
      amount: operation.amount,
      original,
      sendBy,
    },
  };
}

/** Plans the next attempt of a capture, void, refund or expiry that is ready to go. */
export function planNext(state: PaymentState, operation: Operation, now: number): Change | null {
  const original = authorizationAttempt(state);
  if (operation.phase !== 'ready' || operation.kind === 'authorize' || original === null) return null;
  const begun = change(`plan:${operation.id}:${operation.attempts + 1}`, `${operation.kind}_planned`);
  return withAttempt(begun, operation, attemptKindOf(state, operation), original.id, now + SEND_WITHIN_MS);
}

function attemptKindOf(state: PaymentState, { kind }: Operation): AttemptKind {
  switch (kind) {
    case 'authorize':
      return 'authorization';
    case 'capture':
      return 'capture';
    case 'refund':
      return 'refund';
    case 'void':
    case 'expiry':
      return state.payment.amountCaptured > 0n ? 'partial_void' : 'void';
  }
}

/** Starts a capture, void or refund, or refuses it; null when it has begun already. */
export function beginFollowUp(state: PaymentState, command: Command, now: number): Change | null {
  if (operationOf(state, command.operation) !== null) return null;
  const { payment } = state;
  const { body } = command;
  switch (body.kind) {
    case 'create':
      return null;
    case 'capture': {
      const amount = body.amount ?? capturable(payment);
      const refused = refuseCapture(state, amount, now);
      if (refused !== null) return refuse(command, refused.code, refused.detail);
      return planFrom(state, newOperation(command.operation, 'capture', amount, now), now);
    }
    case 'void':
      return beginVoid(state, command, now);
    case 'refund': {
      const amount = body.amount ?? refundable(payment);
      const refused = refuseRefund(state, amount);
      if (refused !== null) return refuse(command, refused.code, refused.detail);
      const operation = newOperation(command.operation, 'refund', amount, now, { reason: body.reason });
      const planned = planFrom(state, operation, now);
      return {
        ...planned,
        payment: { amountRefundPending: payment.amountRefundPending + amount },
        postings: [{ event: 'refund_accepted', amount, operation: operation.id, attempt: null }],
      };
    }
    case 'review':
      return decideReview(state, command, body.decision, now);
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

interface Refused {
  readonly code: RefusalCode;
  readonly detail: string;
}

function refuse(command: Command, code: RefusalCode, detail: string): Change {
  return {
    ...change(`refuse:${command.id}`, `${command.body.kind}_refused`),
    refusals: [{ command: command.id, refusal: { code, detail } }],
  };
}

function refusePending(state: PaymentState, asked: string): Refused | null {
  const [pending] = pendingOperations(state);
  if (pending === undefined) return null;
  return {
    code: 'operation_pending',
    detail: `${asked} of ${state.payment.id} must wait: ${pending.kind} ${pending.id} is not finished; ask again after its event`,
  };
}

function refuseCapture(state: PaymentState, amount: bigint, now: number): Refused | null {
  const { payment } = state;
  const { id, currency, captureBefore } = payment;
  if (
    payment.authorizationState === 'expired' ||
    (payment.authorizationState === 'held' && captureBefore !== null && now >= captureBefore)
  ) {
    return {
      code: 'authorization_expired',
      detail: `the authorization of ${id} can no longer be captured; create a new payment`,
    };
  }
  const pending = refusePending(state, 'a capture');
  if (pending !== null) return pending;
  if (payment.authorizationState !== 'held') {
    return {
      code: 'payment_not_capturable',
      detail: `${id} is ${payment.status}: nothing is held that could be captured`,
    };
  }
  if (payment.review === 'open') {
    return {
      code: 'review_open',
      detail: `${id} is in review: it can be captured once the review is approved`,
    };
  }
  if (payment.review === 'rejected') {
    return { code: 'payment_not_capturable', detail: `the review of ${id} was rejected: void it instead` };
  }
  const left = capturable(payment);
  if (amount > left || left === 0n) {
    return {
      code: 'capture_exceeds_authorized',
      detail:
        `capture of ${formatMoney({ minor: amount, currency })} exceeds the ${formatMoney({ minor: left, currency })} still capturable on ${id} ` +
        `(authorized ${formatMoney({ minor: payment.amountAuthorized, currency })}, captured ${formatMoney({ minor: payment.amountCaptured, currency })})`,
    };
  }
  return null;
}

function refuseRefund(state: PaymentState, amount: bigint): Refused | null {
  const { payment } = state;
  const { id, currency } = payment;
  const pending = refusePending(state, 'a refund');
  if (pending !== null) return pending;
  if (payment.amountCaptured === 0n) {
    return {
      code: 'payment_not_refundable',
      detail: `${id} is ${payment.status}: nothing was captured; void it instead`,
    };
  }
  const left = refundable(payment);
  if (amount > left || left === 0n) {
    return {
      code: 'refund_exceeds_captured',
      detail:
        `refund of ${formatMoney({ minor: amount, currency })} exceeds the ${formatMoney({ minor: left, currency })} still refundable on ${id} ` +
        `(captured ${formatMoney({ minor: payment.amountCaptured, currency })}, refunded ${formatMoney({ minor: payment.amountRefunded, currency })})`,
    };
  }
  return null;
}

function beginVoid(state: PaymentState, command: Command, now: number): Change {
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
  const pending = refusePending(state, 'a void');
  if (pending !== null) return refuse(command, pending.code, pending.detail);
  if (payment.authorizationState !== 'held') {
    const advice = refundable(payment) > 0n ? '; refund it instead' : '';
    return refuse(
      command,
      'payment_not_voidable',
      `${payment.id} is ${payment.status}: nothing is held that could be released${advice}`,
    );
  }
  return planFrom(state, newOperation(command.operation, 'void', capturable(payment), now), now);
}

/** Brings what is due later to now. */
function hasten(operation: Operation, now: number): Operation {
  return operation.dueAt === null ? operation : { ...operation, dueAt: Math.min(operation.dueAt, now) };
}

/** Releases what is left of an authorization that can no longer be captured; null while that is not so. */
export function beginExpiry(state: PaymentState, now: number): Change | null {
  const { payment } = state;
  const id = expiryIdOf(payment.id);
  if (payment.authorizationState !== 'held' || payment.captureBefore === null || now < payment.captureBefore)
    return null;
  if (pendingOperations(state).length > 0 || operationOf(state, id) !== null) return null;
  return planFrom(state, newOperation(id, 'expiry', capturable(payment), now), now);
}

function decideReview(
  state: PaymentState,
  command: Command,
  decision: 'approve' | 'reject',
  now: number,
): Change {
  const { payment } = state;
  if (payment.review !== 'open') {
    return refuse(
      command,
      'review_not_open',
      `${payment.id} is ${payment.status}: there is no review to decide`,
    );
  }
  const pending = refusePending(state, 'the review');
  if (pending !== null) return refuse(command, pending.code, pending.detail);
  return endReview(
    state,
    `begin:${command.operation}:${command.id}`,
    decision === 'approve' ? 'approved' : 'rejected',
    command,
    now,
  );
}

function endReview(
  { payment, commands }: PaymentState,
  cause: string,
  review: 'approved' | 'rejected',
  decidedBy: Command | null,
  now: number,
): Change {
  const begun = {
    ...change(cause, `review_${review}`),
    payment: { review, reviewBy: null },
    // A decision that came second must not be told that it was carried out.
    refusals: commands
      .filter(({ id, body }) => body.kind === 'review' && id !== decidedBy?.id)
      .map(({ id }) => ({
        command: id,
        refusal: {
          code: 'review_not_open' as const,
          detail: `the review of ${payment.id} was ${review} before this decision was reached`,
        },
      })),
  };
  if (review === 'rejected') {
    return {
      ...begun,
      operations: [newOperation(reviewVoidIdOf(payment.id), 'void', capturable(payment), now)],
    };
  }
  if (payment.captureMethod === 'manual') return begun;
  return {
    ...begun,
    operations: [newOperation(automaticCaptureIdOf(payment.id), 'capture', capturable(payment), now)],
  };
}

/** A review that nobody decided in time ends as a rejection: the hold is released. */
export function lapseReview(state: PaymentState, now: number): Change | null {
  const { payment } = state;
  if (payment.authorizationState !== 'held' || payment.review !== 'open') return null;
  if (payment.reviewBy === null || now < payment.reviewBy) return null;
  if (pendingOperations(state).length > 0) return null;
  return endReview(state, 'review_lapsed', 'rejected', null, now);
}

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
  if (pending.some(({ phase }) => phase !== 'ready' && phase !== 'waiting')) return null;
  const blocked = code === 'blocked';
  return {
    ...change(`unsent:${code}`, blocked ? 'payment_blocked' : 'payment_not_attempted'),
    payment: {
      conclusion: blocked ? 'blocked' : 'failed',
      failureCode: code,
      ...(known === null ? {} : { card: known.card }),
    },
    risk: known?.risk ?? null,
    operations: pending.map((operation) => concluded(operation, 'failed', now, { failureCode: code })),
    events: [{ type: blocked ? 'payment.blocked' : 'payment.failed', operation: null }],
  };
}
