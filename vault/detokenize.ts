import pg from 'pg';
import { createGroupCommit } from '../platform/group-commit.ts';
import type { StagingId } from '../workflows/domain/ids.ts';
import type { Caller } from './callers.ts';
import type { DetokenizeRequest, DetokenizedCard } from './contract.ts';
import type { VaultDatabase } from './database.ts';
import type { GrantVerifier } from './grants/verifier.ts';
import { VaultProblem } from './problem.ts';
import type { Sealing } from './sealing.ts';
import type { SpeaksFor } from './speaks-for.ts';

/** What was found for a request; everything but `spent` is null where nothing is granted. */
interface FoundRow {
  /** How the attempt ended; null = it has not. */
  readonly spent: 'answered' | 'released' | null;
  readonly data_key: string | null;
  readonly sealed: Buffer | null;
  readonly expiry_month: number | null;
  readonly expiry_year: number | null;
  readonly staging: StagingId | null;
  readonly code_data_key: string | null;
  readonly code_sealed_key: Buffer | null;
  readonly code_sealed: Buffer | null;
}

/** What is asked, in the order of the parameters of GRANT; `place` says where the answer belongs. */
interface Facts {
  readonly merchant: string;
  readonly payment: string;
  readonly token: string;
  readonly attempt: string;
  readonly caller: Caller;
  readonly account: string;
  readonly purpose: string;
  readonly signer: string | null;
}

/**
 * Find, lease and audit in one transaction, for each request of a group: whatever this answers, its audit
 * row is committed. A card is found only through the payment that took it; the expiry is the one that
 * payment was given. Each part looks one row up by its key, whatever the statistics say (LATERAL … LIMIT).
 */
const GRANT = `
  WITH request AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
      WITH ORDINALITY AS r (merchant, payment, token, attempt, caller, account, purpose, signer, place)
  ), found AS MATERIALIZED (
    SELECT r.*, spent.how AS spent, card.*
      FROM request r
      LEFT JOIN LATERAL (
        SELECT how FROM vault.spent_attempts WHERE merchant = r.merchant AND attempt = r.attempt LIMIT 1
      ) spent ON true
      LEFT JOIN LATERAL (
        SELECT c.data_key, c.sealed, s.expiry_month, s.expiry_year, s.id AS staging
          FROM vault.cards c
          JOIN vault.staged_cards s ON s.merchant = c.merchant AND s.payment = r.payment AND s.token = c.token
         WHERE c.merchant = r.merchant AND c.token = r.token AND c.destroyed_at IS NULL AND spent.how IS NULL
         LIMIT 1
      ) card ON true
  ), code AS (
    UPDATE vault.security_codes AS kept SET attempt = f.attempt
      FROM found f
     WHERE kept.merchant = f.merchant AND kept.payment = f.payment
       AND (kept.attempt IS NULL OR kept.attempt = f.attempt)
       AND NOT f.attempt = ANY (kept.released) AND kept.expires_at > now() AND f.staging IS NOT NULL
    RETURNING f.place, kept.data_key, kept.sealed_key, kept.sealed
  ), answer AS MATERIALIZED (
    SELECT f.*, code.data_key AS code_data_key, code.sealed_key AS code_sealed_key, code.sealed AS code_sealed
      FROM found f LEFT JOIN code ON code.place = f.place
  ), audited AS (
    INSERT INTO vault.audit_log
      (caller, action, merchant, payment, token, attempt, account, purpose, signer, granted, security_code, refusal)
    SELECT caller, 'detokenize', merchant, payment, token, attempt, account, purpose, signer,
           staging IS NOT NULL, code_sealed IS NOT NULL,
           CASE WHEN spent IS NOT NULL THEN 'grant_spent' WHEN staging IS NULL THEN 'unknown_token' END
      FROM answer ORDER BY place
  )
  SELECT spent, data_key, sealed, expiry_month, expiry_year, staging, code_data_key, code_sealed_key, code_sealed
    FROM answer ORDER BY place`;

const COLUMNS = [
  'merchant',
  'payment',
  'token',
  'attempt',
  'caller',
  'account',
  'purpose',
  'signer',
] as const;

/** Measured, see docs/performance.md. */
const GROUPS = { lanes: 2, batch: 32 } as const;

/** A grant that does not allow what was asked: nothing is looked for, and that it was asked is written. */
const REFUSE = `
  INSERT INTO vault.audit_log
    (caller, action, merchant, payment, token, attempt, account, purpose, signer, granted, security_code, refusal)
  VALUES ($5, 'detokenize', $1, $2, $3, $4, $6, $7, $8, false, false, $9)`;

/**
 * The number behind a token, for one attempt that has a grant. The security code is leased to that
 * attempt: it may fetch again while its grant lasts and it is not over, another gets null until the
 * lease is given back.
 */
export function createDetokenize(
  database: VaultDatabase,
  sealing: Sealing,
  grants: GrantVerifier,
): (request: DetokenizeRequest, caller: Caller, speaksFor: SpeaksFor) => Promise<DetokenizedCard> {
  const grant = createGroupCommit<Facts, FoundRow>({
    ...GROUPS,
    name: 'detokenize',
    // A code is leased to one of them: the second of a payment is to see that it is.
    keyOf: ({ payment }) => payment,
    write: (requests) =>
      database.query<FoundRow>(
        'detokenize',
        GRANT,
        COLUMNS.map((column) => requests.map((facts) => facts[column])),
      ),
    isRefusal: (error) => error instanceof pg.DatabaseError,
  });

  return async (request, caller, speaksFor) => {
    const { merchant, payment, token, attempt, account, purpose } = request;
    const check = await grants.check(request, speaksFor);
    const facts: Facts = {
      merchant,
      payment,
      token,
      attempt,
      caller,
      account,
      purpose,
      signer: check.signer,
    };
    if (check.refused !== null) {
      await database.query('refuse_grant', REFUSE, [
        ...COLUMNS.map((column) => facts[column]),
        check.refused,
      ]);
      throw new VaultProblem(check.refused, check.message);
    }
    const row = await grant(facts);
    if (row.spent !== null)
      throw new VaultProblem('grant_spent', `${attempt} is ${row.spent}: it needs no number any more`);
    if (
      row.data_key === null ||
      row.sealed === null ||
      row.staging === null ||
      row.expiry_month === null ||
      row.expiry_year === null
    ) {
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
