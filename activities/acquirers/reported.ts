import type { Pool } from 'pg';
import type { AttemptId, MerchantId, OperationId, PaymentId } from '../../workflows/domain/ids.ts';
import type { AttemptKind, OutcomeClass } from '../../workflows/domain/outcome.ts';
import type { AttemptRef } from '../../workflows/ports/acquirer.ts';
import type { AttemptRecord, AttemptState, AttemptStore } from './attempts.ts';
import type { AcquirerReport } from './events.ts';
import { persistently } from './persistently.ts';

/** An attempt that a report is about. */
export interface ReportedAttempt {
  readonly ref: AttemptRef;
  readonly operation: OperationId;
  readonly kind: AttemptKind;
  readonly state: AttemptState;
  readonly outcome: OutcomeClass | null;
  /** Minor units. */
  readonly amount: bigint;
  readonly currency: string;
  readonly acquirerReference: string | null;
  /** Since it was first sent, by the database's clock (ms); null = not sent. */
  readonly sentForMs: number | null;
}

/** What became of an answer that an acquirer reported by itself. */
export type TakenAnswer =
  /** It is in the attempt's row: ring for its payment. */
  | { readonly type: 'taken'; readonly attempt: ReportedAttempt }
  /** The row says so already. */
  | { readonly type: 'repeated'; readonly attempt: ReportedAttempt }
  /** The call itself may still be answered, with more than a report says: bring it again later. */
  | { readonly type: 'early'; readonly attempt: ReportedAttempt }
  /** It names nothing of ours, or nothing that such a report can be about. */
  | { readonly type: 'unknown' }
  /** It is signed, and is not what we asked for: a person has to look. */
  | { readonly type: 'contradicts'; readonly attempt: ReportedAttempt; readonly detail: string };

type AnswerReport = AcquirerReport & { readonly type: 'answer' };

/** What takes the answers that come as events instead of as answers. */
export interface ReportedAnswers {
  /** The attempt of one of those kinds that the report is about, by its names; null when there is none. */
  find(
    acquirer: string,
    report: AcquirerReport,
    kinds: readonly AttemptKind[],
  ): Promise<ReportedAttempt | null>;
  /** Idempotent: the same report again is `repeated`. Errors of the database pass through. */
  take(acquirer: string, report: AnswerReport): Promise<TakenAnswer>;
}

/** An answer to a question that was asked less than this ago may still come by itself (ms). */
const EARLY_MS = 20_000;

const UNDOING_REFUSED = 'undoing_refused';

/** Whether the acquirer has reported that it did not undo what it was asked to: only trying anew is left. */
export function isUndoingRefused({ kind, reason }: Pick<AttemptRecord, 'kind' | 'reason'>): boolean {
  return kind === 'reversal' && reason?.startsWith(UNDOING_REFUSED) === true;
}

/** The account is what was signed, and makes it the right merchant's: ids alone are not looked for. */
const FIND = `
  select t.merchant_id, t.payment_id, t.id, t.operation_id, t.kind, t.state, t.outcome, t.amount, t.currency, t.acquirer_reference,
         (extract(epoch from clock_timestamp() - t.sending_at) * 1000)::float8 as sent_for_ms
  from merchant_acquirer_accounts a
  join attempts t on t.merchant_id = a.merchant_id and t.account_id = a.id
  where a.acquirer_id = $1 and a.merchant_account = $2 and t.acquirer_id = $1
    and (t.id = $3 or t.acquirer_reference = $4) and t.kind = any ($5)
  order by t.acquirer_reference = $4 desc nulls last, t.id
  limit 1`;

interface FoundRow {
  merchant_id: MerchantId;
  payment_id: PaymentId;
  id: AttemptId;
  operation_id: OperationId;
  kind: AttemptKind;
  state: AttemptState;
  outcome: OutcomeClass | null;
  amount: bigint;
  currency: string;
  acquirer_reference: string | null;
  sent_for_ms: number | null;
}

export function createReportedAnswers(database: Pick<Pool, 'query'>, store: AttemptStore): ReportedAnswers {
  async function find(
    acquirer: string,
    { merchantAccount, reference, acquirerReference }: AcquirerReport,
    kinds: readonly AttemptKind[],
  ): Promise<ReportedAttempt | null> {
    const { rows } = await database.query<FoundRow>(FIND, [
      acquirer,
      merchantAccount,
      reference ?? '',
      acquirerReference,
      [...kinds],
    ]);
    const [row] = rows;
    return row === undefined ? null : foundOf(row);
  }

  return {
    find,
    async take(acquirer, report) {
      const attempt = await find(acquirer, report, report.about);
      return attempt === null ? { type: 'unknown' } : takeAnswer(store, attempt, report);
    },
  };
}

/** Writes a reported answer into the row of its attempt, if it is what was asked for. */
export async function takeAnswer(
  store: AttemptStore,
  attempt: ReportedAttempt,
  { answer, currency, acquirerReference, reason }: AnswerReport,
): Promise<TakenAnswer> {
  const { ref, kind, state } = attempt;
  const contradicts = (detail: string): TakenAnswer => ({ type: 'contradicts', attempt, detail });
  const undoes = kind === 'reversal';
  // An undoing that is tried anew has a new name each time.
  if (!undoes && attempt.acquirerReference !== null && attempt.acquirerReference !== acquirerReference)
    return contradicts(`it is known as ${attempt.acquirerReference}, and reported as ${acquirerReference}`);
  if (currency !== null && currency !== attempt.currency)
    return contradicts(`it is in ${attempt.currency}, and reported in ${currency}`);
  const moves = kind === 'capture' || kind === 'refund';
  if (moves && answer.outcome === 'approved' && answer.approvedAmount !== attempt.amount)
    return contradicts(`it is of ${attempt.amount}, and reported of ${String(answer.approvedAmount)}`);
  if (state === 'answered' && attempt.outcome === answer.outcome) return { type: 'repeated', attempt };

  const asks = kind === 'authorization' || kind === 'sale';
  if (state === 'planned' || (asks && state === 'sending' && (attempt.sentForMs ?? 0) < EARLY_MS))
    return { type: 'early', attempt };
  if (undoes && answer.outcome === 'declined') {
    const note = {
      responseCode: answer.responseCode,
      reason: `${UNDOING_REFUSED}: ${reason ?? 'no reason given'}`,
      acquirerReference,
    };
    await persistently(() => store.noteUnknown(ref, note));
    return { type: 'taken', attempt };
  }
  const recorded = await persistently(() => store.recordAnswer(ref, answer));
  if (recorded === 'recorded') return { type: 'taken', attempt };
  return contradicts(
    `it is ${state} ${attempt.outcome ?? ''}, and reported ${answer.outcome}; kept as late answer`,
  );
}

function foundOf(row: FoundRow): ReportedAttempt {
  return {
    ref: { merchant: row.merchant_id, payment: row.payment_id, attempt: row.id },
    operation: row.operation_id,
    kind: row.kind,
    state: row.state,
    outcome: row.outcome,
    amount: row.amount,
    currency: row.currency,
    acquirerReference: row.acquirer_reference,
    sentForMs: row.sent_for_ms,
  };
}
