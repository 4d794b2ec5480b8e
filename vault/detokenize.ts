import type { Caller } from './callers.ts';
import type { DetokenizeRequest, DetokenizedCard } from './contract.ts';
import type { VaultDatabase } from './database.ts';
import { VaultProblem } from './problem.ts';
import type { Sealing } from './sealing.ts';
import type { StagingId } from '../workflows/domain/ids.ts';

interface GrantedRow {
  readonly data_key: string;
  readonly sealed: Buffer;
  readonly expiry_month: number;
  readonly expiry_year: number;
  readonly staging: StagingId;
  readonly code_data_key: string | null;
  readonly code_sealed_key: Buffer | null;
  readonly code_sealed: Buffer | null;
}

/**
 * Find, lease and audit in one transaction: whatever this answers, its audit row is committed. A card is
 * found only through the payment that took it; the expiry is the one that payment was given.
 */
const GRANT = `
  WITH card AS (
    SELECT c.data_key, c.sealed, s.expiry_month, s.expiry_year, s.id AS staging
      FROM vault.cards c
      JOIN vault.staged_cards s ON s.merchant = c.merchant AND s.payment = $2 AND s.token = c.token
     WHERE c.merchant = $1 AND c.token = $3
  ), code AS (
    UPDATE vault.security_codes SET attempt = $4
     WHERE merchant = $1 AND payment = $2 AND (attempt IS NULL OR attempt = $4)
       AND NOT $4 = ANY (released) AND expires_at > now() AND EXISTS (SELECT FROM card)
    RETURNING data_key, sealed_key, sealed
  ), audited AS (
    INSERT INTO vault.audit_log (caller, action, merchant, payment, token, attempt, granted, security_code)
    SELECT $5, 'detokenize', $1, $2, $3, $4, EXISTS (SELECT FROM card), EXISTS (SELECT FROM code)
  )
  SELECT card.*, code.data_key AS code_data_key, code.sealed_key AS code_sealed_key, code.sealed AS code_sealed
    FROM card LEFT JOIN code ON true`;

/**
 * The number behind a token, for one attempt. The security code is leased to that attempt: it may fetch
 * again, another gets null until the lease is given back.
 */
export function createDetokenize(
  database: VaultDatabase,
  sealing: Sealing,
): (request: DetokenizeRequest, caller: Caller) => Promise<DetokenizedCard> {
  return async ({ merchant, payment, token, attempt }, caller) => {
    const [row] = await database.query<GrantedRow>('detokenize', GRANT, [
      merchant,
      payment,
      token,
      attempt,
      caller,
    ]);
    if (row === undefined) {
      throw new VaultProblem('unknown_token', `${payment} of ${merchant} has no card ${token}`);
    }
    const { code_data_key: dataKey, code_sealed_key: sealedKey, code_sealed: sealed } = row;
    return {
      number: await sealing.openCard(merchant, token, { dataKey: row.data_key, sealed: row.sealed }),
      expiryMonth: row.expiry_month,
      expiryYear: row.expiry_year,
      cvv:
        dataKey === null || sealedKey === null || sealed === null
          ? null
          : await sealing.openCode(merchant, row.staging, { dataKey, sealedKey, sealed }),
    };
  };
}
