import { factsForOperators, type PaymentFacts } from './facts.ts';
import type { AcquirerAccountId, AttemptId, CommandId, OperationId, StagingId } from './ids.ts';
import { stepWhenUnknown } from './inquiry.ts';
import { lapsesAt } from './lapse.ts';
import type { AttemptKind, OutcomeClass, UnknownPolicy } from './outcome.ts';
import {
  attemptOf,
  isPending,
  operationOf,
  pendingOperations,
  type AttemptState,
  type CommandBody,
  type Operation,
  type OperationKind,
  type OperationPhase,
  type PaymentCard,
  type PaymentState,
} from './payment.ts';
import { waitsBesideHold } from './pause.ts';
import { heldBackUntil } from './unsent.ts';

/** A pending operation, as much of it as the workflow decides by. */
export interface OperationView {
  readonly id: OperationId;
  readonly kind: OperationKind;
  readonly phase: OperationPhase;
  readonly dueAt: number | null;
  readonly inquiries: number;
  /** When what it releases counts as gone by itself (epoch ms); null for what releases nothing. */
  readonly lapsesAt: number | null;
  /** Its payment is paused and it is not sent: until when (epoch ms), or null; absent when it is not held back. */
  readonly heldBackUntil?: number | null;
  /** What the payment holds expires beside it (pause.ts); absent where that has to wait. */
  readonly besideHold?: true;
  readonly attempt: AttemptView | null;
}

export interface AttemptView {
  readonly id: AttemptId;
  readonly kind: AttemptKind;
  /** As its row says; not in views that were recorded before grants looked at it. */
  readonly state?: AttemptState;
  /** Where it is sent. */
  readonly account: AcquirerAccountId;
  /** What to do about it now, should it be unknown. */
  readonly onUnknown: UnknownPolicy;
  readonly taskQueue: string;
  /** Which attempt of its operation it is, from 1; not in views that were recorded before patch search-attributes. */
  readonly number?: number;
  /** What became of it was learned after its call was given up: the operation can be concluded with it. */
  readonly answeredLate: boolean;
  /** Its right to have the card's number for a short time; only in the answer of the step that planned it. */
  readonly grant?: string;
}

/**
 * What a workflow run knows of its payment: small, free of card data and of amounts, plain JSON.
 * Every step answers the view after it, so that the loop always decides on what is committed.
 */
export interface PaymentView {
  readonly version: number;
  /** When it was read (epoch ms): the workflow's own clock stands still while its steps go on. */
  readonly at: number;
  readonly authorizeBy: number;
  readonly staging: StagingId;
  readonly card: PaymentCard | null;
  /** Commands that no operation has been begun for, in order. */
  readonly commands: readonly { readonly id: CommandId; readonly kind: CommandBody['kind'] }[];
  /** Commands that are begun and not answered yet. */
  readonly awaited: readonly CommandId[];
  readonly operations: readonly OperationView[];
  /** When the authorization, or its review, runs out (epoch ms). */
  readonly captureBefore: number | null;
  readonly reviewBy: number | null;
  readonly pending: boolean;
  /** Since when it begins nothing new (epoch ms); not in views that were recorded before payments could be paused. */
  readonly pausedAt?: number | null;
  /** Paused before what it was created for was begun: that is still to come, and takes the security code. Absent otherwise. */
  readonly createWaits?: true;
  /** What operators search and read by; not in views that were recorded before patch search-attributes. */
  readonly facts?: PaymentFacts;
}

export function viewOf(state: PaymentState, at: number): PaymentView {
  const { payment } = state;
  const begun = (operation: OperationId): boolean => operationOf(state, operation) !== null;
  const held = payment.authorizationState === 'held';
  const createWaits =
    payment.pausedAt !== null &&
    payment.conclusion === 'open' &&
    state.commands.some(({ body, operation }) => body.kind === 'create' && !begun(operation));
  return {
    version: payment.version,
    at,
    authorizeBy: payment.authorizeBy,
    staging: payment.staging,
    card: payment.card,
    commands: state.commands
      .filter(({ operation }) => !begun(operation))
      .map(({ id, body }) => ({ id, kind: body.kind })),
    awaited: state.commands.filter(({ operation }) => begun(operation)).map(({ id }) => id),
    operations: pendingOperations(state).map((operation) => viewOfOperation(state, operation, at)),
    captureBefore: held ? payment.captureBefore : null,
    reviewBy: held && payment.review === 'open' ? payment.reviewBy : null,
    pending: isPending(state),
    pausedAt: payment.pausedAt,
    ...(createWaits ? { createWaits } : {}),
    facts: factsForOperators(state),
  };
}

function viewOfOperation(state: PaymentState, operation: Operation, at: number): OperationView {
  const { id, kind, phase, dueAt, inquiries, failureCode } = operation;
  const attempt = attemptOf(state, operation.currentAttempt);
  const lapses = lapsesAt(state, operation);
  const until = heldBackUntil(state, operation);
  const beside = waitsBesideHold(state, operation) ? { besideHold: true as const } : {};
  const held = { ...(until === undefined ? {} : { heldBackUntil: until }), ...beside };
  if (attempt === null)
    return { id, kind, phase, dueAt, inquiries, lapsesAt: lapses, ...held, attempt: null };
  // A refused advice is in a case because of its answer: only a person can say more about it.
  const awaitsAnswer =
    phase === 'unknown' || phase === 'waiting' || (phase === 'case' && attempt.onUnknown === 'case');
  // An approval that we may not keep is answered too, and on its way to be undone.
  const known = attempt.state === 'fenced' || (attempt.state === 'answered' && !isOpen(attempt.outcome));
  const answeredLate = awaitsAnswer && known && failureCode === null;
  const { state: attemptState, account, taskQueue, number } = attempt;
  const onUnknown = stepWhenUnknown(state, operation, attempt, at);
  return {
    id,
    kind,
    phase,
    dueAt,
    inquiries,
    lapsesAt: lapses,
    ...held,
    attempt: {
      id: attempt.id,
      kind: attempt.kind,
      state: attemptState,
      account,
      onUnknown,
      taskQueue,
      number,
      answeredLate,
    },
  };
}

/** An answer that says that the answer will come. */
function isOpen(outcome: OutcomeClass | null): boolean {
  return outcome === 'pending' || outcome === 'action_required';
}

/** What the loop does next: one thing at a time. */
export type Work =
  | { readonly kind: 'perform'; readonly command: PaymentView['commands'][number] }
  /** An attempt that nobody waits for: an earlier run was lost, or its answer came late. */
  | { readonly kind: 'recover'; readonly operation: OperationView; readonly attempt: AttemptView }
  | { readonly kind: 'retry'; readonly operation: OperationView }
  | { readonly kind: 'resolve'; readonly operation: OperationView; readonly attempt: AttemptView }
  | { readonly kind: 'expire' }
  | { readonly kind: 'lapse_review' }
  | { readonly kind: 'lapse_hold' }
  | { readonly kind: 'wait'; readonly until: number | null }
  | { readonly kind: 'complete' };

/**
 * The next piece of work of a payment. Commands come first: an unknown operation never keeps the
 * merchant from being answered, if only with "not now".
 */
export function nextWork(view: PaymentView, workflowNow: number): Work {
  const now = Math.max(workflowNow, view.at);
  const command = nextCommand(view, now);
  if (command !== null) return { kind: 'perform', command };
  for (const operation of view.operations) {
    const { phase, attempt, dueAt, lapsesAt: lapses } = operation;
    if (attempt !== null && (phase === 'in_flight' || attempt.answeredLate))
      return { kind: 'recover', operation, attempt };
    if (lapses !== null && lapses <= now) return { kind: 'lapse_hold' };
    if (operation.heldBackUntil !== undefined) {
      // Too late to be sent once it goes on: it ends.
      if (operation.heldBackUntil !== null && operation.heldBackUntil <= now)
        return { kind: 'retry', operation };
      continue;
    }
    if (dueAt === null) {
      // A reversal committed by a run that was lost before it sent it.
      if (phase === 'reversing' && attempt !== null) return { kind: 'resolve', operation, attempt };
      continue;
    }
    if (dueAt > now) continue;
    if (phase === 'ready') return { kind: 'retry', operation };
    if ((phase === 'unknown' || phase === 'reversing' || phase === 'waiting') && attempt !== null)
      return { kind: 'resolve', operation, attempt };
  }
  const isIdle = view.operations.every(({ besideHold }) => besideHold === true);
  if (isIdle && view.reviewBy !== null && view.reviewBy <= now) return { kind: 'lapse_review' };
  if (isIdle && view.captureBefore !== null && view.captureBefore <= now) return { kind: 'expire' };
  if (!view.pending && view.awaited.length === 0) return { kind: 'complete' };
  const deadlines = [
    ...view.operations.flatMap(({ dueAt, lapsesAt: lapses, heldBackUntil: held = dueAt }) => [held, lapses]),
    isIdle ? view.captureBefore : null,
    isIdle ? view.reviewBy : null,
    // What is left of the commands is what the payment was created for, and it is paused.
    view.commands.length > 0 ? view.authorizeBy : null,
  ].filter((at) => at !== null);
  return { kind: 'wait', until: deadlines.length === 0 ? null : Math.min(...deadlines) };
}

/**
 * The command to perform next, null when there is none. To pause and to go on come before everything; what a
 * paused payment was created for waits, and ends by its time.
 */
function nextCommand(view: PaymentView, now: number): PaymentView['commands'][number] | null {
  const first = view.commands.find(({ kind }) => kind === 'pause' || kind === 'resume');
  if (first !== undefined) return first;
  const waits = view.pausedAt != null && now < view.authorizeBy;
  return view.commands.find(({ kind }) => !(waits && kind === 'create')) ?? null;
}
