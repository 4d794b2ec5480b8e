import type { CardTakerId, CardToken, MerchantId } from '../../workflows/domain/ids.ts';
import type { Caller } from '../callers.ts';
import type {
  DestroyAnswer,
  DestroyRequest,
  ForgetAnswer,
  ForgetRequest,
  ForgottenAnswer,
  ForgottenRequest,
} from '../contract.ts';
import type { VaultDatabase } from '../database.ts';
import { VaultProblem } from '../problem.ts';

const UNUSED = `
  SELECT vault.forget_card(u.merchant, u.token, 'vault') AS forgotten FROM (
    SELECT merchant, token FROM vault.cards
     WHERE forgotten_at IS NULL AND last_used_at <= now() - $1 * interval '1 millisecond'
     ORDER BY last_used_at LIMIT 500) u`;

/** One more than asked for, to know whether there is a next page. A card of very many payments fills its page alone. */
const FORGOTTEN = `
  SELECT c.merchant, c.token,
         ARRAY(SELECT s.payment FROM vault.staged_cards s WHERE s.token = c.token ORDER BY s.payment LIMIT $2) AS payments
    FROM vault.cards c
   WHERE c.forgotten_at IS NOT NULL AND c.destroyed_at IS NULL AND c.token > $1
   ORDER BY c.token LIMIT $3`;

const PAGE = 20;
/** A card that more payments took is never destroyed by the count of those who looked: it is kept, and told. */
const PAYMENTS_MAX = 2_000;

interface ForgottenRow {
  readonly merchant: MerchantId;
  readonly token: CardToken;
  readonly payments: readonly CardTakerId[];
}

/**
 * How cards end (payment-rules 17): forgotten, which hides the token at once, and destroyed once no payment
 * needs the number. What payments need only the caller knows; the vault knows which payments there are,
 * and destroys nothing on the word of one who has not looked at all of them.
 */
export function createRetention(database: VaultDatabase, unusedMs: number) {
  return {
    async forget({ merchant, mode, token }: ForgetRequest, caller: Caller): Promise<ForgetAnswer> {
      const [card] = await database.query(
        'find_card',
        'SELECT FROM vault.cards WHERE merchant = $1 AND token = $2 AND mode = $3',
        [merchant, token, mode],
      );
      if (card === undefined) throw new VaultProblem('unknown_token', `${merchant} has no card ${token}`);
      const [row] = await database.query<ForgetAnswer>(
        'forget',
        'SELECT vault.forget_card($1, $2, $3) AS forgotten',
        [merchant, token, caller],
      );
      return { forgotten: row?.forgotten ?? false };
    },

    async forgotten({ after }: ForgottenRequest): Promise<ForgottenAnswer> {
      const unused = after === null ? (await database.query('forget_unused', UNUSED, [unusedMs])).length : 0;
      const rows = await database.query<ForgottenRow>('forgotten', FORGOTTEN, [
        after ?? '',
        PAYMENTS_MAX,
        PAGE + 1,
      ]);
      const cards = rows.slice(0, PAGE);
      return { cards, next: rows.length > PAGE ? (cards.at(-1)?.token ?? null) : null, unused };
    },

    async destroy({ merchant, token, payments }: DestroyRequest, caller: Caller): Promise<DestroyAnswer> {
      const [row] = await database.query<{
        how: 'destroyed' | 'gone' | 'unknown' | 'not_forgotten' | 'in_use';
      }>('destroy', 'SELECT vault.destroy_card($1, $2, $3, $4) AS how', [merchant, token, payments, caller]);
      switch (row?.how) {
        case 'destroyed':
          return { destroyed: true };
        case 'gone':
          return { destroyed: false };
        case 'not_forgotten':
          throw new VaultProblem('card_in_use', `${token} of ${merchant} is not forgotten: forget it first`);
        case 'in_use':
          throw new VaultProblem(
            'card_in_use',
            `${token} of ${merchant} was taken by other than the ${payments} payments that were looked at: look at all of them`,
          );
        case 'unknown':
        case undefined:
          throw new VaultProblem('unknown_token', `${merchant} has no card ${token}`);
      }
    },
  };
}

export type Retention = ReturnType<typeof createRetention>;
