import type { CardBrand } from '../workflows/domain/card.ts';
import type { CardToken, StagingId } from '../workflows/domain/ids.ts';
import type { Alarms } from './alarms.ts';
import type { Caller } from './callers.ts';
import type { ClaimRequest, StagedCard } from './contract.ts';
import type { VaultDatabase } from './database.ts';
import { TOKEN_PATTERN } from './new-token.ts';
import { VaultProblem } from './problem.ts';
import type { Sealing } from './sealing.ts';
import type { Stage } from './stage.ts';

interface ClaimedRow {
  readonly id: StagingId;
  readonly fingerprint: string;
  readonly brand: CardBrand;
  readonly bin: string;
  readonly last_four: string;
  readonly expiry_month: number;
  readonly expiry_year: number;
}

type StoredRow =
  | { readonly forgotten: true }
  | {
      readonly forgotten: false;
      readonly data_key: string;
      readonly sealed: Buffer;
      readonly expiry_month: number;
      readonly expiry_year: number;
    };

/** What this request would be given. */
const CLAIMABLE = `
  SELECT s.fingerprint, s.bin, s.last_four
    FROM vault.card_tokens t JOIN vault.staged_cards s ON s.id = t.staging
   WHERE t.token = $1 AND t.merchant = $2 AND t.mode = $3
     AND (t.claimed_by = $4 OR (t.claimed_by IS NULL AND t.expires_at > now()))`;

/** First come, only served. The security code goes on to the end that it got when the card was entered. */
const CLAIM = `
  WITH claimed AS (
    UPDATE vault.card_tokens SET claimed_by = $4, claimed_at = coalesce(claimed_at, now())
     WHERE token = $1 AND merchant = $2 AND mode = $3
       AND (claimed_by = $4 OR (claimed_by IS NULL AND expires_at > now()))
    RETURNING staging
  )
  SELECT s.id, s.fingerprint, s.brand, s.bin, s.last_four, s.expiry_month, s.expiry_year
    FROM claimed JOIN vault.staged_cards s ON s.id = claimed.staging`;

const WAS_USED = `
  SELECT FROM vault.card_tokens WHERE token = $1 AND merchant = $2 AND mode = $3 AND claimed_by IS NOT NULL`;

/** A card that was forgotten pays no more, whether its number is destroyed yet or not. */
const STORED = `
  SELECT forgotten_at IS NOT NULL AS forgotten, data_key, sealed, expiry_month, expiry_year FROM vault.cards
   WHERE token = $1 AND merchant = $2 AND mode = $3`;

/**
 * The card behind a token, for one request of the merchant and mode that it belongs to: a card token (`ctok_…`) is
 * used up by it, a stored card (`card_…`) is staged anew, without a security code. The same request finds
 * the same staged card again.
 */
export function createClaim(
  database: VaultDatabase,
  sealing: Sealing,
  stage: Stage,
  alarms: Pick<Alarms, 'staged'>,
): (request: ClaimRequest, caller: Caller) => Promise<StagedCard> {
  async function claimOnce(
    { merchant, mode, cardToken, idempotencyKey }: ClaimRequest,
    caller: Caller,
  ): Promise<StagedCard> {
    const values = [cardToken, merchant, mode, idempotencyKey];
    // Before the token is used up: who is refused now may come again later.
    const [card] = await database.query<Pick<ClaimedRow, 'fingerprint' | 'bin' | 'last_four'>>(
      'claimable',
      CLAIMABLE,
      values,
    );
    if (card !== undefined)
      alarms.staged(
        caller,
        { merchant, mode },
        { bin: card.bin, lastFour: card.last_four },
        card.fingerprint,
      );
    const [row] = await database.query<ClaimedRow>('claim', CLAIM, values);
    if (row !== undefined) {
      return {
        staging: row.id,
        fingerprint: row.fingerprint,
        brand: row.brand,
        bin: row.bin,
        lastFour: row.last_four,
        expiryMonth: row.expiry_month,
        expiryYear: row.expiry_year,
      };
    }
    const used = await database.query('was_used', WAS_USED, [cardToken, merchant, mode]);
    if (used.length === 0) throw unknown(merchant);
    throw new VaultProblem('card_token_used', `the card token was used by another request of ${merchant}`);
  }

  /** Its fingerprint is nothing new to the merchant. */
  async function stageStored({
    merchant,
    mode,
    cardToken,
    idempotencyKey,
  }: ClaimRequest): Promise<StagedCard> {
    const [card] = await database.query<StoredRow>('find_stored', STORED, [cardToken, merchant, mode]);
    if (card === undefined) throw unknown(merchant);
    if (card.forgotten) throw new VaultProblem('card_forgotten', `${merchant} deleted its card ${cardToken}`);
    const { data_key: dataKey, sealed, expiry_month: expiryMonth, expiry_year: expiryYear } = card;
    const number = await sealing.openCard(merchant, cardToken as CardToken, { dataKey, sealed });
    return stage({ merchant, mode, idempotencyKey, card: { number, expiryMonth, expiryYear } });
  }

  return (request, caller) =>
    TOKEN_PATTERN.test(request.cardToken) ? stageStored(request) : claimOnce(request, caller);
}

/** The same words whether it never was, ran out, is another merchant's, or of the other mode. */
function unknown(merchant: string): VaultProblem {
  return new VaultProblem('unknown_card_token', `${merchant} has no such card token, or it ran out of time`);
}
