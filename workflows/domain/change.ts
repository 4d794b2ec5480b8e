import { releaseIdOf, type AttemptId, type CommandId, type OperationId } from './ids.ts';
import type { AttemptKind } from './outcome.ts';
import type { AttemptState, Operation, Payment, PaymentState, Risk } from './payment.ts';
import type { LedgerEvent, MovedPart } from './posting.ts';
import type { Refusal } from './problem.ts';
import { statusOf } from './status.ts';

export const EVENT_TYPES = [
  'payment.authorized',
  'payment.incremented',
  'payment.increment_failed',
  'payment.reauthorized',
  'payment.reauthorization_failed',
  'payment.in_review',
  'payment.captured',
  'payment.partially_captured',
  'payment.declined',
  'payment.blocked',
  'payment.failed',
  'payment.voided',
  'payment.expired',
  'payment.capture_failed',
  'payment.disputed',
  'payment.dispute_reversed',
  'refund.succeeded',
  'refund.failed',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface PlannedAttempt {
  readonly id: AttemptId;
  readonly operation: OperationId;
  readonly number: number;
  readonly kind: AttemptKind;
  readonly amount: bigint;
  /** The attempt it follows up on (capture, void, refund) or undoes (reversal); null for a first one. */
  readonly original: AttemptId | null;
  readonly sendBy: number;
}

export interface OpenedCase {
  readonly kind:
    | 'refund_unknown'
    | 'unknown_too_long'
    | 'not_sent'
    | 'advice_refused'
    | 'answer_mismatch'
    | 'report_contradicts'
    | 'late_answer'
    | 'adopted'
    | 'resolution_contradicted';
  readonly operation: OperationId;
  readonly attempt: AttemptId | null;
  readonly detail: string;
}

type PaymentParts = Pick<
  Payment,
  | 'card'
  | 'authorizationState'
  | 'conclusion'
  | 'review'
  | 'amountAuthorized'
  | 'amountCaptured'
  | 'amountRefunded'
  | 'amountRefundPending'
  | 'amountDisputed'
  | 'failureCode'
  | 'declineCode'
  | 'remedy'
  | 'captureBefore'
  | 'reviewBy'
  | 'authorizationAttempt'
  | 'pausedAt'
>;

/** One event for the ledger: one transaction. */
export interface Posting {
  readonly event: LedgerEvent;
  /** Minor units of the payment's currency; or each of its amounts, where it has more than one. */
  readonly amount: bigint | readonly MovedPart[];
  readonly operation: OperationId;
  readonly attempt: AttemptId | null;
}

/** One change of a payment: everything that is written together, or not at all. */
export interface Change {
  /** Names the step, once per payment: a step that runs again finds it written and changes nothing. */
  readonly cause: string;
  /** What the history calls it. */
  readonly event: string;
  readonly payment: Partial<PaymentParts>;
  /** Whole rows, new or changed. */
  readonly operations: readonly Operation[];
  readonly attemptMoves: readonly {
    readonly id: AttemptId;
    readonly from: AttemptState;
    readonly to: AttemptState;
  }[];
  readonly newAttempt: PlannedAttempt | null;
  readonly postings: readonly Posting[];
  /** Commands that are answered by this change itself, not by an operation of theirs. */
  readonly taken: readonly CommandId[];
  /**
   * Operations whose question is answered by a machine: their cases are closed. `concluded` = those that
   * this change concludes.
   */
  readonly answers: readonly OperationId[] | 'concluded';
  /** Commands that are refused by this change, with why. */
  readonly refusals: readonly { readonly command: CommandId; readonly refusal: Refusal }[];
  readonly events: readonly { readonly type: EventType; readonly operation: OperationId | null }[];
  readonly cases: readonly OpenedCase[];
  readonly risk: Risk | null;
}

/** A change that does nothing yet; steps spread what they do over it. */
export function change(cause: string, event: string): Change {
  return {
    cause,
    event,
    payment: {},
    operations: [],
    attemptMoves: [],
    newAttempt: null,
    postings: [],
    taken: [],
    answers: 'concluded',
    refusals: [],
    events: [],
    cases: [],
    risk: null,
  };
}

/** The state after a change: what the database will hold, computed where answers and events are rendered. */
export function applyChange(before: PaymentState, made: Change): PaymentState {
  const parts = { ...before.payment, ...made.payment };
  const payment: Payment = { ...parts, version: before.payment.version + 1, status: statusOf(parts) };
  const changed = new Map(made.operations.map((operation) => [operation.id, operation]));
  const kept = before.operations.map((operation) => changed.get(operation.id) ?? operation);
  const known = new Set(before.operations.map((operation) => operation.id));
  const added = made.operations.filter((operation) => !known.has(operation.id));
  const moves = new Map(made.attemptMoves.map((move) => [move.id, move.to]));
  return {
    payment,
    operations: [...kept, ...added],
    attempts: before.attempts.map((attempt) => ({
      ...attempt,
      state: moves.get(attempt.id) ?? attempt.state,
    })),
    commands: before.commands,
    risk: made.risk ?? before.risk,
    route: before.route,
    openCase: before.openCase,
  };
}

/**
 * The commands that a state answers: whose operation is concluded. A create with automatic capture
 * is answered when its capture is concluded too.
 */
export function answeredCommands(after: PaymentState): readonly CommandId[] {
  const state = new Map(after.operations.map((operation) => [operation.id, operation.state]));
  return after.commands
    .filter(({ body, operation }) => {
      switch (body.kind) {
        case 'create':
          return (
            after.payment.conclusion !== 'open' ||
            (isConcluded(state.get(operation)) && !capturesItself(after))
          );
        case 'capture':
          return isConcluded(state.get(operation)) && !releasesTheRest(after, operation);
        case 'increment':
        case 'reauthorize':
        case 'void':
        case 'refund':
        case 'chargeback':
        case 'chargeback_reversal':
        case 'withdrawal':
          return isConcluded(state.get(operation));
        case 'nudge':
        case 'pause':
        case 'resume':
        case 'late_answer':
        case 'adoption':
        case 'resolution':
          // By the change itself (taken), or by refusal.
          return false;
        case 'review':
          return after.payment.review === 'approved' || after.payment.review === 'rejected';
      }
    })
    .map(({ id }) => id);
}

function isConcluded(state: Operation['state'] | undefined): boolean {
  return state === 'succeeded' || state === 'failed';
}

/** Its automatic capture is still on the way (not when a review holds it back). */
function capturesItself(after: PaymentState): boolean {
  return (
    after.payment.captureMethod === 'automatic' &&
    after.operations.some((operation) => operation.kind === 'capture' && operation.state === 'pending')
  );
}

/**
 * What a final capture left is being released, for the first time: its answer is worth waiting for. An
 * answer about the capture is not kept back for a release that is unknown or could not be sent.
 */
function releasesTheRest({ operations }: PaymentState, capture: OperationId): boolean {
  const release = operations.find(({ id }) => id === releaseIdOf(capture));
  if (release?.state !== 'pending') return false;
  return release.phase === 'in_flight' || (release.phase === 'ready' && release.attempts === 0);
}

/** A pending operation as it is when it begins. */
export function newOperation(
  id: OperationId,
  kind: Operation['kind'],
  amount: bigint,
  now: number,
  rest: Partial<Operation> = {},
): Operation {
  return {
    id,
    kind,
    amount,
    state: 'pending',
    phase: 'ready',
    dueAt: now,
    unknownSince: null,
    inquiries: 0,
    attempts: 0,
    currentAttempt: null,
    final: false,
    failureCode: null,
    reason: null,
    origin: 'merchant',
    resolution: null,
    acquirerReference: null,
    withdraws: null,
    createdAt: now,
    concludedAt: null,
    settlement: null,
    funds: null,
    ...rest,
  };
}

/** The operation, ended. */
export function concluded(
  operation: Operation,
  state: 'succeeded' | 'failed',
  now: number,
  rest: Partial<Operation> = {},
): Operation {
  return { ...operation, state, phase: 'concluded', dueAt: null, concludedAt: now, ...rest };
}

/** What the merchant wrote stays; elsewhere the reason says what was in the way. */
export function reasonOf(operation: Operation, reason: string | null): string | null {
  return operation.kind === 'refund' ? operation.reason : reason;
}
