import { checkCursor } from './cursor.ts';
import type pg from 'pg';
import type { Credential } from '../auth/api-key.ts';
import { isExpired, oldestEvent, type EventRetention } from '../events/retention.ts';
import { pageOf } from '../ledger/page.ts';
import type { ListEvents } from '../schemas/event-queries.ts';
import { KeysetQuery, type SqlQuery } from './keyset.ts';

type Database = Pick<pg.Pool, 'query'>;

/**
 * One page of the merchant's events that are still told, newest first, each exactly as it was sent to webhook endpoints.
 * @throws Problem when the cursor is none of this key's events.
 */
export async function listEvents(
  database: Database,
  credential: Credential,
  wish: ListEvents,
  retention: EventRetention,
): Promise<Record<string, unknown>> {
  // One that grew too old since the page before it is a good cursor: it stands behind all that is told.
  await checkCursor(
    wish,
    'event that belongs to this key',
    async (cursor) =>
      isExpired(cursor, retention) || (await readEvent(database, credential, cursor)) !== null,
  );
  const { rows } = await database.query<{ body: string }>(listQuery(credential, wish, retention));
  return pageOf(wish, rows, ({ body }) => JSON.parse(body) as unknown);
}

/** The very bytes of one event; null when this merchant has none with this id in this mode. */
export async function readEvent(
  database: Database,
  { merchant, mode }: Credential,
  id: string,
): Promise<string | null> {
  const { rows } = await database.query<{ body: string }>({
    name: 'read_event',
    text: 'select body from events where merchant_id = $1 and mode = $2 and id = $3',
    values: [merchant, mode, id],
  });
  return rows[0]?.body ?? null;
}

function listQuery({ merchant, mode }: Credential, wish: ListEvents, retention: EventRetention): SqlQuery {
  const query = new KeysetQuery('e.id');
  query.equal('e.merchant_id', merchant);
  query.equal('e.mode', mode);
  query.where(`e.id >= ${query.put(oldestEvent(retention))}`);
  query.equal('e.type', wish.type);
  query.equal('e.payment_id', wish.payment);
  query.created('e.created_at', 'evt', wish.created);
  return query.page('e.body', 'events e', wish);
}
