import type pg from 'pg';
import type { Fallen } from './breaker.ts';

/** Between which two writes payments were when a blow fell, read from the times that our rows carry. */
const BOUNDARIES = {
  'request accepted → step begun': `select c.created_at as low, (select min(h.at) from payment_history h where h.merchant_id = c.merchant_id and h.payment_id = c.payment_id and h.at >= c.created_at) as high from commands c`,
  'attempt row → bytes to the acquirer': `select planned_at as low, sending_at as high from attempts where sending_at is not null`,
  'bytes to the acquirer → answer recorded': `select sending_at as low, coalesce(answered_at, sending_at + interval '30 seconds') as high from attempts where sending_at is not null`,
  'answer recorded → books and state': `select a.answered_at as low, o.concluded_at as high from attempts a join operations o on o.merchant_id = a.merchant_id and o.id = a.operation_id where a.answered_at is not null and o.concluded_at > a.answered_at`,
  'unknown → known': `select a.sending_at as low, o.concluded_at as high from attempts a join operations o on o.merchant_id = a.merchant_id and o.id = a.operation_id where a.outcome is distinct from 'approved' and a.outcome is distinct from 'declined' and a.sending_at is not null`,
  'books and state → webhook delivered': `select created_at as low, concluded_at as high from deliveries where concluded_at is not null`,
} as const;

/** Of each boundary: blows that fell while at least one payment was in it. */
export async function countBoundaries(
  main: pg.Client,
  fallen: readonly Fallen[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const [name, spans] of Object.entries(BOUNDARIES)) {
    const { rows } = await main.query<{ count: string }>(
      `select count(*) as count from unnest($1::timestamptz[]) as blow where exists (select from (${spans}) s where blow between s.low and s.high)`,
      [fallen.map(({ at }) => at)],
    );
    counts.set(name, Number(rows[0]?.count ?? 0));
  }
  return counts;
}
