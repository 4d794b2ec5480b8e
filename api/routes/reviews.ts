import type pg from 'pg';
import { isId } from '../../workflows/domain/ids.ts';
import type { Route } from '../call.ts';
import { COMPONENTS } from '../contract/components.ts';
import { route } from '../contract/route.ts';
import { jsonReply } from '../json-reply.ts';
import { listReviews, readReview } from '../lists/reviews.ts';
import { Problem } from '../problem.ts';
import * as schemas from '../schemas/reviews.ts';

const REVIEWS = '/v1/reviews';

/** What waits, or waited, for a person to decide. Reading alone: operators decide. */
export function reviewRoutes({ database }: { readonly database: pg.Pool }): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: REVIEWS,
      id: 'listReviews',
      tag: 'Payments',
      summary: 'List reviews',
      description:
        'Payments whose money is held until a person has decided, and those of which that is over; those of the newest payments first. What was scored, and why, is `risk` of the payment.',
      query: schemas.listReviews,
      answers: { 200: { description: 'A page of reviews.', schema: COMPONENTS.ReviewList } },
      handle: async ({ credential, parameters }) =>
        jsonReply(await listReviews(database, credential, parameters)),
    }),
    route({
      method: 'GET',
      path: `${REVIEWS}/:review`,
      id: 'getReview',
      tag: 'Payments',
      summary: 'Get a review',
      description: 'As it stands. A payment has one at most, and its id has the payment’s letters: `rev_…`.',
      answers: { 200: { description: 'The review.', schema: COMPONENTS.Review } },
      problems: ['review_not_found'],
      handle: async ({ credential, params }) => {
        const id = params['review'] ?? '';
        const found = isId('rev', id) ? await readReview(database, credential, id) : null;
        if (found !== null) return jsonReply(found);
        throw new Problem(
          'review_not_found',
          'no review with this id belongs to this key: check the id, and whether the key is for test or live',
        );
      },
    }),
  ];
}
