import { z } from 'zod';
import {
  ADVICE_CODES,
  UNKNOWN_REASONS,
  VERIFICATION_STATUSES,
} from '../../../workflows/domain/card-verification.ts';
import { REMEDIES } from '../../../workflows/domain/outcome.ts';
import { currency, idOf, listOf, mode, orNull, text, time } from './common.ts';
import { knownCard } from './payments.ts';

/** A card verification (workflows/domain/card-verification.ts: the one rendering of it). */
export const cardVerification = z.object({
  id: idOf('ver'),
  object: z.literal('card_verification'),
  mode,
  created: time,
  currency,
  status: z
    .enum(VERIFICATION_STATUSES)
    .describe('`unknown` is not a no: the issuer was not heard, and `unknown_reason` says why.'),
  decline_code: orNull(text).describe('What the issuer answered, where it said no.'),
  advice_code: orNull(z.enum(ADVICE_CODES)).describe(
    'What to do after a decline, where that follows from it.',
  ),
  remedy: orNull(z.enum(REMEDIES)),
  unknown_reason: orNull(z.enum(UNKNOWN_REASONS)),
  avs_result: orNull(text),
  cvv_result: orNull(text).describe(
    'M match, N no match, P not processed, U the issuer cannot. Null also where the question that was answered went without the code: it is sent once.',
  ),
  card: orNull(knownCard),
  acquirer: orNull(z.object({ id: text, reference: orNull(text) })).describe('Who was asked, and answered.'),
  customer_reference: orNull(text),
  metadata: z.record(z.string(), z.string()),
  verify_by: time.describe('When it ends as `unknown` at the latest.'),
  concluded: orNull(time),
});

/** The body of a 202. */
export const processingVerification = cardVerification.extend({ next_poll_after: time });
export const cardVerificationList = listOf(cardVerification);
