import pg from 'pg';
import type { CardBrand } from '../workflows/domain/card.ts';
import type { CardTakerId, CardToken } from '../workflows/domain/ids.ts';
import type { TokenAnswer, TokenizeRequest } from './contract.ts';
import type { VaultDatabase } from './database.ts';
import { newCardToken } from './new-token.ts';
import type { NumericTokenOf } from './numeric-tokens.ts';
import { VaultProblem } from './problem.ts';
import type { Sealing } from './sealing.ts';

interface StagedRow {
  readonly fingerprint: string;
  readonly brand: CardBrand;
  readonly bin: string;
  readonly last_four: string;
  readonly expiry_month: number;
  readonly expiry_year: number;
  /** Both null once taken. */
  readonly data_key: string | null;
  readonly sealed: Buffer | null;
  readonly payment: CardTakerId | null;
  readonly token: CardToken | null;
  /** The merchant's token for this card, if there is one already. */
  readonly known_token: CardToken | null;
}

const FIND = `
  SELECT s.fingerprint, s.brand, s.bin, s.last_four, s.expiry_month, s.expiry_year, s.data_key, s.sealed,
         s.payment, s.token, c.token AS known_token
    FROM vault.staged_cards s
    LEFT JOIN vault.cards c ON c.merchant = s.merchant AND c.fingerprint = s.fingerprint AND c.mode = s.mode
   WHERE s.id = $1 AND s.merchant = $2`;

/** The payment takes the staged card and its security code; the number leaves the staging row. */
const TAKE = `
  taken AS (
    UPDATE vault.staged_cards SET payment = $3, token = (SELECT token FROM card), data_key = NULL, sealed = NULL
     WHERE id = $1 AND merchant = $2 AND payment IS NULL AND EXISTS (SELECT FROM card)
    RETURNING token
  ), code AS (
    UPDATE vault.security_codes SET payment = $3 WHERE staging = $1 AND EXISTS (SELECT FROM taken)
  )
  SELECT token FROM taken`;

/**
 * A card seen before, unless it was forgotten since: then another look finds it new. Only its latest expiry
 * may move on. When it was used is kept to the day: one that is used often is not written each time.
 */
const TAKE_KNOWN = `
  WITH card AS (
    SELECT token FROM vault.cards WHERE token = $4 AND merchant = $2 AND forgotten_at IS NULL FOR KEY SHARE
  ), renewed AS (
    UPDATE vault.cards SET
      expiry_month = CASE WHEN (expiry_year, expiry_month) < ($6::smallint, $5::smallint) THEN $5 ELSE expiry_month END,
      expiry_year  = greatest(expiry_year, $6::smallint),
      last_used_at = now()
     WHERE token = $4 AND merchant = $2 AND EXISTS (SELECT FROM card)
       AND ((expiry_year, expiry_month) < ($6::smallint, $5::smallint) OR last_used_at < now() - interval '1 day')
  ), ${TAKE}`;

/** A new card, or one that another request is making at this moment: the unique index leaves one token. */
const TAKE_NEW = `
  WITH card AS (
    INSERT INTO vault.cards
      (token, merchant, mode, fingerprint, brand, bin, last_four, expiry_month, expiry_year, data_key, sealed)
    SELECT $4, merchant, mode, fingerprint, brand, bin, last_four, expiry_month, expiry_year, $5, $6
      FROM vault.staged_cards WHERE id = $1 AND merchant = $2
    ON CONFLICT ON CONSTRAINT cards_one_token_per_card DO UPDATE SET
      expiry_month = CASE WHEN (excluded.expiry_year, excluded.expiry_month) > (cards.expiry_year, cards.expiry_month)
                          THEN excluded.expiry_month ELSE cards.expiry_month END,
      expiry_year  = greatest(excluded.expiry_year, cards.expiry_year),
      last_used_at = now()
    RETURNING token
  ), ${TAKE}`;

/** Losing a race means that the row is taken now: the second look finds by whom. */
const TRIES = 2;

/**
 * Gives a staged card to a payment, once, and answers the merchant's token for it. The same payment may
 * ask again. The answer's expiry is what this payment was given; the card keeps the latest one seen.
 */
export function createTokenize(
  database: VaultDatabase,
  sealing: Sealing,
  numericTokenOf: NumericTokenOf,
): (request: TokenizeRequest) => Promise<TokenAnswer> {
  async function take(
    { merchant, payment, staging }: TokenizeRequest,
    staged: StagedRow,
  ): Promise<CardToken | null> {
    if (staged.known_token !== null) {
      const values = [
        staging,
        merchant,
        payment,
        staged.known_token,
        staged.expiry_month,
        staged.expiry_year,
      ];
      const [row] = await database.query<{ token: CardToken }>('tokenize_known', TAKE_KNOWN, values);
      return row?.token ?? null;
    }
    if (staged.data_key === null || staged.sealed === null) return null;
    const number = await sealing.openStaged(merchant, staging, {
      dataKey: staged.data_key,
      sealed: staged.sealed,
    });
    const token = newCardToken();
    const card = await sealing.sealCard(merchant, token, number);
    const values = [staging, merchant, payment, token, card.dataKey, card.sealed];
    const [row] = await database.query<{ token: CardToken }>('tokenize_new', TAKE_NEW, values);
    return row?.token ?? null;
  }

  return async (request) => {
    const { merchant, payment, staging } = request;
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const [staged] = await database.query<StagedRow>('find_to_tokenize', FIND, [staging, merchant]);
      if (staged === undefined) {
        throw new VaultProblem(
          'unknown_staging',
          `${merchant} has no staged card ${staging}; it may have been left too long, stage the card again`,
        );
      }
      if (staged.payment !== null && staged.payment !== payment) {
        throw new VaultProblem(
          'staging_used',
          `staged card ${staging} was taken by another payment than ${payment}`,
        );
      }
      const token =
        staged.token ??
        (await take(request, staged).catch((error: unknown) => {
          throw takeError(error, request);
        }));
      if (token !== null) {
        return {
          token,
          fingerprint: staged.fingerprint,
          brand: staged.brand,
          bin: staged.bin,
          lastFour: staged.last_four,
          expiryMonth: staged.expiry_month,
          expiryYear: staged.expiry_year,
          ...(request.numeric === true ? { numericToken: await numericTokenOf(merchant, token) } : {}),
        };
      }
    }
    throw new VaultProblem(
      'database_unavailable',
      `staged card ${staging} changed while ${payment} took it; ask again`,
    );
  };
}

function takeError(error: unknown, { payment, staging }: TokenizeRequest): unknown {
  if (error instanceof pg.DatabaseError && error.constraint === 'staged_cards_one_per_payment') {
    return new VaultProblem(
      'payment_has_card',
      `${payment} has another card already and cannot take ${staging}`,
    );
  }
  return error;
}
