import { z } from 'zod';
import type { CardToken } from '../../workflows/domain/ids.ts';
import { instant, isOneDirection, once, ONE_DIRECTION, pages, rangeOf } from './query-parts.ts';

/** The token of a stored card: 26 random characters, none of the card's. */
export function isStoredCard(text: string): text is CardToken {
  return /^card_[0-9a-hjkmnp-tv-z]{26}$/.test(text);
}

/** A one-time token of a page or an app. */
export function isCardToken(text: string): boolean {
  return /^ctok_[0-9a-hjkmnp-tv-z]{26}$/.test(text);
}

/** GET /v1/stored-cards. All filters that stand here must hold. */
export const listStoredCards = z
  .strictObject({
    created: rangeOf(instant).optional().describe('When it was first stored.'),
    card_fingerprint: once
      .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
      .optional()
      .describe('The card with this number: `card.fingerprint` of a payment or a verification.'),
    ...pages<CardToken>((text) => (isStoredCard(text) ? text : null), 'a stored card (card_…)'),
  })
  .refine(isOneDirection, ONE_DIRECTION);
export type ListStoredCards = z.output<typeof listStoredCards>;
