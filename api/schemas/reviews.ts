import { z } from 'zod';
import { isId } from '../../workflows/domain/ids.ts';
import { isOneDirection, once, ONE_DIRECTION, pages } from './query-parts.ts';

/** Of a payment's review: none is not listed. */
export const REVIEW_STATUSES = ['open', 'approved', 'rejected'] as const;

/** GET /v1/reviews. */
export const listReviews = z
  .strictObject({
    status: once
      .pipe(z.enum(REVIEW_STATUSES, `must be one of ${REVIEW_STATUSES.join(', ')}`))
      .optional()
      .describe('`open` for what waits.'),
    ...pages((text) => (isId('rev', text) ? text : null), 'a review (rev_…)'),
  })
  .refine(isOneDirection, ONE_DIRECTION);
export type ListReviews = z.output<typeof listReviews>;
