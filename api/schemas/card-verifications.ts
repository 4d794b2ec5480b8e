import { z } from 'zod';
import { VERIFICATION_STATUSES } from '../../workflows/domain/card-verification.ts';
import { isId } from '../../workflows/domain/ids.ts';
import {
  cardInput,
  cardTokenInput,
  currencyInput,
  HAS_CARD,
  hasCard,
  line,
  metadata,
  notTwoCards,
} from './payments.ts';
import { instant, isOneDirection, once, ONE_DIRECTION, pages, rangeOf } from './query-parts.ts';

// Messages complete the sentence "<pointer> …" and never quote what was sent.

/** POST /v1/card-verifications. The amount is zero: there is none to send. */
export const createVerification = z
  .strictObject(
    {
      currency: currencyInput.describe(
        'In which you mean to be paid with this card: an account that takes it is asked.',
      ),
      card: cardInput.optional(),
      card_token: cardTokenInput.optional(),
      customer_reference: line(100).optional(),
      metadata: metadata.default({}),
    },
    'must be an object',
  )
  .refine(hasCard, HAS_CARD)
  .superRefine(notTwoCards);

/** How long it may be asked about (ms): as long as a payment may take to be sent, and below the limit of the security code. */
export const VERIFY_WITHIN_MS = 10 * 60_000;

/** GET /v1/card-verifications. All filters that stand here must hold. */
export const listVerifications = z
  .strictObject({
    created: rangeOf(instant).optional().describe('When it was created.'),
    status: once
      .pipe(z.enum(VERIFICATION_STATUSES, `must be one of ${VERIFICATION_STATUSES.join(', ')}`))
      .optional(),
    card_fingerprint: once
      .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
      .optional()
      .describe('The same card: `card.fingerprint` of a payment or a verification.'),
    ...pages((text) => (isId('ver', text) ? text : null), 'a card verification (ver_…)'),
  })
  .refine(isOneDirection, ONE_DIRECTION);
export type ListVerifications = z.output<typeof listVerifications>;
