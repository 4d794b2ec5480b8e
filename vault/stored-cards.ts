import type { CardBrand } from '../workflows/domain/card.ts';
import type { CardToken } from '../workflows/domain/ids.ts';
import type {
  CardAnswer,
  CardRequest,
  CardsAnswer,
  CardsRequest,
  CardTokenAnswer,
  CardTokenRequest,
  StoredCard,
} from './contract.ts';
import type { VaultDatabase } from './database.ts';

interface CardRow {
  readonly token: CardToken;
  readonly fingerprint: string;
  readonly brand: CardBrand;
  readonly bin: string;
  readonly last_four: string;
  readonly expiry_month: number;
  readonly expiry_year: number;
  readonly created_at: Date;
}

interface OneTimeRow extends Pick<CardRow, 'brand' | 'last_four' | 'expiry_month' | 'expiry_year'> {
  readonly status: 'ready' | 'used' | 'expired';
  readonly expires_at: Date;
}

const FACTS = 'token, fingerprint, brand, bin, last_four, expiry_month, expiry_year, created_at';

const ONE = `
  SELECT forgotten_at IS NOT NULL AS forgotten, ${FACTS} FROM vault.cards
   WHERE token = $1 AND merchant = $2 AND mode = $3`;

/** To the microsecond: two cards can be stored in one millisecond. */
const PLACE = `
  SELECT created_at::text AS at FROM vault.cards WHERE token = $1 AND merchant = $2 AND mode = $3`;

/** Every bound is always there, so that the index of listed cards is walked from its place whatever is asked. */
const page = (order: 'ASC' | 'DESC', more: string): string => `
  SELECT ${FACTS} FROM vault.cards
   WHERE merchant = $1 AND mode = $2 AND forgotten_at IS NULL
     AND (created_at, token) > ($3::timestamptz, $4) AND (created_at, token) < ($5::timestamptz, $6)
     AND created_at > $7::timestamptz AND created_at >= $8::timestamptz
     AND created_at < $9::timestamptz AND created_at <= $10::timestamptz ${more}
   ORDER BY created_at ${order}, token ${order} LIMIT $11`;
const OF_ONE_NUMBER = 'AND fingerprint = $12';
const OLDER = page('DESC', '');
const NEWER = page('ASC', '');
const OLDER_OF_ONE_NUMBER = page('DESC', OF_ONE_NUMBER);
const NEWER_OF_ONE_NUMBER = page('ASC', OF_ONE_NUMBER);

/** What the page that made it was told, and what became of it: no first digits, no fingerprint. */
const ONE_TIME = `
  SELECT s.brand, s.last_four, s.expiry_month, s.expiry_year, t.expires_at,
         CASE WHEN t.claimed_by IS NOT NULL THEN 'used' WHEN t.expires_at > now() THEN 'ready' ELSE 'expired' END AS status
    FROM vault.card_tokens t JOIN vault.staged_cards s ON s.id = t.staging
   WHERE t.token = $1 AND t.merchant = $2 AND t.mode = $3`;

const FIRST = ['-infinity', ''] as const;
/** Behind every token. */
const LAST = ['infinity', '~'] as const;

/** What a merchant stored, as it may be known outside of the cardholder zone: nothing here opens a number. */
export function createStoredCards(database: VaultDatabase) {
  return {
    /** One card by its token. Another merchant’s, and that of the other mode, is not there. */
    async card({ merchant, mode, token }: CardRequest): Promise<CardAnswer> {
      const [row] = await database.query<
        { readonly forgotten: true } | ({ readonly forgotten: false } & CardRow)
      >('stored_card', ONE, [token, merchant, mode]);
      if (row === undefined) return { card: null, forgotten: false };
      return row.forgotten ? { card: null, forgotten: true } : { card: factsOf(row), forgotten: false };
    },

    /** A one-time token as it stands; nothing is claimed by asking. */
    async cardToken({ merchant, mode, cardToken }: CardTokenRequest): Promise<CardTokenAnswer> {
      const [row] = await database.query<OneTimeRow>('one_time_token', ONE_TIME, [cardToken, merchant, mode]);
      if (row === undefined) return { cardToken: null };
      return {
        cardToken: {
          status: row.status,
          brand: row.brand,
          lastFour: row.last_four,
          expiryMonth: row.expiry_month,
          expiryYear: row.expiry_year,
          expiresAt: row.expires_at.toISOString(),
        },
      };
    },

    /** A page, newest first, read from its place to the older or to the newer. */
    async cards(request: CardsRequest): Promise<CardsAnswer> {
      const { merchant, mode, limit, startingAfter, endingBefore, fingerprint, created = {} } = request;
      const cursor = endingBefore ?? startingAfter;
      let place: readonly [string, string] | null = null;
      if (cursor !== undefined) {
        const values = [cursor, merchant, mode];
        const [found] = await database.query<{ at: string }>('place_of_card', PLACE, values);
        if (found === undefined) return { cards: null };
        place = [found.at, cursor];
      }
      const newer = endingBefore !== undefined;
      const values: unknown[] = [
        merchant,
        mode,
        ...((newer ? place : null) ?? FIRST),
        ...((newer ? null : place) ?? LAST),
        created.gt ?? '-infinity',
        created.gte ?? '-infinity',
        created.lt ?? 'infinity',
        created.lte ?? 'infinity',
        limit,
      ];
      const rows =
        fingerprint === undefined
          ? await database.query<CardRow>(
              newer ? 'cards_newer' : 'cards_older',
              newer ? NEWER : OLDER,
              values,
            )
          : await database.query<CardRow>(
              newer ? 'cards_newer_of_one_number' : 'cards_older_of_one_number',
              newer ? NEWER_OF_ONE_NUMBER : OLDER_OF_ONE_NUMBER,
              [...values, fingerprint],
            );
      const cards = rows.map(factsOf);
      return { cards: newer ? cards.reverse() : cards };
    },
  };
}

function factsOf(row: CardRow): StoredCard {
  return {
    token: row.token,
    fingerprint: row.fingerprint,
    brand: row.brand,
    bin: row.bin,
    lastFour: row.last_four,
    expiryMonth: row.expiry_month,
    expiryYear: row.expiry_year,
    createdAt: row.created_at.toISOString(),
  };
}
