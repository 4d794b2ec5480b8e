import type { Pool } from 'pg';
import type { AcquirerAccountId, CardToken } from '../../workflows/domain/ids.ts';
import type { VerificationAttempt } from '../../workflows/domain/card-verification.ts';
import type { VerificationCall } from '../../workflows/ports/card-verification.ts';
import type { WireFields } from '../../workflows/ports/wire.ts';
import type { AttemptAnswer } from './attempts.ts';

/** Names the attempt of a card verification. */
export type VerificationAttemptRef = Pick<VerificationCall, 'merchant' | 'verification' | 'attempt'>;

/** An attempt as its adapter needs it: the row, and whose card it is. */
export interface VerificationRecord {
  /** 1 = the first question of this verification. */
  readonly number: number;
  readonly state: VerificationAttempt['state'];
  readonly outcome: VerificationAttempt['outcome'];
  readonly responseCode: string | null;
  readonly reason: string | null;
  readonly acquirer: string;
  readonly account: AcquirerAccountId;
  readonly wire: WireFields;
  /** What was left until send-by when the row was read, by the database's clock (ms; negative = past). */
  readonly sendWithinMs: number;
  readonly card: { readonly token: CardToken; readonly expiryMonth: number; readonly expiryYear: number };
}

/** What an issuer said of a card. */
export type VerificationReply = Pick<
  AttemptAnswer,
  'responseCode' | 'networkReference' | 'remedy' | 'avsResult' | 'cvvResult' | 'reason'
> & { readonly outcome: 'approved' | 'declined' };

/**
 * The life of a verification's attempt, each step a compare-and-set: true means that this caller made it.
 * Errors of the database pass through; after one it is not known whether the step was made.
 */
export interface VerificationAttemptStore {
  /** Null when there is no such attempt. */
  load(ref: VerificationAttemptRef): Promise<VerificationRecord | null>;
  /** planned → sending: the last act before the first byte. */
  markSending(ref: VerificationAttemptRef): Promise<boolean>;
  /** sending → fenced: only for the caller whose markSending won, and who wrote nothing. */
  fenceUnsent(ref: VerificationAttemptRef, reason: string): Promise<boolean>;
  /** sending → answered, also where nobody waited for it any more; true when it has this very answer already. */
  recordReply(ref: VerificationAttemptRef, reply: VerificationReply): Promise<boolean>;
  /** Leaves what is known of an attempt whose answer says nothing, or did not come: nobody waits for it now. */
  giveUp(
    ref: VerificationAttemptRef,
    note: { readonly responseCode: string | null; readonly reason: string },
  ): Promise<void>;
}

interface Row {
  readonly number: number;
  readonly state: VerificationAttempt['state'];
  readonly outcome: VerificationAttempt['outcome'];
  readonly response_code: string | null;
  readonly reason: string | null;
  readonly acquirer_id: string;
  readonly account_id: AcquirerAccountId;
  readonly wire: WireFields;
  readonly send_within_ms: number;
  readonly card_token: CardToken;
  readonly card_expiry_month: number;
  readonly card_expiry_year: number;
}

/** The store on table `verification_attempts`, one round trip each. */
export function createVerificationAttemptStore(pool: Pick<Pool, 'query'>): VerificationAttemptStore {
  async function changed(set: string, where: string, values: readonly unknown[]): Promise<boolean> {
    const text = `update verification_attempts set ${set} where merchant_id = $1 and id = $2 and verification_id = $3 and ${where}`;
    const { rowCount } = await pool.query(text, [...values]);
    return rowCount === 1;
  }
  const keyOf = ({ merchant, attempt, verification }: VerificationAttemptRef) => [
    merchant,
    attempt,
    verification,
  ];

  return {
    async load(ref) {
      const { rows } = await pool.query<Row>(
        `select a.number, a.state, a.outcome, a.response_code, a.reason, a.acquirer_id, a.account_id, a.wire,
                (extract(epoch from a.send_by - clock_timestamp()) * 1000)::float8 as send_within_ms,
                v.card_token, v.card_expiry_month, v.card_expiry_year
         from verification_attempts a
         join card_verifications v on v.merchant_id = a.merchant_id and v.id = a.verification_id
         where a.merchant_id = $1 and a.id = $2 and a.verification_id = $3`,
        keyOf(ref),
      );
      return rows[0] === undefined ? null : recordOf(rows[0]);
    },

    markSending: (ref) =>
      changed(`state = 'sending', sending_at = clock_timestamp()`, `state = 'planned'`, keyOf(ref)),

    fenceUnsent: (ref, reason) =>
      changed(
        `state = 'fenced', given_up_at = coalesce(given_up_at, clock_timestamp()), reason = $4`,
        `state in ('sending', 'fenced')`,
        [...keyOf(ref), reason],
      ),

    async recordReply(
      ref,
      { outcome, responseCode, networkReference, remedy, avsResult, cvvResult, reason },
    ) {
      const recorded = await changed(
        `state = 'answered', answered_at = clock_timestamp(), outcome = $4, response_code = $5, network_reference = $6, remedy = $7,
         avs_result = $8, cvv_result = $9, reason = $10`,
        `state = 'sending'`,
        [...keyOf(ref), outcome, responseCode, networkReference, remedy, avsResult, cvvResult, reason],
      );
      if (recorded) return true;
      // A first try whose acknowledgement was lost, or a duplicate on the wire.
      const now = await this.load(ref);
      return now?.state === 'answered' && now.outcome === outcome && now.responseCode === responseCode;
    },

    async giveUp(ref, { responseCode, reason }) {
      await changed(
        `given_up_at = coalesce(given_up_at, clock_timestamp()), response_code = $4, reason = $5`,
        `state = 'sending'`,
        [...keyOf(ref), responseCode, reason],
      );
    },
  };
}

function recordOf(row: Row): VerificationRecord {
  return {
    number: row.number,
    state: row.state,
    outcome: row.outcome,
    responseCode: row.response_code,
    reason: row.reason,
    acquirer: row.acquirer_id,
    account: row.account_id,
    wire: row.wire,
    sendWithinMs: row.send_within_ms,
    card: {
      token: row.card_token,
      expiryMonth: row.card_expiry_month,
      expiryYear: row.card_expiry_year,
    },
  };
}
