import type pg from 'pg';
import type {
  CardVerification,
  UnknownReason,
  VerificationAttempt,
  VerificationStatus,
  VerificationView,
} from '../workflows/domain/card-verification.ts';
import type { CardBrand } from '../workflows/domain/card.ts';
import type {
  AcquirerAccountId,
  AttemptId,
  CardToken,
  MerchantId,
  StagingId,
  VerificationId,
} from '../workflows/domain/ids.ts';
import type { Remedy } from '../workflows/domain/outcome.ts';

/** A verification whole: as it is shown, as it is decided about, and its answer's bytes once it has ended. */
export interface LoadedVerification {
  readonly shown: CardVerification;
  readonly view: VerificationView;
  readonly answerBody: string | null;
  /** What an attempt of it was answered; null when there is no such attempt. */
  readonly answerOf: (attempt: AttemptId) => CardVerification['answer'];
}

interface AttemptJson {
  readonly id: AttemptId;
  readonly number: number;
  readonly acquirer: string;
  readonly account: AcquirerAccountId;
  readonly task_queue: string;
  readonly state: VerificationAttempt['state'];
  readonly outcome: VerificationAttempt['outcome'];
  readonly given_up_at: string | null;
  readonly rrn: string | null;
  readonly response_code: string | null;
  readonly remedy: Remedy | null;
  readonly avs_result: string | null;
  readonly cvv_result: string | null;
}

interface Row {
  readonly merchant_id: MerchantId;
  readonly id: VerificationId;
  readonly mode: 'test' | 'live';
  readonly created_at: Date;
  readonly currency: string;
  readonly staging_id: StagingId;
  readonly verify_by: Date;
  readonly customer_reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly card_token: CardToken | null;
  readonly card_brand: CardBrand | null;
  readonly card_bin: string | null;
  readonly card_last_four: string | null;
  readonly card_expiry_month: number | null;
  readonly card_expiry_year: number | null;
  readonly card_fingerprint: string | null;
  readonly status: VerificationStatus;
  readonly unknown_reason: UnknownReason | null;
  readonly attempt_id: AttemptId | null;
  readonly concluded_at: Date | null;
  readonly answer_body: string | null;
  readonly attempts: readonly AttemptJson[];
}

const LOAD = `
  select v.*, coalesce((
    select jsonb_agg(jsonb_build_object('id', a.id, 'number', a.number, 'acquirer', a.acquirer_id, 'account', a.account_id,
      'task_queue', q.task_queue, 'state', a.state, 'outcome', a.outcome, 'given_up_at', a.given_up_at, 'rrn', a.wire ->> 'rrn',
      'response_code', a.response_code, 'remedy', a.remedy, 'avs_result', a.avs_result, 'cvv_result', a.cvv_result) order by a.number)
    from verification_attempts a join acquirers q on q.id = a.acquirer_id
    where a.merchant_id = v.merchant_id and a.verification_id = v.id), '[]') as attempts
  from card_verifications v where v.merchant_id = $1 and v.id = any ($2::text[]) and ($3::text is null or v.mode = $3)`;

type Database = Pick<pg.Pool, 'query'>;

/** In no order; what does not exist, or is of another mode where one is named, is not there. */
export async function loadVerifications(
  database: Database,
  merchant: MerchantId,
  ids: readonly VerificationId[],
  mode: 'test' | 'live' | null = null,
): Promise<readonly LoadedVerification[]> {
  const { rows } = await database.query<Row>({
    name: 'load_verifications',
    text: LOAD,
    values: [merchant, ids, mode],
  });
  return rows.map(verificationOf);
}

/** Null when this merchant has none with this id (and in this mode, where one is named). */
export async function loadVerification(
  database: Database,
  merchant: MerchantId,
  id: VerificationId,
  mode: 'test' | 'live' | null = null,
): Promise<LoadedVerification | null> {
  const [found] = await loadVerifications(database, merchant, [id], mode);
  return found ?? null;
}

function verificationOf(row: Row): LoadedVerification {
  const verifyBy = row.verify_by.getTime();
  const answered = row.attempts.find(({ id }) => id === row.attempt_id);
  return {
    shown: {
      id: row.id,
      merchant: row.merchant_id,
      mode: row.mode,
      createdAt: row.created_at.getTime(),
      currency: row.currency,
      status: row.status,
      unknownReason: row.unknown_reason,
      card: cardOf(row),
      verifyBy,
      concludedAt: row.concluded_at?.getTime() ?? null,
      customerReference: row.customer_reference,
      metadata: row.metadata,
      answer: answered === undefined ? null : answerOf(answered),
    },
    view: {
      status: row.status,
      staging: row.staging_id,
      verifyBy,
      attempts: row.attempts.map((attempt) => ({
        id: attempt.id,
        number: attempt.number,
        acquirer: attempt.acquirer,
        account: attempt.account,
        taskQueue: attempt.task_queue,
        state: attempt.state,
        outcome: attempt.outcome,
        givenUpAt: attempt.given_up_at === null ? null : Date.parse(attempt.given_up_at),
      })),
    },
    answerBody: row.answer_body,
    answerOf: (attempt) => {
      const found = row.attempts.find(({ id }) => id === attempt);
      return found === undefined ? null : answerOf(found);
    },
  };
}

function answerOf(attempt: AttemptJson): NonNullable<CardVerification['answer']> {
  return {
    acquirer: attempt.acquirer,
    reference: attempt.rrn,
    responseCode: attempt.response_code,
    remedy: attempt.remedy,
    avsResult: attempt.avs_result,
    cvvResult: attempt.cvv_result,
  };
}

function cardOf(row: Row): CardVerification['card'] {
  const { card_token: token, card_brand: brand, card_bin: bin, card_last_four: lastFour } = row;
  const { card_expiry_month: expiryMonth, card_expiry_year: expiryYear, card_fingerprint: fingerprint } = row;
  if (token === null || brand === null || bin === null || lastFour === null) return null;
  if (expiryMonth === null || expiryYear === null || fingerprint === null) return null;
  return { token, brand, bin, lastFour, expiryMonth, expiryYear, fingerprint };
}
