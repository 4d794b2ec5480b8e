import type pg from 'pg';
import { isId } from '../../workflows/domain/ids.ts';
import type { Credential } from '../auth/api-key.ts';
import { idFloor } from '../lists/id-floor.ts';

/** Where a reader of events stands: behind that event of that transaction; without an event, before all of it. */
export interface Position {
  /** Number of the transaction that wrote the event. */
  readonly writtenIn: string;
  readonly event: string;
}

export interface FeedEvent {
  /** The very bytes that webhook endpoints are sent. */
  readonly body: string;
  readonly position: Position;
}

/** A merchant's events in the order in which they became final: what was passed over once never appears. */
export interface EventFeed {
  /** Behind everything that is there now. */
  now(): Promise<Position>;
  /**
   * Whether what comes next behind a position is no longer told: who goes on there passes over it. Known as
   * long as it is in the database.
   */
  isPassed(credential: Credential, position: Position): Promise<boolean>;
  /**
   * The place of one event, or before it where something that comes before it may still be under way;
   * null when this merchant has none with this id in this mode.
   */
  behind(credential: Credential, event: string): Promise<Position | null>;
  /** What comes next, and where one stands then; without events as far as there can be none any more. */
  after(
    credential: Credential,
    position: Position,
    limit: number,
  ): Promise<{ readonly events: readonly FeedEvent[]; readonly position: Position }>;
}

const POSITION = /^(\d{1,18})(?:_(?:(evt_[0-7][0-9a-hjkmnp-tv-z]{25})|([0-7][0-9a-hjkmnp-tv-z]{9})))?$/;

/**
 * As a client keeps it; a client need not know what is in it. One without an event says when it was told, as
 * ids do: it would not age otherwise, and whoever came back with it late would not be told of the gap.
 * @param now epoch ms.
 */
export function positionText({ writtenIn, event }: Position, now: number): string {
  return event === '' ? idFloor(writtenIn, now) : `${writtenIn}_${event}`;
}

export interface SaidPosition extends Position {
  /** When the client was told of it, as the id of an event of that moment begins; null = nobody knows. */
  readonly saidAt: string | null;
}

/** Where a stream begins. */
export interface Start {
  readonly position: Position;
  /** The client's own words for it; null = it has none yet. */
  readonly said: string | null;
}

/** The position that a text says, or the event whose place it is; null for anything else. */
export function parsePosition(text: string): SaidPosition | { readonly event: string } | null {
  if (isId('evt', text)) return { event: text };
  const [, writtenIn, event = '', said] = POSITION.exec(text) ?? [];
  if (writtenIn === undefined) return null;
  if (event !== '') return { writtenIn, event, saidAt: event };
  return { writtenIn, event, saidAt: said === undefined ? null : `evt_${said}` };
}

/** Of a transaction below it everything is there; of one from it on perhaps nothing. */
const SETTLED = 'pg_snapshot_xmin(pg_current_snapshot())::text::bigint';

/**
 * Events as PostgreSQL has them. Only what was written by transactions below the oldest one that is
 * under way is read (0033_event_order.sql), so a transaction that stays open keeps everybody waiting,
 * and nobody passes over what it wrote.
 * @param oldest no event with a lower id is told.
 */
export function createPostgresFeed(database: Pick<pg.Pool, 'query'>, oldest: () => string): EventFeed {
  return {
    async now() {
      const { rows } = await database.query<{ settled: string }>({
        name: 'events_settled',
        text: `select ${SETTLED}::text as settled`,
      });
      return { writtenIn: rows[0]?.settled ?? '0', event: '' };
    },

    async isPassed({ merchant, mode }, { writtenIn, event }) {
      const { rows } = await database.query<{ id: string }>({
        name: 'next_event',
        text: `select id from events
               where merchant_id = $1 and mode = $2 and (written_in, id) > ($3::bigint, $4::text collate "C")
               order by written_in, id limit 1`,
        values: [merchant, mode, writtenIn, event],
      });
      const [next] = rows;
      return next !== undefined && next.id < oldest();
    },

    async behind({ merchant, mode }, event) {
      const { rows } = await database.query<{ written_in: string; settled: string }>({
        name: 'place_of_event',
        text: `select written_in::text, ${SETTLED}::text as settled
               from events where merchant_id = $1 and mode = $2 and id = $3`,
        values: [merchant, mode, event],
      });
      const [row] = rows;
      if (row === undefined) return null;
      const { written_in: writtenIn, settled } = row;
      // It was told of elsewhere (a webhook, a list), sooner than this stream would have.
      return BigInt(writtenIn) < BigInt(settled) ? { writtenIn, event } : { writtenIn: settled, event: '' };
    },

    async after({ merchant, mode }, { writtenIn, event }, limit) {
      const { rows } = await database.query<{
        settled: string;
        id: string | null;
        body: string;
        written_in: string;
      }>({
        name: 'events_after',
        text: `with now as materialized (select ${SETTLED} as settled)
               select now.settled::text, e.id, e.body, e.written_in::text from now left join lateral (
                 select id, body, written_in from events
                 where merchant_id = $1 and mode = $2 and (written_in, id) > ($3::bigint, $4::text collate "C")
                   and written_in < now.settled and id >= $6 collate "C"
                 order by written_in, id limit $5) e on true
               order by e.written_in, e.id`,
        values: [merchant, mode, writtenIn, event, limit, oldest()],
      });
      const events = rows.flatMap(({ id, body, written_in }) =>
        id === null ? [] : [{ body, position: { writtenIn: written_in, event: id } }],
      );
      const last = events.at(-1)?.position;
      const settled = rows[0]?.settled ?? writtenIn;
      // A short page was all there is below the border.
      const border = BigInt(settled) > BigInt(writtenIn) ? { writtenIn: settled, event: '' } : null;
      const short = events.length < limit;
      return { events, position: (short ? border : null) ?? last ?? { writtenIn, event } };
    },
  };
}
