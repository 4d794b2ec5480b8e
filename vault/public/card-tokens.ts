import type { MerchantId, StagingId } from '../../workflows/domain/ids.ts';
import type { CardDetails, StagedCard } from '../contract.ts';
import type { VaultDatabase } from '../database.ts';
import { newOneTimeToken } from '../new-token.ts';
import type { Stage } from '../stage.ts';

/** Whom a publishable key speaks for, and from which pages. */
export interface PublishableKey {
  readonly merchant: MerchantId;
  readonly mode: 'test' | 'live';
  readonly origins: readonly string[];
}

export interface NewCardToken extends Pick<StagedCard, 'brand' | 'lastFour' | 'expiryMonth' | 'expiryYear'> {
  readonly token: string;
  readonly expiresAt: Date;
}

const FIND_KEY = `SELECT merchant, mode, origins FROM vault.publishable_keys WHERE key = $1 AND (revoked_at IS NULL OR revoked_at > now())`;
const KNOWN_ORIGIN = `
  SELECT FROM vault.publishable_keys WHERE origins @> ARRAY[$1::text] AND (revoked_at IS NULL OR revoked_at > now()) LIMIT 1`;
const INSERT = `
  INSERT INTO vault.card_tokens (token, staging, merchant, mode, expires_at)
  VALUES ($1, $2, $3, $4, now() + $5 * interval '1 millisecond') RETURNING expires_at`;

/**
 * Cards that nobody claimed in time, and those of which the token was never written down because the
 * process died in between. The token goes with its staged card; each is a row of the audit log.
 */
const EXPIRE = `
  WITH expired AS (
    DELETE FROM vault.staged_cards WHERE id IN (
      SELECT s.id FROM vault.staged_cards s LEFT JOIN vault.card_tokens t ON t.staging = s.id
       WHERE s.payment IS NULL AND starts_with(s.idempotency_key, 'ctok_') AND t.claimed_by IS NULL
         AND s.staged_at <= now() - $1 * interval '1 millisecond'
       ORDER BY s.staged_at LIMIT 500 FOR UPDATE OF s SKIP LOCKED)
     AND payment IS NULL
     AND NOT EXISTS (SELECT FROM vault.card_tokens t WHERE t.staging = staged_cards.id AND t.claimed_by IS NOT NULL)
    RETURNING id, merchant
  ), audited AS (
    INSERT INTO vault.audit_log (caller, action, merchant, staging, granted, security_code)
    SELECT 'vault', 'destroy_staged', merchant, id, true, false FROM expired
  )
  SELECT id FROM expired`;

/** Card tokens: made for a publishable key, claimed by a payment (see claim.ts), destroyed when nobody does. */
export function createCardTokens(database: VaultDatabase, stage: Stage, lifetimeMs: number) {
  return {
    async findKey(key: string): Promise<PublishableKey | null> {
      const [row] = await database.query<{
        merchant: MerchantId;
        mode: 'test' | 'live';
        origins: string[];
      }>('find_publishable_key', FIND_KEY, [key]);
      return row ?? null;
    },

    /** Whether any merchant's page has this origin. A preflight carries no key, so it cannot say whose. */
    async isKnownOrigin(origin: string): Promise<boolean> {
      return (await database.query('known_origin', KNOWN_ORIGIN, [origin])).length > 0;
    },

    /** Each call makes a new token, also for a card seen before. */
    async create({ merchant, mode }: PublishableKey, card: CardDetails): Promise<NewCardToken> {
      const token = newOneTimeToken();
      // Named after the token, so that no request of the merchant's can be given this card.
      const staged = await stage({ merchant, mode, idempotencyKey: token, card });
      const values: [string, StagingId, MerchantId, string, number] = [
        token,
        staged.staging,
        merchant,
        mode,
        lifetimeMs,
      ];
      const [row] = await database.query<{ expires_at: Date }>('insert_card_token', INSERT, values);
      if (row === undefined) throw new Error(`a card token of ${merchant} was not written down`);
      const { brand, lastFour, expiryMonth, expiryYear } = staged;
      return { token, expiresAt: row.expires_at, brand, lastFour, expiryMonth, expiryYear };
    },

    /** @returns how many cards were destroyed because nobody paid with them in time. */
    async expire(): Promise<number> {
      return (await database.query('expire_card_tokens', EXPIRE, [lifetimeMs])).length;
    },
  };
}

export type CardTokens = ReturnType<typeof createCardTokens>;
