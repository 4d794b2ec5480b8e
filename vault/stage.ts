import type { StagingId } from '../workflows/domain/ids.ts';
import { publicDigitsOf } from './card-facts.ts';
import type { StageRequest, StagedCard } from './contract.ts';
import type { VaultDatabase } from './database.ts';
import type { Fingerprinter } from './fingerprint.ts';
import { newStagingId } from './new-token.ts';
import { VaultProblem } from './problem.ts';
import type { Sealing } from './sealing.ts';

/** Card and security code in one statement; the code only ever with the row's first insertion. */
const INSERT = `
  WITH staged AS (
    INSERT INTO vault.staged_cards
      (id, merchant, idempotency_key, fingerprint, brand, bin, last_four, expiry_month, expiry_year, data_key, sealed, mode)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $16)
    ON CONFLICT ON CONSTRAINT staged_cards_one_per_request DO NOTHING
    RETURNING id
  ), code AS (
    INSERT INTO vault.security_codes (staging, merchant, data_key, sealed_key, sealed, expires_at)
    SELECT id, $2, $12, $13, $14, now() + $15 * interval '1 millisecond' FROM staged WHERE $14::bytea IS NOT NULL
  )
  SELECT id FROM staged`;

const FIND = `
  SELECT id FROM vault.staged_cards
   WHERE merchant = $1 AND idempotency_key = $2 AND fingerprint = $3 AND expiry_month = $4 AND expiry_year = $5`;

/** The row that was in the way may be swept between the two statements. */
const TRIES = 3;

/** @param seen hears the fingerprint before anything is kept; what it throws ends the call. */
export type Stage = (request: StageRequest, seen?: (card: Fingerprinted) => void) => Promise<StagedCard>;
export type Fingerprinted = Pick<StagedCard, 'fingerprint' | 'bin' | 'lastFour'>;

/**
 * Keeps a card until a payment takes it. Asked again for the same request and card it answers the same
 * staging id; the first time's security code stays what it is, and one that is gone stays gone.
 */
export function createStage(
  database: VaultDatabase,
  sealing: Sealing,
  fingerprinter: Fingerprinter,
  cvvLifetimeMs: number,
): Stage {
  return async ({ merchant, mode, idempotencyKey, card: { number, expiryMonth, expiryYear, cvv } }, seen) => {
    const fingerprint = await fingerprinter.fingerprint(merchant, mode, number);
    const digits = publicDigitsOf(number);
    seen?.({ fingerprint, ...digits });
    const answer = (staging: StagingId): StagedCard => ({
      staging,
      fingerprint,
      ...digits,
      expiryMonth,
      expiryYear,
    });

    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const staging = newStagingId();
      const sealed = await sealing.sealStaged(merchant, staging, number);
      const code = cvv === undefined ? null : await sealing.sealCode(merchant, staging, cvv);
      const [inserted] = await database.query<{ id: StagingId }>('stage', INSERT, [
        staging,
        merchant,
        idempotencyKey,
        fingerprint,
        digits.brand,
        digits.bin,
        digits.lastFour,
        expiryMonth,
        expiryYear,
        sealed.dataKey,
        sealed.sealed,
        code?.dataKey ?? null,
        code?.sealedKey ?? null,
        code?.sealed ?? null,
        cvvLifetimeMs,
        mode,
      ]);
      if (inserted !== undefined) return answer(inserted.id);

      const [earlier] = await database.query<{ id: StagingId }>('find_staged', FIND, [
        merchant,
        idempotencyKey,
        fingerprint,
        expiryMonth,
        expiryYear,
      ]);
      if (earlier !== undefined) return answer(earlier.id);
    }
    throw new VaultProblem(
      'database_unavailable',
      `a staged card of ${merchant} kept disappearing while it was staged; ask again`,
    );
  };
}
