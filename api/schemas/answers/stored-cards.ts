import { z } from 'zod';
import { idOf, listOf, mode, time } from './common.ts';
import { knownCard } from './payments.ts';

/** A stored card. Its id is the token that it is paid with. */
export const storedCard = knownCard.omit({ token: true }).extend({
  id: idOf('card').describe('The token: `card_token` of a payment or a verification.'),
  object: z.literal('stored_card'),
  mode,
  created: time.describe('When it was first stored.'),
  expiry_month: z.int().describe('The latest that was entered with this number.'),
});
/** A one-time token: what the page that made it was told, and what became of it. */
export const cardToken = z.object({
  id: idOf('ctok'),
  object: z.literal('card_token'),
  mode,
  status: z
    .enum(['ready', 'used', 'expired'])
    .describe(
      '`used`: a request claimed it, whatever became of that one. `expired` for a while, then it is gone.',
    ),
  card: knownCard.pick({ brand: true, last_four: true, expiry_month: true, expiry_year: true }),
  expires_at: time.describe('Until when it can be used.'),
});
export const storedCardList = listOf(storedCard);
