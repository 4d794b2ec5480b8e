import { timingSafeEqual } from 'node:crypto';
import type pg from 'pg';
import { atBoundary } from '../../platform/crash-points.ts';
import { retryTransaction } from '../../platform/database.ts';
import type { StagingId, VerificationId } from '../../workflows/domain/ids.ts';
import type { Answer } from '../answers.ts';
import type { Credential } from '../auth/api-key.ts';
import { keyReused } from '../requests.ts';

/** A verification as it is asked for: the columns that never change afterwards. */
export interface NewVerification {
  readonly id: VerificationId;
  readonly currency: string;
  readonly staging: StagingId;
  /** Epoch ms. */
  readonly verifyBy: number;
  readonly customerReference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface AcceptedVerification {
  readonly verification: VerificationId;
  readonly repeated: boolean;
}

type Database = Pick<pg.Pool, 'query'>;

/** One statement and so one transaction: the key decides, as for a payment (requests.ts). */
const CREATE = `
  with key as (
    insert into idempotency_keys (merchant_id, mode, key, fingerprint, verification_id)
    values ($1, $2, $3, $4, $5)
    on conflict (merchant_id, mode, key) do nothing
    returning verification_id
  )
  insert into card_verifications (merchant_id, id, mode, currency, staging_id, verify_by, customer_reference, metadata)
  select $1::text, $5::text, $2::text, $6::text, $7::text, $8::timestamptz, $9::text, $10::jsonb from key
  returning id`;

const FIND = `
  select fingerprint, verification_id from idempotency_keys where merchant_id = $1 and mode = $2 and key = $3`;

/**
 * Takes a request for a new verification, or finds the request that it repeats.
 * @throws Problem `idempotency_key_reused` when the key belongs to another request.
 */
export async function acceptVerification(
  database: Database,
  { merchant, mode }: Credential,
  { key, fingerprint }: { readonly key: string; readonly fingerprint: Buffer },
  wish: NewVerification,
): Promise<AcceptedVerification> {
  const { rowCount } = await atBoundary('idempotency-row', () =>
    retryTransaction(() =>
      database.query({
        name: 'accept_verification',
        text: CREATE,
        values: [
          merchant,
          mode,
          key,
          fingerprint,
          wish.id,
          wish.currency,
          wish.staging,
          new Date(wish.verifyBy).toISOString(),
          wish.customerReference,
          JSON.stringify(wish.metadata),
        ],
      }),
    ),
  );
  if (rowCount === 1) return { verification: wish.id, repeated: false };
  const { rows } = await database.query<{ fingerprint: Buffer; verification_id: VerificationId | null }>({
    name: 'find_verification_request',
    text: FIND,
    values: [merchant, mode, key],
  });
  const [found] = rows;
  if (found === undefined) throw new Error(`a request for ${wish.id} was neither taken nor found`);
  if (!timingSafeEqual(fingerprint, found.fingerprint) || found.verification_id === null) throw keyReused();
  return { verification: found.verification_id, repeated: true };
}

/** The answer that was stored with its end; null while it is processing. */
export async function readVerificationAnswer(
  database: Database,
  { merchant }: Credential,
  verification: VerificationId,
): Promise<Answer | null> {
  const { rows } = await database.query<{ answer_body: string | null }>({
    name: 'read_verification_answer',
    text: 'select answer_body from card_verifications where merchant_id = $1 and id = $2',
    values: [merchant, verification],
  });
  const [row] = rows;
  if (row === undefined) throw new Error(`card verification ${verification} is not there any more`);
  return row.answer_body === null ? null : { status: 201, body: row.answer_body };
}
