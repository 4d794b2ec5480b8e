import type pg from 'pg';
import { atBoundaries, type Boundary } from '../../platform/crash-points.ts';
import { newId } from '../../platform/new-id.ts';
import { toJson } from '../../schema/settlement-json.ts';
import { NEWEST } from '../../workflows/domain/api-versions.ts';
import { answeredCommands, applyChange, type Change, type Posting } from '../../workflows/domain/change.ts';
import { fundsDueAt as fundsDueAtOf } from '../../workflows/domain/due-funds.ts';
import { authorizationIdOf, type CommandId } from '../../workflows/domain/ids.ts';
import { isPending, operationOf, type Operation, type PaymentState } from '../../workflows/domain/payment.ts';
import type { UnknownPolicy } from '../../workflows/domain/outcome.ts';
import { acquirerOf } from '../../workflows/domain/posting-acquirer.ts';
import { postingsOf } from '../../workflows/domain/posting.ts';
import { REFUSALS } from '../../workflows/domain/problem.ts';
import { answerBody, eventBody, refusalBody } from '../../workflows/domain/resource.ts';
import type { AcquirerAccountId } from '../../workflows/domain/ids.ts';
import type { WireFields } from '../../workflows/ports/wire.ts';

/** What a change needs from outside the payment to become rows. */
export interface RecordContext {
  /** Epoch ms. */
  readonly at: number;
  readonly workflowRunId: string;
  /** Which activity writes it, and in which of its attempts: `conclude 1`; null when none does. */
  readonly activity: string | null;
  /** The new attempt's place and its wire references; null when the change plans none. */
  readonly placed: {
    readonly acquirer: string;
    readonly account: AcquirerAccountId;
    readonly wire: WireFields;
    /** What becomes of it should its answer never come; committed with the plan. */
    readonly onUnknown: UnknownPolicy;
  } | null;
  /** The routing decision to keep with the attempt. */
  readonly route: unknown;
}

export type Recorded = 'applied' | 'repeated' | 'stale';

/** One change of a payment, whole or not at all, in one round trip and one transaction of its own. */
export async function recordChange(
  pool: pg.Pool,
  before: PaymentState,
  made: Change,
  context: RecordContext,
): Promise<Recorded> {
  const [recorded] = await recordDocuments(pool, [changeDocument(before, made, context)]);
  if (recorded === undefined) throw new Error(`record_changes answered nothing for ${before.payment.id}`);
  return recorded;
}

/** Writes changes, each of another payment, in one transaction (schema: record_changes); answers in their order. */
export async function recordDocuments(
  pool: pg.Pool,
  documents: readonly ChangeDocument[],
): Promise<readonly Recorded[]> {
  const { rows } = await atBoundaries(
    () => boundariesOf(documents),
    () =>
      pool.query<{ answers: Recorded[] }>({
        name: 'record_changes',
        text: 'select record_changes($1::jsonb) as answers',
        values: [JSON.stringify(documents)],
      }),
  );
  const answers = rows[0]?.answers ?? [];
  if (answers.length !== documents.length)
    throw new Error(`record_changes answered ${answers.length} of ${documents.length} changes`);
  return answers;
}

/** The boundaries that a commit is, by what is in it: one commit is several of them. */
const COMMITTED = {
  'attempt-row': 'new_attempts',
  'ledger-commit': 'transactions',
  'outbox-commit': 'events',
} as const satisfies Partial<Record<Boundary, string>>;

function boundariesOf(documents: readonly ChangeDocument[]): readonly Boundary[] {
  return (Object.keys(COMMITTED) as (keyof typeof COMMITTED)[]).filter((boundary) =>
    documents.some((document) => (document[COMMITTED[boundary]] as readonly unknown[]).length > 0),
  );
}

/** What record_changes takes for one change. */
export interface ChangeDocument {
  readonly payment_id: string;
  readonly [part: string]: unknown;
}

/** A change as rows: what the database will hold after it, rendered. */
export function changeDocument(before: PaymentState, made: Change, context: RecordContext): ChangeDocument {
  const after = applyChange(before, made);
  const { payment } = after;
  const at = iso(context.at);
  const { newAttempt } = made;
  const planned =
    newAttempt === null || context.placed === null
      ? null
      : { id: newAttempt.id, operation: newAttempt.operation, acquirer: context.placed.acquirer };
  return {
    merchant_id: payment.merchant,
    payment_id: payment.id,
    expected_version: before.payment.version,
    cause: made.cause,
    event: made.event,
    at,
    workflow_run_id: context.workflowRunId,
    activity: context.activity,
    detail: detailOf(made),
    payment: {
      card_token: payment.card?.token ?? null,
      card_brand: payment.card?.brand ?? null,
      card_bin: payment.card?.bin ?? null,
      card_last_four: payment.card?.lastFour ?? null,
      card_expiry_month: payment.card?.expiryMonth ?? null,
      card_expiry_year: payment.card?.expiryYear ?? null,
      card_fingerprint: payment.card?.fingerprint ?? null,
      authorization_state: payment.authorizationState,
      conclusion: payment.conclusion,
      review: payment.review,
      amount_authorized: payment.amountAuthorized.toString(),
      amount_captured: payment.amountCaptured.toString(),
      amount_refunded: payment.amountRefunded.toString(),
      amount_refund_pending: payment.amountRefundPending.toString(),
      amount_disputed: payment.amountDisputed.toString(),
      status: payment.status,
      failure_code: payment.failureCode,
      decline_code: payment.declineCode,
      remedy: payment.remedy,
      capture_before: payment.captureBefore === null ? null : iso(payment.captureBefore),
      review_by: payment.reviewBy === null ? null : iso(payment.reviewBy),
      authorization_attempt_id: payment.authorizationAttempt,
      paused_at: payment.pausedAt === null ? null : iso(payment.pausedAt),
      pending: isPending(after),
    },
    risk: made.risk,
    route:
      context.route == null
        ? null
        : { attempt_number: newAttempt?.number ?? nextAttemptOf(before), decision: context.route },
    operations: made.operations.map(operationRow),
    attempt_moves: made.attemptMoves,
    new_attempts:
      newAttempt === null || context.placed === null
        ? []
        : [
            {
              id: newAttempt.id,
              operation_id: newAttempt.operation,
              number: newAttempt.number,
              kind: newAttempt.kind,
              acquirer_id: context.placed.acquirer,
              account_id: context.placed.account,
              on_unknown: context.placed.onUnknown,
              amount: newAttempt.amount.toString(),
              currency: payment.currency,
              wire: context.placed.wire,
              original_attempt_id: newAttempt.original,
              send_by: iso(newAttempt.sendBy),
            },
          ],
    transactions: made.postings.map((posting) => ({
      mode: payment.mode,
      event: posting.event,
      operation_id: posting.operation,
      attempt_id: posting.attempt,
      business_key: `${posting.operation}:${posting.event}`,
      legs: postingsOf(
        posting.event,
        posting.amount,
        payment.currency,
        acquirerOf(after, posting, planned),
      ).map(({ code, normalSide, currency, amount }) => ({
        code,
        normal_side: normalSide,
        currency,
        amount: amount.toString(),
      })),
    })),
    answers: [...refusalAnswers(after, made), ...finalAnswers(after, made)],
    answered_operations: answeredOperations(before, made),
    events: made.events.map(({ type, operation }) => {
      const id = newId('evt');
      const about = operation === null ? null : operationOf(after, operation);
      return {
        id,
        type,
        mode: payment.mode,
        api_version: NEWEST,
        body: eventBody({ id, type, at: context.at, state: after, operation: about }),
      };
    }),
    cases: made.cases.map(({ kind, operation, attempt, detail }) => ({
      id: newId('case'),
      kind,
      operation_id: operation,
      attempt_id: attempt,
      detail: { text: detail },
    })),
  };
}

/** The authorization attempt that a decision without one was about: the next. */
function nextAttemptOf(before: PaymentState): number {
  return (operationOf(before, authorizationIdOf(before.payment.id))?.attempts ?? 0) + 1;
}

/** What the history keeps of a change beyond its name: enough to read it without other tables. */
function detailOf(made: Change): Record<string, unknown> {
  return {
    operations: made.operations.map(({ id, state, phase, reason, failureCode }) => ({
      id,
      state,
      phase,
      reason,
      failure_code: failureCode,
    })),
    ...(made.newAttempt === null ? {} : { attempt: made.newAttempt.id, kind: made.newAttempt.kind }),
    ...(made.postings.length === 0
      ? {}
      : { postings: made.postings.map(({ event, amount }) => ({ event, ...amountsOf(amount) })) }),
    ...(made.refusals.length === 0
      ? {}
      : { refused: made.refusals.map(({ command, refusal }) => ({ command, ...refusal })) }),
    ...(made.cases.length === 0 ? {} : { cases: made.cases.map(({ kind, detail }) => ({ kind, detail })) }),
  };
}

function amountsOf(amount: Posting['amount']): Record<string, unknown> {
  if (typeof amount === 'bigint') return { amount: amount.toString() };
  return {
    amounts: amount.map((one) => ({ part: one.part, amount: one.amount.toString(), currency: one.currency })),
  };
}

interface Answer {
  readonly command_id: CommandId;
  readonly status: number;
  readonly body: string;
}

function refusalAnswers(after: PaymentState, made: Change): readonly Answer[] {
  return made.refusals.map(({ command, refusal }) => ({
    command_id: command,
    status: REFUSALS[refusal.code].status,
    body: refusalBody(refusal, after.payment.id),
  }));
}

/** The operations about which nothing is to be asked any more: their cases are closed. */
function answeredOperations(before: PaymentState, made: Change): readonly string[] {
  if (made.answers !== 'concluded') return made.answers;
  return made.operations
    .filter(({ id, state }) => state !== 'pending' && operationOf(before, id)?.state === 'pending')
    .map(({ id }) => id);
}

/** Commands that this change answers with the thing they asked for. */
function finalAnswers(after: PaymentState, made: Change): readonly Answer[] {
  const refused = new Set(made.refusals.map(({ command }) => command));
  const answered = new Set([...answeredCommands(after), ...made.taken]);
  return after.commands
    .filter(({ id }) => answered.has(id) && !refused.has(id))
    .map(({ id, operation, body }) => ({
      command_id: id,
      status: body.kind === 'create' || body.kind === 'refund' || body.kind === 'increment' ? 201 : 200,
      body: answerBody(after, operationOf(after, operation)),
    }));
}

function operationRow(operation: Operation): Record<string, unknown> {
  const fundsDueAt = fundsDueAtOf(operation);
  return {
    id: operation.id,
    kind: operation.kind,
    amount: operation.amount.toString(),
    state: operation.state,
    phase: operation.phase,
    due_at: operation.dueAt === null ? null : iso(operation.dueAt),
    unknown_since: operation.unknownSince === null ? null : iso(operation.unknownSince),
    inquiries: operation.inquiries,
    attempts: operation.attempts,
    current_attempt_id: operation.currentAttempt,
    final: operation.final,
    failure_code: operation.failureCode,
    reason: operation.reason === null ? null : cut(operation.reason, REASON_LENGTH_MAX),
    origin: operation.origin,
    resolution: operation.resolution,
    acquirer_reference: operation.acquirerReference,
    withdraws_operation_id: operation.withdraws,
    created_at: iso(operation.createdAt),
    concluded_at: operation.concludedAt === null ? null : iso(operation.concludedAt),
    settlement: operation.settlement === null ? null : toJson(operation.settlement),
    funds: operation.funds === null ? null : toJson(operation.funds),
    funds_due_at: fundsDueAt === null ? null : iso(fundsDueAt),
  };
}

/** As PostgreSQL counts (operations.reason): characters, not halves of them. */
const REASON_LENGTH_MAX = 500;

function cut(text: string, length: number): string {
  return Array.from(text).slice(0, length).join('');
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
