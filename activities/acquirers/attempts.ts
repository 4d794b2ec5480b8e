import type { Pool } from 'pg';
import { newId } from '../../platform/new-id.ts';
import type { AcquirerAccountId, CardToken } from '../../workflows/domain/ids.ts';
import type { AttemptKind, OutcomeClass, Remedy, UnknownPolicy } from '../../workflows/domain/outcome.ts';
import type { AttemptRef } from '../../workflows/ports/acquirer.ts';
import type { AcquirerAccount, WireFields } from '../../workflows/ports/wire.ts';

export type AttemptState = 'planned' | 'sending' | 'answered' | 'fenced' | 'reversing' | 'reversed';

/** An attempt as its adapter needs it: the row, its account, and whose card it is. */
export interface AttemptRecord {
  readonly kind: AttemptKind;
  readonly state: AttemptState;
  /** Minor units. */
  readonly amount: bigint;
  readonly currency: string;
  readonly wire: WireFields;
  /** What was committed to be done should its answer never come. */
  readonly onUnknown: UnknownPolicy;
  /** What the acquirer calls it; null until it has given it a name. */
  readonly acquirerReference: string | null;
  /** Since it was first sent, by the database's clock (ms); null = not sent. */
  readonly sentForMs: number | null;
  /** How long a request to this acquirer may be under way (ms). */
  readonly inFlightMs: number;
  /** What was left until send-by when the row was read, by the database's clock (ms; negative = past). */
  readonly sendWithinMs: number;
  readonly account: AcquirerAccount;
  /** The acquirer refuses an original that arrives after its reversal: "not found" is proof there. */
  readonly fencesByReversal: boolean;
  /** Null while the payment's card is not tokenized: then nothing can be sent. */
  readonly card: {
    readonly token: CardToken;
    readonly expiryMonth: number;
    readonly expiryYear: number;
  } | null;
  readonly outcome: OutcomeClass | null;
  readonly responseCode: string | null;
  readonly reason: string | null;
}

/** What an answer leaves in the attempt's row. */
export interface AttemptAnswer {
  readonly outcome: OutcomeClass;
  readonly responseCode: string | null;
  readonly approvalCode: string | null;
  readonly networkReference: string | null;
  /** What the acquirer calls what it did; null where the wire has no such names. */
  readonly acquirerReference: string | null;
  /** Minor units; null when nothing was approved. */
  readonly approvedAmount: bigint | null;
  /** As the acquirer wrote it. */
  readonly settlementDate: string | null;
  /** When the authorization ends by the acquirer's word. */
  readonly validUntil?: Date | null;
  readonly remedy: Remedy | null;
  readonly avsResult: string | null;
  readonly cvvResult: string | null;
  readonly reason: string | null;
}

/**
 * What a late answer was: `recorded` = nothing was known of the attempt before; `late` = it had been
 * called something else, and the payment decides what follows; `known` = nothing new.
 */
export type TakenAnswer = 'recorded' | 'late' | 'known';

/**
 * The life of an attempt, each step a compare-and-set: true means that this caller made the step.
 * Errors of the database pass through; after one it is not known whether the step was made.
 */
export interface AttemptStore {
  /** Null when there is no such attempt. */
  load(ref: AttemptRef): Promise<AttemptRecord | null>;
  /** planned → sending: the last act before the first byte. */
  markSending(ref: AttemptRef): Promise<boolean>;
  /** sending → fenced, or fenced already: only for the caller whose markSending won, who wrote nothing, and while nobody repeated it. */
  fenceUnsent(ref: AttemptRef, reason: string): Promise<boolean>;
  /**
   * Keeps the name that the acquirer gave to what is not carried out yet; false when the attempt is
   * past that, or has another name. A name, once given, stays.
   */
  noteReference(ref: AttemptRef, acquirerReference: string): Promise<boolean>;
  /** Counts one more send of an attempt whose answer is unknown; false when it is not `sending` any more. */
  recordRepeat(ref: AttemptRef): Promise<boolean>;
  /**
   * sending → answered; `recorded` also when it has this very answer already. Where the attempt was
   * answered otherwise, is being undone or undone, the answer is kept in `late_answer`, and a command
   * lets the payment decide about it.
   */
  recordAnswer(ref: AttemptRef, answer: AttemptAnswer): Promise<'recorded' | 'late'>;
  /**
   * An answer that comes after its call was over, by the wire or by an event: written where it belongs,
   * and told to the payment by a command, in one transaction. Only for an answer that is an end.
   */
  takeLate(ref: Pick<AttemptRef, 'merchant' | 'attempt'>, answer: AttemptAnswer): Promise<TakenAnswer>;
  /** Leaves what is known of an attempt that stays `sending`. */
  noteUnknown(
    ref: AttemptRef,
    note: {
      readonly responseCode: string | null;
      readonly reason: string;
      readonly acquirerReference: string | null;
    },
  ): Promise<void>;
}

interface AttemptRow {
  readonly kind: AttemptKind;
  readonly state: AttemptState;
  readonly amount: bigint;
  readonly currency: string;
  readonly wire: WireFields;
  readonly on_unknown: UnknownPolicy;
  readonly acquirer_reference: string | null;
  readonly sent_for_ms: number | null;
  readonly in_flight_ms: number;
  readonly send_within_ms: number;
  readonly outcome: OutcomeClass | null;
  readonly response_code: string | null;
  readonly reason: string | null;
  readonly account_id: AcquirerAccountId;
  readonly acquirer_id: string;
  readonly institution: string | null;
  readonly merchant_account: string;
  readonly terminals: string[] | null;
  readonly mcc: string;
  readonly acceptor_name: string | null;
  readonly fences_by_reversal: boolean;
  readonly card_token: CardToken | null;
  readonly card_expiry_month: number | null;
  readonly card_expiry_year: number | null;
}

/** The attempt store on table `attempts`, one round trip each. */
export function createAttemptStore(pool: Pick<Pool, 'query'>): AttemptStore {
  async function changed(sql: string, values: readonly unknown[]): Promise<boolean> {
    const { rowCount } = await pool.query(sql, [...values]);
    return rowCount === 1;
  }

  async function takeLate(
    { merchant, attempt }: Pick<AttemptRef, 'merchant' | 'attempt'>,
    answer: AttemptAnswer,
  ): Promise<TakenAnswer> {
    const { rows } = await pool.query<{ taken: TakenAnswer }>(
      'select take_late_answer($1, $2, $3::jsonb, $4, $5, $6) as taken',
      [
        merchant,
        attempt,
        JSON.stringify({ ...answer, approvedAmount: answer.approvedAmount?.toString() ?? null }),
        `${attempt}:${answer.outcome}`,
        newId('cmd'),
        newId('und'),
      ],
    );
    const [row] = rows;
    if (row === undefined) throw new Error(`take_late_answer said nothing about ${attempt}`);
    return row.taken;
  }

  return {
    async load({ merchant, payment, attempt }) {
      const { rows } = await pool.query<AttemptRow>(
        `select t.kind, t.state, t.amount, t.currency, t.wire, t.outcome, t.response_code, t.reason, t.on_unknown, t.acquirer_reference,
                (extract(epoch from clock_timestamp() - t.sending_at) * 1000)::float8 as sent_for_ms,
                (extract(epoch from q.in_flight_age) * 1000)::float8 as in_flight_ms,
                (extract(epoch from t.send_by - clock_timestamp()) * 1000)::float8 as send_within_ms,
                t.account_id, t.acquirer_id, a.institution, a.merchant_account, a.terminals, a.mcc, a.acceptor_name,
                q.fences_by_reversal, p.card_token, p.card_expiry_month, p.card_expiry_year
         from attempts t
         join payments p on p.merchant_id = t.merchant_id and p.id = t.payment_id
         join merchant_acquirer_accounts a on a.merchant_id = t.merchant_id and a.id = t.account_id
         join acquirers q on q.id = t.acquirer_id
         where t.merchant_id = $1 and t.id = $2 and t.payment_id = $3`,
        [merchant, attempt, payment],
      );
      return rows[0] === undefined ? null : recordOf(rows[0]);
    },

    markSending: ({ merchant, attempt }) =>
      changed(
        `update attempts set state = 'sending', sending_at = clock_timestamp(), sends = sends + 1
         where merchant_id = $1 and id = $2 and state = 'planned'`,
        [merchant, attempt],
      ),

    fenceUnsent: ({ merchant, attempt }, reason) =>
      changed(
        `update attempts set state = 'fenced', reason = $3 where merchant_id = $1 and id = $2 and (state = 'fenced' or (state = 'sending' and sends = 1))`,
        [merchant, attempt, reason],
      ),

    noteReference: ({ merchant, attempt }, acquirerReference) =>
      changed(
        `update attempts set acquirer_reference = $3
         where merchant_id = $1 and id = $2 and state in ('planned', 'sending') and coalesce(acquirer_reference, $3) = $3`,
        [merchant, attempt, acquirerReference],
      ),

    recordRepeat: ({ merchant, attempt }) =>
      changed(
        `update attempts set sends = sends + 1 where merchant_id = $1 and id = $2 and state = 'sending'`,
        [merchant, attempt],
      ),

    async recordAnswer(ref, answer) {
      const { merchant, attempt } = ref;
      const recorded = await changed(
        `update attempts set state = 'answered', answered_at = clock_timestamp(), outcome = $3, response_code = $4, approval_code = $5,
                network_reference = $6, approved_amount = $7, settlement_date = $8, remedy = $9, avs_result = $10, cvv_result = $11, reason = $12,
                valid_until = $13, acquirer_reference = coalesce(acquirer_reference, $14)
         where merchant_id = $1 and id = $2 and state = 'sending'`,
        [
          merchant,
          attempt,
          answer.outcome,
          answer.responseCode,
          answer.approvalCode,
          answer.networkReference,
          answer.approvedAmount?.toString() ?? null,
          answer.settlementDate,
          answer.remedy,
          answer.avsResult,
          answer.cvvResult,
          answer.reason,
          answer.validUntil?.toISOString() ?? null,
          answer.acquirerReference,
        ],
      );
      if (recorded) return 'recorded';
      // The same answer again (a first try whose acknowledgement was lost, a duplicate) is not late.
      return (await takeLate(ref, answer)) === 'late' ? 'late' : 'recorded';
    },

    takeLate,

    async noteUnknown({ merchant, attempt }, { responseCode, reason, acquirerReference }) {
      await changed(
        `update attempts set response_code = $3, reason = $4, acquirer_reference = coalesce(acquirer_reference, $5)
         where merchant_id = $1 and id = $2 and state = 'sending'`,
        [merchant, attempt, responseCode, reason, acquirerReference],
      );
    },
  };
}

function recordOf(row: AttemptRow): AttemptRecord {
  const { card_token: token, card_expiry_month: expiryMonth, card_expiry_year: expiryYear } = row;
  return {
    kind: row.kind,
    state: row.state,
    amount: row.amount,
    currency: row.currency,
    wire: row.wire,
    onUnknown: row.on_unknown,
    acquirerReference: row.acquirer_reference,
    sentForMs: row.sent_for_ms,
    inFlightMs: row.in_flight_ms,
    sendWithinMs: row.send_within_ms,
    account: {
      id: row.account_id,
      acquirer: row.acquirer_id,
      merchantAccount: row.merchant_account,
      mcc: row.mcc,
      iso8583:
        row.institution === null || row.terminals === null || row.acceptor_name === null
          ? null
          : { institution: row.institution, terminals: row.terminals, acceptorName: row.acceptor_name },
    },
    fencesByReversal: row.fences_by_reversal,
    card:
      token === null || expiryMonth === null || expiryYear === null
        ? null
        : { token, expiryMonth, expiryYear },
    outcome: row.outcome,
    responseCode: row.response_code,
    reason: row.reason,
  };
}
