import type { CardBrand } from './card.ts';
import type { Currency } from './currencies.ts';
import type {
  AcquirerAccountId,
  AttemptId,
  CardToken,
  CustomerId,
  CommandId,
  MerchantId,
  OperationId,
  PaymentId,
  StagingId,
} from './ids.ts';
import type { AttemptKind, OutcomeClass, Remedy, UnknownPolicy } from './outcome.ts';
import type { Funds, Settlement } from './settlement.ts';
import type { RouteLeft } from './route/types.ts';
import type { AuthorizationState, Conclusion, PaymentStatus, ReviewState } from './status.ts';

/** What the rest of the system knows of the card: see workflows/ports/vault.ts. */
export interface PaymentCard {
  readonly token: CardToken;
  readonly brand: CardBrand;
  readonly bin: string;
  readonly lastFour: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
  readonly fingerprint: string;
}

/** `final`: the amount that will be taken. `pre`: an estimate, valid longer, and it may be increased. */
export type AuthorizationType = 'final' | 'pre';

/** A payment's row: what was asked, and the parts it is made of. Times are epoch ms. */
export interface Payment {
  readonly merchant: MerchantId;
  readonly id: PaymentId;
  readonly mode: 'test' | 'live';
  readonly version: number;
  readonly createdAt: number;
  readonly amount: bigint;
  readonly currency: Currency;
  readonly captureMethod: 'automatic' | 'manual';
  /** What was agreed with the cardholder: the amount is final, or an estimate that may still grow. */
  readonly authorizationType: AuthorizationType;
  readonly partialApproval: 'allow' | 'refuse';
  readonly staging: StagingId;
  readonly authorizeBy: number;
  readonly description: string | null;
  readonly orderReference: string | null;
  readonly customerReference: string | null;
  readonly customer: CustomerId | null;
  readonly ipAddress: string | null;
  readonly metadata: Readonly<Record<string, string>>;

  readonly card: PaymentCard | null;
  readonly authorizationState: AuthorizationState;
  readonly conclusion: Conclusion;
  readonly review: ReviewState;
  readonly amountAuthorized: bigint;
  readonly amountCaptured: bigint;
  readonly amountRefunded: bigint;
  readonly amountRefundPending: bigint;
  /** Charged back and not given back since. */
  readonly amountDisputed: bigint;
  readonly status: PaymentStatus;
  readonly failureCode: FailureCode | null;
  readonly declineCode: string | null;
  readonly remedy: Remedy | null;
  readonly captureBefore: number | null;
  readonly reviewBy: number | null;
  readonly authorizationAttempt: AttemptId | null;
  /** Since when it begins nothing new, by an operator's decision; null = it is not paused. */
  readonly pausedAt: number | null;
}

/** Why a payment or an operation ended without effect. */
export const FAILURE_CODES = [
  'not_attempted',
  'reversed_unknown',
  'not_executed',
  'partial_not_accepted',
  'answer_mismatch',
  'declined',
  'blocked',
  'no_route',
  'capture_failed',
  'refund_failed',
  'retry_not_allowed',
  'not_acknowledged',
] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];

export const OPERATION_KINDS = [
  'authorize',
  'reauthorize',
  'increment',
  'capture',
  'release',
  'void',
  'expiry',
  'refund',
  'undo',
  'chargeback',
  'chargeback_reversal',
  'withdrawal',
] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

/**
 * Where a pending operation stands.
 * - ready: nothing of it is at an acquirer; the next attempt is planned at dueAt
 * - in_flight: an attempt is planned or on its way
 * - unknown: the answer did not come; its attempt's policy is applied at dueAt
 * - reversing: the reversal is committed and repeated until acknowledged
 * - waiting: the acquirer holds it and will report; or it waits for another operation
 * - case: only a person, or a late answer, can tell
 */
export const OPERATION_PHASES = [
  'ready',
  'in_flight',
  'unknown',
  'reversing',
  'case',
  'waiting',
  'concluded',
] as const;
export type OperationPhase = (typeof OPERATION_PHASES)[number];

/** One capture, refund, void, … of a payment: a row with its own small machine. */
export interface Operation {
  readonly id: OperationId;
  readonly kind: OperationKind;
  readonly amount: bigint;
  readonly state: 'pending' | 'succeeded' | 'failed';
  readonly phase: OperationPhase;
  readonly dueAt: number | null;
  readonly unknownSince: number | null;
  /** How often it was asked what became of it; also tells one asking from the next. */
  readonly inquiries: number;
  readonly attempts: number;
  readonly currentAttempt: AttemptId | null;
  /** Captures only: nothing more will be captured, what is left of the hold is released. */
  readonly final: boolean;
  readonly failureCode: FailureCode | null;
  readonly reason: string | null;
  /** Who began it: one of us (the merchant, or what follows from its wish), or the acquirer's side, which told us afterwards. */
  readonly origin: 'merchant' | 'acquirer';
  /** What a person said became of it, when no machine could; null = nobody had to. */
  readonly resolution: 'executed' | 'not_executed' | null;
  /** What the acquirer calls it; of what an acquirer reports, null of what we ask for. */
  readonly acquirerReference: string | null;
  /** Of a withdrawal: the capture or refund whose success is taken back. */
  readonly withdraws: OperationId | null;
  readonly createdAt: number;
  readonly concludedAt: number | null;
  /** Captures and refunds under terms: what they came to, and by which terms. */
  readonly settlement: Settlement | null;
  /** Beside a settlement: where the funds are now. */
  readonly funds: Funds | null;
}

export const ATTEMPT_STATES = ['planned', 'sending', 'answered', 'fenced', 'reversing', 'reversed'] as const;
export type AttemptState = (typeof ATTEMPT_STATES)[number];

/** One try at an acquirer, as far as decisions need it. */
export interface Attempt {
  readonly id: AttemptId;
  readonly operation: OperationId;
  readonly number: number;
  readonly kind: AttemptKind;
  readonly state: AttemptState;
  readonly onUnknown: UnknownPolicy;
  readonly acquirer: string;
  readonly account: AcquirerAccountId;
  readonly taskQueue: string;
  readonly fencesByReversal: boolean;
  readonly inFlightMs: number;
  /** Unknown for so long (ms), it is put before a person; of the acquirer (acquirers.case_after). */
  readonly caseAfterMs: number;
  /** Its account can add to an authorization. */
  readonly takesIncrements: boolean;
  /** Category that its account is registered with, 4 digits. */
  readonly mcc: string;
  readonly amount: bigint;
  readonly original: AttemptId | null;
  readonly wire: Readonly<Record<string, string>>;
  /** What the acquirer calls it, where it gave it a name before it was carried out. */
  readonly acquirerReference: string | null;
  readonly plannedAt: number;
  readonly sendBy: number;
  /** From the first byte to the answer (ms); null while there is none. */
  readonly latencyMs: number | null;
  readonly outcome: OutcomeClass | null;
  readonly responseCode: string | null;
  readonly approvalCode: string | null;
  /** Network transaction id of the answer. */
  readonly networkReference: string | null;
  readonly approvedAmount: bigint | null;
  /** When the authorization ends by the acquirer's own word (epoch ms); null when it gave none. */
  readonly validUntil: number | null;
  readonly remedy: Remedy | null;
  readonly avsResult: string | null;
  readonly cvvResult: string | null;
  readonly reason: string | null;
}

/** `final`: nothing more will be captured; not so unless it says. */
export type CommandBody =
  | { readonly kind: 'create' }
  | { readonly kind: 'reauthorize' }
  | { readonly kind: 'increment'; readonly amount: bigint }
  | { readonly kind: 'capture'; readonly amount: bigint | null; readonly final?: boolean }
  /**
   * `unknownOnly`: an operator undoes what is unknown, and nothing that is known by now; not so unless it says.
   * `asOperator`: no merchant asks for it.
   */
  | { readonly kind: 'void'; readonly unknownOnly?: boolean; readonly asOperator?: boolean }
  | { readonly kind: 'refund'; readonly amount: bigint | null; readonly reason: string | null }
  | { readonly kind: 'review'; readonly decision: 'approve' | 'reject' }
  /** Ask now about what is unknown, not when it is due: the acquirer is there again. */
  | { readonly kind: 'nudge' }
  /** Begin nothing new until somebody says `resume`; what is at an acquirer is concluded. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | ReportBody
  | LateAnswerBody
  | AdoptionBody
  | ResolutionBody;

/** What a message of ours came to, learned after its call was over: late on the wire, or by an event. */
export interface LateAnswerBody {
  readonly kind: 'late_answer';
  readonly attempt: AttemptId;
  readonly outcome: 'approved' | 'declined' | 'retryable';
  /** Minor units; null when nothing was approved, or the answer did not say how much. */
  readonly approvedAmount: bigint | null;
  readonly acquirerReference: string;
  readonly reason: string | null;
}

/** Something that the acquirer's side did to the payment and that is no attempt of ours. */
export interface AdoptionBody extends Report {
  readonly kind: 'adoption';
  readonly what: 'capture' | 'refund' | 'void';
  /** Minor units; null of a void, which is of all that is held. */
  readonly amount: bigint | null;
  /** The authorization that it was done to; null where its acquirer does not say. */
  readonly of: AttemptId | null;
}

/** What a person found out about an operation that is unknown. */
export interface ResolutionBody {
  readonly kind: 'resolution';
  readonly resolves: OperationId;
  readonly attempt: AttemptId;
  readonly outcome: 'executed' | 'not_executed';
  /** The acquirer's reference, or the line of its report. */
  readonly evidence: string;
}

/** What an acquirer tells of a payment: done already, nothing is sent for it. */
export type ReportBody = ChargebackBody | ChargebackReversalBody | WithdrawalBody;

interface Report {
  /** The acquirer's own name of this one movement. */
  readonly acquirerReference: string;
  /** The network's reason code, or what the acquirer says. */
  readonly reason: string | null;
}

export interface ChargebackBody extends Report {
  readonly kind: 'chargeback';
  readonly amount: bigint;
  /** What the acquirer takes for the dispute, and what of it the merchant pays (minor units). */
  readonly fee: bigint | null;
  readonly feeRecharged: bigint | null;
}

export interface ChargebackReversalBody extends Report {
  readonly kind: 'chargeback_reversal';
  readonly amount: bigint;
}

/** A capture or refund that succeeded has failed after all. */
export interface WithdrawalBody extends Report {
  readonly kind: 'withdrawal';
  readonly withdraws: OperationId;
}

/** What somebody asked for and has not been answered yet. */
export interface Command {
  readonly id: CommandId;
  readonly operation: OperationId;
  readonly body: CommandBody;
}

export interface Risk {
  readonly score: number;
  readonly decision: 'accept' | 'review' | 'block';
  readonly reasons: readonly string[];
}

/** A payment with everything that decisions about it rest on. */
export interface PaymentState {
  readonly payment: Payment;
  readonly operations: readonly Operation[];
  readonly attempts: readonly Attempt[];
  /** Pending ones, in the order in which they were accepted. */
  readonly commands: readonly Command[];
  readonly risk: Risk | null;
  /** What the last routing decision left open; null when there was none yet. */
  readonly route: RouteLeft | null;
  /** Kind of the newest case that is open; null when none is. */
  readonly openCase: string | null;
}

/** What could still be captured, in minor units; 0 when nothing is held. */
export function capturable(payment: Payment): bigint {
  return payment.authorizationState === 'held' ? payment.amountAuthorized - payment.amountCaptured : 0n;
}

/** What could still be given back, in minor units, not counting refunds on their way. */
export function refundable(payment: Payment): bigint {
  return payment.amountCaptured - payment.amountRefunded - payment.amountRefundPending;
}

export function operationOf(state: PaymentState, id: OperationId): Operation | null {
  return state.operations.find((operation) => operation.id === id) ?? null;
}

export function attemptOf(state: PaymentState, id: AttemptId | null): Attempt | null {
  return state.attempts.find((attempt) => attempt.id === id) ?? null;
}

export function pendingOperations(state: PaymentState): readonly Operation[] {
  return state.operations.filter((operation) => operation.state === 'pending');
}

/** Nothing of it is at an acquirer. What waits with an attempt waits for an acquirer that holds it. */
export function isAtNoAcquirer({ phase, currentAttempt }: Operation): boolean {
  return phase === 'ready' || (phase === 'waiting' && currentAttempt === null);
}

/** @throws Error: nothing is ever sent for what an acquirer reports. */
export function neverSent({ kind, id }: Operation): never {
  throw new Error(`${kind} ${id} is an acquirer's report: nothing can be sent for it`);
}

/** The void that was asked for before it was known what there is to release; there is one at most. */
export function waitingVoid(state: PaymentState): Operation | null {
  return (
    pendingOperations(state).find(
      ({ kind, phase, currentAttempt }) => kind === 'void' && phase === 'waiting' && currentAttempt === null,
    ) ?? null
  );
}

/** The attempt whose approval holds, or took, the cardholder's money. */
export function authorizationAttempt(state: PaymentState): Attempt | null {
  return attemptOf(state, state.payment.authorizationAttempt);
}

/**
 * Whether an operation undoes an approval that the payment does not stand on: another authorization's, wherever that
 * was made. What is held or was taken here is nothing to it, and does not wait for it.
 */
export function undoesAnother(state: PaymentState, { kind, currentAttempt }: Operation): boolean {
  const standsOn = state.payment.authorizationAttempt;
  const undone = attemptOf(state, attemptOf(state, currentAttempt)?.original ?? null);
  if (kind !== 'undo' || standsOn === null || undone === null) return false;
  // What was added to an authorization is part of it.
  return (undone.kind === 'increment' ? undone.original : undone.id) !== standsOn;
}

/** Whether something is awaited or unfinished: exactly then a workflow is open for the payment. */
export function isPending(state: Pick<PaymentState, 'payment' | 'operations'>): boolean {
  const { conclusion, authorizationState } = state.payment;
  const awaitsAuthorization =
    conclusion === 'open' && (authorizationState === 'none' || authorizationState === 'unknown');
  return (
    awaitsAuthorization ||
    authorizationState === 'held' ||
    state.operations.some((operation) => operation.state === 'pending')
  );
}
