import type { BurnAnswer, BurnRequest, ReleaseAnswer, ReleaseRequest } from './contract.ts';
import type { VaultDatabase } from './database.ts';

const RELEASE = `
  WITH code AS (
    SELECT staging, attempt IS NOT DISTINCT FROM $3 AS leased FROM vault.security_codes
     WHERE merchant = $1 AND payment = $2 FOR UPDATE
  ), released AS (
    UPDATE vault.security_codes c
       SET attempt = CASE WHEN code.leased THEN NULL ELSE c.attempt END, released = array_append(c.released, $3)
      FROM code WHERE c.staging = code.staging AND NOT $3 = ANY (c.released)
  ), spent AS (
    INSERT INTO vault.spent_attempts (merchant, attempt, payment, how) VALUES ($1, $3, $2, 'released')
    ON CONFLICT DO NOTHING
  )
  SELECT leased FROM code`;

const BURN = `
  WITH spent AS (
    INSERT INTO vault.spent_attempts (merchant, attempt, payment, how)
    SELECT $1, $3, $2, 'answered' WHERE $3::text IS NOT NULL
    ON CONFLICT DO NOTHING
  )
  DELETE FROM vault.security_codes WHERE merchant = $1 AND payment = $2 RETURNING staging`;

const SWEEP_CODES = `DELETE FROM vault.security_codes WHERE expires_at <= now() RETURNING payment`;

/** In batches: after a long rest there may be many, and each takes its lock until the end. A row of the audit log for each. */
const SWEEP_STAGED = `
  WITH swept AS (
    DELETE FROM vault.staged_cards WHERE id IN (
      SELECT id FROM vault.staged_cards
       WHERE payment IS NULL AND staged_at <= now() - $1 * interval '1 millisecond'
       ORDER BY staged_at LIMIT 500 FOR UPDATE SKIP LOCKED)
     AND payment IS NULL
    RETURNING id, merchant
  ), audited AS (
    INSERT INTO vault.audit_log (caller, action, merchant, staging, granted, security_code)
    SELECT 'vault', 'destroy_staged', merchant, id, true, false FROM swept
  )
  SELECT id FROM swept`;

/** What was destroyed because nobody did it in time. */
export interface Swept {
  /** Of payments. A code that none claimed goes with its staged card: a page that somebody left, say. */
  readonly securityCodes: number;
  readonly stagedCards: number;
}

/** How security codes end: given back by an attempt that proved unsent, burnt, or out of time (payment-rules: CVV and grants). */
export function createSecurityCodes(database: VaultDatabase, stagingLifetimeMs: number) {
  return {
    async release({ merchant, payment, attempt }: ReleaseRequest): Promise<ReleaseAnswer> {
      const [row] = await database.query<{ leased: boolean }>('release', RELEASE, [
        merchant,
        payment,
        attempt,
      ]);
      return { released: row?.leased ?? false };
    },

    async burn({ merchant, payment, answered }: BurnRequest): Promise<BurnAnswer> {
      const gone = await database.query('burn', BURN, [merchant, payment, answered ?? null]);
      return { burnt: gone.length > 0 };
    },

    /** A code past its limit is never handed out; this is what makes it disappear. */
    async sweep(): Promise<Swept> {
      const codes = await database.query<{ payment: string | null }>('sweep_codes', SWEEP_CODES, []);
      const staged = await database.query('sweep_staged', SWEEP_STAGED, [stagingLifetimeMs]);
      return {
        securityCodes: codes.filter(({ payment }) => payment !== null).length,
        stagedCards: staged.length,
      };
    },
  };
}

export type SecurityCodes = ReturnType<typeof createSecurityCodes>;
