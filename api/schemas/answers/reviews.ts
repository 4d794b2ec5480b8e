import { z } from 'zod';
import { REVIEW_STATUSES } from '../reviews.ts';
import { idOf, listOf, mode, orNull, time } from './common.ts';

/** How a review ended. */
export const REVIEW_OUTCOMES = ['approved', 'rejected', 'lapsed', 'nothing_held'] as const;

export const review = z.object({
  id: idOf('rev'),
  object: z.literal('review'),
  mode,
  payment: idOf('pay'),
  status: z.enum(REVIEW_STATUSES).describe('What holds of the payment: `rejected` however it came to that.'),
  outcome: orNull(z.enum(REVIEW_OUTCOMES)).describe(
    'How it ended: by a person (`approved`, `rejected`), because nobody decided in time (`lapsed`), or because there was nothing held any more to decide about (`nothing_held`: the payment was voided, ran out, or was taken back).',
  ),
  opened: orNull(time).describe('Null where the payment’s history of that time is archived.'),
  due: orNull(time).describe(
    'Until when it has to be decided; what nobody decided is rejected. Null when it has ended.',
  ),
  decided: orNull(time).describe('When it ended.'),
});
export const reviewList = listOf(review);
