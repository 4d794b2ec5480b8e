import type pg from 'pg';
import { paymentOfReview, reviewIdOf, type PaymentId, type ReviewId } from '../../workflows/domain/ids.ts';
import type { Credential } from '../auth/api-key.ts';
import { pageOf } from '../ledger/page.ts';
import type { ListReviews } from '../schemas/reviews.ts';
import { checkCursor } from './cursor.ts';
import { KeysetQuery } from './keyset.ts';

type Database = Pick<pg.Pool, 'query'>;

interface ReviewRow {
  id: PaymentId;
  mode: 'test' | 'live';
  review: 'open' | 'approved' | 'rejected';
  review_by: Date | null;
  opened_at: Date | null;
  ended_at: Date | null;
  event: string | null;
  cause: string | null;
}

// A review has no row: it is a part of its payment, and its times are those of the changes that opened
// and ended it.
const REVIEWS = `
  select p.id, p.mode, p.review, p.review_by, opened.at as opened_at, ended.at as ended_at, ended.event, ended.cause
  from payments p
  left join lateral (
    select h.at, h.version from payment_history h
    where h.merchant_id = p.merchant_id and h.payment_id = p.id and h.status = 'in_review' order by h.version limit 1) opened on true
  left join lateral (
    select h.at, h.event, h.cause from payment_history h
    where h.merchant_id = p.merchant_id and h.payment_id = p.id and h.version > opened.version and h.status <> 'in_review'
    order by h.version limit 1) ended on p.review <> 'open'
  where p.merchant_id = $1 and p.mode = $2 and p.id = any ($3) and p.review <> 'none'`;

/** Null when no payment of this merchant and mode has that review. */
export async function readReview(
  database: Database,
  credential: Credential,
  id: ReviewId,
): Promise<Record<string, unknown> | null> {
  return (await rendered(database, credential, [paymentOfReview(id)])).get(paymentOfReview(id)) ?? null;
}

/**
 * One page of the merchant's reviews, those of the newest payments first.
 * @throws Problem when the cursor is none of this key's reviews.
 */
export async function listReviews(
  database: Database,
  credential: Credential,
  wish: ListReviews,
): Promise<Record<string, unknown>> {
  const { starting_after: after, ending_before: before } = wish;
  await checkCursor(
    wish,
    'review that belongs to this key',
    async (cursor) => (await readReview(database, credential, cursor)) !== null,
  );
  const query = new KeysetQuery('p.id');
  query.equal('p.merchant_id', credential.merchant);
  query.equal('p.mode', credential.mode);
  query.where("p.review <> 'none'");
  query.equal('p.review', wish.status);
  const { rows } = await database.query<{ id: PaymentId }>(
    query.page('p.id', 'payments p', {
      limit: wish.limit,
      starting_after: after === undefined ? undefined : paymentOfReview(after),
      ending_before: before === undefined ? undefined : paymentOfReview(before),
    }),
  );
  const shown = await rendered(
    database,
    credential,
    rows.map(({ id }) => id),
  );
  return pageOf(wish, rows, ({ id }) => shown.get(id));
}

async function rendered(
  database: Database,
  { merchant, mode }: Credential,
  payments: readonly PaymentId[],
): Promise<ReadonlyMap<PaymentId, Record<string, unknown>>> {
  const { rows } = await database.query<ReviewRow>({
    name: 'read_reviews',
    text: REVIEWS,
    values: [merchant, mode, payments],
  });
  return new Map(rows.map((row) => [row.id, onWire(row)]));
}

function onWire(row: ReviewRow): Record<string, unknown> {
  return {
    id: reviewIdOf(row.id),
    object: 'review',
    mode: row.mode,
    payment: row.id,
    status: row.review,
    outcome: outcomeOf(row),
    opened: row.opened_at?.toISOString() ?? null,
    due: row.review_by?.toISOString() ?? null,
    decided: row.ended_at?.toISOString() ?? null,
  };
}

/** What ended it, by the change that did; where that is archived, what it came to. */
function outcomeOf({ review, event, cause }: ReviewRow): string | null {
  if (review === 'open') return null;
  if (event === null || review === 'approved') return review;
  if (cause === 'review_lapsed') return 'lapsed';
  return event === 'review_rejected' ? 'rejected' : 'nothing_held';
}
