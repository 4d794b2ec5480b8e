import type pg from 'pg';
import type { CardBrand } from '../workflows/domain/card.ts';
import type { Currency } from '../workflows/domain/currencies.ts';
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
} from '../workflows/domain/ids.ts';
import type { OutcomeClass, Remedy, AttemptKind, UnknownPolicy } from '../workflows/domain/outcome.ts';
import type {
  Attempt,
  AuthorizationType,
  AttemptState,
  Command,
  CommandBody,
  FailureCode,
  Operation,
  OperationKind,
  OperationPhase,
  Payment,
  PaymentState,
  Risk,
} from '../workflows/domain/payment.ts';
import type { RouteLeft } from '../workflows/domain/route/types.ts';
import type {
  AuthorizationState,
  Conclusion,
  PaymentStatus,
  ReviewState,
} from '../workflows/domain/status.ts';
import { fundsOf, settlementOf, type FundsJson, type SettlementJson } from './settlement-json.ts';

/**
 * The rows of `load_payment` as JSON. Amounts of one payment are below 10^12 and exact as JSON
 * numbers; they become bigint here, at the first touch.
 */
interface PaymentRow {
  merchant_id: MerchantId;
  id: PaymentId;
  mode: 'test' | 'live';
  version: number;
  created_at: string;
  amount: number;
  currency: Currency;
  capture_method: 'automatic' | 'manual';
  authorization_type: AuthorizationType;
  partial_approval: 'allow' | 'refuse';
  staging_id: StagingId;
  authorize_by: string;
  description: string | null;
  order_reference: string | null;
  customer_reference: string | null;
  customer_id: CustomerId | null;
  ip_address: string | null;
  metadata: Record<string, string>;
  card_token: CardToken | null;
  card_brand: CardBrand;
  card_bin: string;
  card_last_four: string;
  card_expiry_month: number;
  card_expiry_year: number;
  card_fingerprint: string;
  authorization_state: AuthorizationState;
  conclusion: Conclusion;
  review: ReviewState;
  amount_authorized: number;
  amount_captured: number;
  amount_refunded: number;
  amount_refund_pending: number;
  amount_disputed: number;
  status: PaymentStatus;
  failure_code: FailureCode | null;
  decline_code: string | null;
  remedy: Remedy | null;
  capture_before: string | null;
  review_by: string | null;
  authorization_attempt_id: AttemptId | null;
  paused_at: string | null;
}

interface OperationRow {
  id: OperationId;
  kind: OperationKind;
  amount: number;
  state: Operation['state'];
  phase: OperationPhase;
  due_at: string | null;
  unknown_since: string | null;
  inquiries: number;
  attempts: number;
  current_attempt_id: AttemptId | null;
  final: boolean;
  failure_code: FailureCode | null;
  reason: string | null;
  origin: Operation['origin'];
  resolution: Operation['resolution'];
  acquirer_reference: string | null;
  withdraws_operation_id: OperationId | null;
  created_at: string;
  concluded_at: string | null;
  settlement: SettlementJson | null;
  funds: FundsJson | null;
}

interface AttemptRow {
  id: AttemptId;
  operation_id: OperationId;
  number: number;
  kind: AttemptKind;
  state: AttemptState;
  on_unknown: UnknownPolicy;
  acquirer_id: string;
  account_id: AcquirerAccountId;
  task_queue: string;
  fences_by_reversal: boolean;
  in_flight_ms: number;
  case_after_ms: number;
  increments: boolean;
  mcc: string;
  amount: number;
  original_attempt_id: AttemptId | null;
  wire: Record<string, string>;
  acquirer_reference: string | null;
  planned_at: string;
  sending_at: string | null;
  answered_at: string | null;
  send_by: string;
  outcome: OutcomeClass | null;
  response_code: string | null;
  approval_code: string | null;
  network_reference: string | null;
  approved_amount: number | null;
  valid_until: string | null;
  remedy: Remedy | null;
  avs_result: string | null;
  cvv_result: string | null;
  reason: string | null;
}

interface CommandRow {
  id: CommandId;
  kind: CommandBody['kind'];
  origin: 'merchant' | 'operator' | 'acquirer';
  operation_id: OperationId;
  acquirer_reference: string | null;
  body: {
    amount?: number | null;
    reason?: string | null;
    decision?: 'approve' | 'reject';
    fee?: number | null;
    fee_recharged?: number | null;
    withdraws?: OperationId;
    final?: boolean;
    unknown_only?: boolean;
    attempt?: AttemptId;
    outcome?: string;
    approved_amount?: string | null;
    what?: 'capture' | 'refund' | 'void';
    resolves?: OperationId;
    evidence?: string;
  };
}

/** What `load_payment` answers, for who asks for it beside other things; see {@link stateOf}. */
export interface PaymentDocument {
  payment: PaymentRow;
  operations: OperationRow[];
  attempts: AttemptRow[];
  commands: CommandRow[];
  risk: Risk | null;
  route: RouteLeft | null;
  open_case: string | null;
}

/** Reads a payment with all that decisions rest on, in one round trip; null when there is none. */
export async function loadPayment(
  database: Pick<pg.Pool, 'query'>,
  merchant: MerchantId,
  payment: PaymentId,
): Promise<PaymentState | null> {
  const { rows } = await database.query<{ document: PaymentDocument | null }>({
    name: 'load_payment',
    text: 'select load_payment($1, $2) as document',
    values: [merchant, payment],
  });
  const document = rows[0]?.document ?? null;
  return document === null ? null : stateOf(document);
}

/** Several of one merchant's payments, in the order of the ids; those that do not exist are left out. */
export async function loadPayments(
  database: Pick<pg.Pool, 'query'>,
  merchant: MerchantId,
  payments: readonly PaymentId[],
): Promise<PaymentState[]> {
  if (payments.length === 0) return [];
  const { rows } = await database.query<{ document: PaymentDocument | null }>({
    name: 'load_payments',
    text: `select load_payment($1, asked.id) as document
           from unnest($2::text[]) with ordinality as asked (id, place) order by asked.place`,
    values: [merchant, payments],
  });
  return rows.flatMap(({ document }) => (document === null ? [] : [stateOf(document)]));
}

export function stateOf({
  payment,
  operations,
  attempts,
  commands,
  risk,
  route,
  open_case,
}: PaymentDocument): PaymentState {
  return {
    payment: toPayment(payment),
    operations: operations.map(toOperation),
    attempts: attempts.map(toAttempt),
    commands: commands.map(toCommand),
    risk: risk === null ? null : { score: risk.score, decision: risk.decision, reasons: risk.reasons },
    route,
    openCase: open_case,
  };
}

function toPayment(row: PaymentRow): Payment {
  return {
    merchant: row.merchant_id,
    id: row.id,
    mode: row.mode,
    version: row.version,
    createdAt: Date.parse(row.created_at),
    amount: BigInt(row.amount),
    currency: row.currency,
    captureMethod: row.capture_method,
    authorizationType: row.authorization_type,
    partialApproval: row.partial_approval,
    staging: row.staging_id,
    authorizeBy: Date.parse(row.authorize_by),
    description: row.description,
    orderReference: row.order_reference,
    customerReference: row.customer_reference,
    customer: row.customer_id,
    ipAddress: row.ip_address,
    metadata: row.metadata,
    card:
      row.card_token === null
        ? null
        : {
            token: row.card_token,
            brand: row.card_brand,
            bin: row.card_bin,
            lastFour: row.card_last_four,
            expiryMonth: row.card_expiry_month,
            expiryYear: row.card_expiry_year,
            fingerprint: row.card_fingerprint,
          },
    authorizationState: row.authorization_state,
    conclusion: row.conclusion,
    review: row.review,
    amountAuthorized: BigInt(row.amount_authorized),
    amountCaptured: BigInt(row.amount_captured),
    amountRefunded: BigInt(row.amount_refunded),
    amountRefundPending: BigInt(row.amount_refund_pending),
    amountDisputed: BigInt(row.amount_disputed),
    status: row.status,
    failureCode: row.failure_code,
    declineCode: row.decline_code,
    remedy: row.remedy,
    captureBefore: time(row.capture_before),
    reviewBy: time(row.review_by),
    authorizationAttempt: row.authorization_attempt_id,
    pausedAt: time(row.paused_at),
  };
}

function toOperation(row: OperationRow): Operation {
  return {
    id: row.id,
    kind: row.kind,
    amount: BigInt(row.amount),
    state: row.state,
    phase: row.phase,
    dueAt: time(row.due_at),
    unknownSince: time(row.unknown_since),
    inquiries: row.inquiries,
    attempts: row.attempts,
    currentAttempt: row.current_attempt_id,
    final: row.final,
    failureCode: row.failure_code,
    reason: row.reason,
    origin: row.origin,
    resolution: row.resolution,
    acquirerReference: row.acquirer_reference,
    withdraws: row.withdraws_operation_id,
    createdAt: Date.parse(row.created_at),
    concludedAt: time(row.concluded_at),
    settlement: row.settlement === null ? null : settlementOf(row.settlement),
    funds: row.funds === null ? null : fundsOf(row.funds),
  };
}

function toAttempt(row: AttemptRow): Attempt {
  return {
    id: row.id,
    operation: row.operation_id,
    number: row.number,
    kind: row.kind,
    state: row.state,
    onUnknown: row.on_unknown,
    acquirer: row.acquirer_id,
    account: row.account_id,
    taskQueue: row.task_queue,
    fencesByReversal: row.fences_by_reversal,
    inFlightMs: row.in_flight_ms,
    caseAfterMs: row.case_after_ms,
    takesIncrements: row.increments,
    mcc: row.mcc,
    amount: BigInt(row.amount),
    original: row.original_attempt_id,
    wire: row.wire,
    acquirerReference: row.acquirer_reference,
    plannedAt: Date.parse(row.planned_at),
    sendBy: Date.parse(row.send_by),
    latencyMs:
      row.sending_at === null || row.answered_at === null
        ? null
        : Date.parse(row.answered_at) - Date.parse(row.sending_at),
    outcome: row.outcome,
    responseCode: row.response_code,
    approvalCode: row.approval_code,
    networkReference: row.network_reference,
    approvedAmount: row.approved_amount === null ? null : BigInt(row.approved_amount),
    validUntil: time(row.valid_until),
    remedy: row.remedy,
    avsResult: row.avs_result,
    cvvResult: row.cvv_result,
    reason: row.reason,
  };
}

function toCommand(row: CommandRow): Command {
  return { id: row.id, operation: row.operation_id, body: toBody(row) };
}

function toBody(row: CommandRow): CommandBody {
  const { kind, body } = row;
  const amount = body.amount == null ? null : BigInt(body.amount);
  const reason = body.reason ?? null;
  switch (kind) {
    case 'create':
    case 'reauthorize':
    case 'nudge':
    case 'pause':
    case 'resume':
      return { kind };
    case 'void':
      return { kind, unknownOnly: body.unknown_only ?? false, asOperator: row.origin === 'operator' };
    case 'increment':
      if (amount === null) throw new Error('an increment without an amount was stored');
      return { kind, amount };
    case 'capture':
      return { kind, amount, final: body.final ?? false };
    case 'refund':
      return { kind, amount, reason };
    case 'review':
      return { kind, decision: body.decision === 'approve' ? 'approve' : 'reject' };
    case 'chargeback': {
      const fee = body.fee == null ? null : BigInt(body.fee);
      const feeRecharged = body.fee_recharged == null ? null : BigInt(body.fee_recharged);
      const said = { reason, acquirerReference: given(row, row.acquirer_reference) };
      return { kind, amount: given(row, amount), fee, feeRecharged, ...said };
    }
    case 'chargeback_reversal':
      return {
        kind,
        amount: given(row, amount),
        reason,
        acquirerReference: given(row, row.acquirer_reference),
      };
    case 'late_answer':
      return {
        kind,
        attempt: given(row, body.attempt),
        outcome: outcomeOf(row, ['approved', 'declined', 'retryable']),
        approvedAmount: body.approved_amount == null ? null : BigInt(body.approved_amount),
        acquirerReference: given(row, row.acquirer_reference),
        reason,
      };
    case 'adoption':
      return {
        kind,
        what: given(row, body.what),
        amount,
        of: body.attempt ?? null,
        reason,
        acquirerReference: given(row, row.acquirer_reference),
      };
    case 'resolution':
      return {
        kind,
        resolves: given(row, body.resolves),
        attempt: given(row, body.attempt),
        outcome: outcomeOf(row, ['executed', 'not_executed']),
        evidence: given(row, body.evidence),
      };
    case 'withdrawal':
      return {
        kind,
        withdraws: given(row, body.withdraws),
        reason,
        acquirerReference: given(row, row.acquirer_reference),
      };
  }
}

function outcomeOf<const T extends string>(row: CommandRow, outcomes: readonly T[]): T {
  return given(
    row,
    outcomes.find((one) => one === row.body.outcome),
  );
}

/** What a command of this kind is never without: the database checks it (commands_of_acquirers). */
function given<T>({ id, kind }: CommandRow, value: T | null | undefined): T {
  if (value == null) throw new Error(`${kind} ${id} lacks what it must say`);
  return value;
}

function time(text: string | null): number | null {
  return text === null ? null : Date.parse(text);
}
