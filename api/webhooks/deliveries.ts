import { checkCursor } from '../lists/cursor.ts';
import type pg from 'pg';
import { newId } from '../../platform/new-id.ts';
import { NEWEST } from '../../workflows/domain/api-versions.ts';
import type { Credential } from '../auth/api-key.ts';
import { pageOf } from '../ledger/page.ts';
import { KeysetQuery } from '../lists/keyset.ts';
import { Problem } from '../problem.ts';
import type { DELIVERY_STATES, ListDeliveries } from '../schemas/webhooks.ts';

type Database = Pick<pg.Pool, 'query'>;

interface DeliveryRow {
  id: string;
  event_id: string;
  type: string;
  endpoint_id: string;
  api_version: string;
  state: (typeof DELIVERY_STATES)[number];
  attempts: number;
  created_at: Date;
  concluded_at: Date | null;
  waits_for: 'version' | null;
  log: {
    number: number;
    at: string;
    response_status: number | null;
    error: string | null;
    latency_ms: number;
  }[];
}

const COLUMNS = `d.id, d.event_id, e.type, d.endpoint_id, d.api_version, d.state, d.attempts, d.created_at, d.concluded_at, d.waits_for,
  coalesce((select jsonb_agg(jsonb_build_object('number', a.number, 'at', a.at, 'response_status', a.response_status,
      'error', a.error, 'latency_ms', a.latency_ms) order by a.number)
    from delivery_attempts a where a.merchant_id = d.merchant_id and a.delivery_id = d.id), '[]') as log`;
// The mode is the event's: an endpoint can be gone.
const FROM = 'deliveries d join events e on e.merchant_id = d.merchant_id and e.id = d.event_id';

/** One page of what was sent to an endpoint, newest first, each with its attempts. @throws Problem when the cursor is none of it. */
export async function listDeliveries(
  database: Database,
  credential: Credential,
  endpoint: string,
  wish: ListDeliveries,
): Promise<Record<string, unknown>> {
  await checkCursor(
    wish,
    'delivery that belongs to this key',
    async (cursor) => (await readDelivery(database, credential, cursor)) !== null,
  );
  const query = new KeysetQuery('d.id');
  query.equal('d.merchant_id', credential.merchant);
  query.equal('e.mode', credential.mode);
  query.equal('d.endpoint_id', endpoint);
  query.equal('d.state', wish.state);
  query.equal('d.event_id', wish.event);
  const { rows } = await database.query<DeliveryRow>(query.page(COLUMNS, FROM, wish));
  return pageOf(wish, rows, onWire);
}

/** One delivery with its attempts; null when this merchant has none with this id in this mode. */
export async function readDelivery(
  database: Database,
  { merchant, mode }: Credential,
  id: string,
): Promise<Record<string, unknown> | null> {
  const { rows } = await database.query<DeliveryRow>({
    name: 'read_delivery',
    text: `select ${COLUMNS} from ${FROM} where d.merchant_id = $1 and e.mode = $2 and d.id = $3`,
    values: [merchant, mode, id],
  });
  const [row] = rows;
  return row === undefined ? null : onWire(row);
}

/** How many deliveries one request makes anew. */
const REPLAY_MAX = 1_000;

interface ReplayWish {
  readonly endpoint: string;
  readonly only: 'failed' | 'all';
  /** Of the events, ISO 8601. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly event?: string | undefined;
  /** Older events are left alone. */
  readonly oldest: string;
}

/**
 * Makes deliveries of an endpoint anew, oldest event first: each is a row of its own with a webhook-id
 * of its own, so that a receiver that has seen the first takes it; its body is that of the first, byte for
 * byte. What is still on its way is left alone.
 * @returns the new deliveries' ids, at most {@link REPLAY_MAX}, and whether there can be more.
 */
export async function replay(
  client: Database,
  { merchant, mode }: Credential,
  { endpoint, only, from, to, event, oldest }: ReplayWish,
): Promise<{ readonly ids: readonly string[]; readonly more: boolean }> {
  const { rows } = await client.query<{ id: string }>({
    text: `
      with sent as (
        select d.event_id, count(*) as times, bool_or(d.state in ('pending', 'retrying')) as under_way,
               (array_agg(d.state order by length(d.id) desc, d.id desc))[1] as last,
               -- All have the same; the bytes are there once one of them was sent.
               min(d.api_version) as api_version, min(d.sent_body) as sent_body
        from ${FROM}
        where d.merchant_id = $1 and e.mode = $2 and d.endpoint_id = $3 and ($7::text is null or d.event_id = $7)
          and e.id >= $8 collate "C"
          and ($4::timestamptz is null or e.created_at >= $4) and ($5::timestamptz is null or e.created_at <= $5)
        group by d.event_id
      )
      insert into deliveries (merchant_id, id, event_id, endpoint_id, api_version, sent_body, created_at)
      select $1, 'dlv_' || substr(event_id, 5) || '_' || substr($3, 5) || '_r' || times, event_id, $3, api_version, sent_body, clock_timestamp()
      from sent where not under_way and ($6 = 'all' or last in ('failed', 'endpoint_disabled')) order by event_id limit ${REPLAY_MAX}
      on conflict do nothing returning id`,
    values: [merchant, mode, endpoint, from ?? null, to ?? null, only, event ?? null, oldest],
  });
  return { ids: rows.map(({ id }) => id), more: rows.length === REPLAY_MAX };
}

/** Tells one endpoint of nothing in particular. @throws Problem `webhook_endpoint_disabled` */
export async function sendTestEvent(
  client: Database,
  { merchant, mode }: Credential,
  endpoint: string,
): Promise<Record<string, unknown>> {
  const event = {
    id: newId('evt'),
    object: 'event',
    type: 'endpoint.test',
    created: new Date().toISOString(),
    data: { endpoint },
  };
  const { rows } = await client.query<{ sent: boolean }>({
    name: 'send_test_event',
    text: 'select send_test_event($1, $2, $3, $4, $5, $6) as sent',
    values: [merchant, mode, endpoint, event.id, JSON.stringify(event), NEWEST],
  });
  if (rows[0]?.sent !== true) throw endpointDisabled(endpoint);
  return event;
}

export function endpointDisabled(endpoint: string): Problem {
  return new Problem(
    'webhook_endpoint_disabled',
    `nothing is sent to ${endpoint} while it is disabled: enable it first`,
  );
}

function onWire(row: DeliveryRow): Record<string, unknown> {
  return {
    id: row.id,
    object: 'delivery',
    event: row.event_id,
    event_type: row.type,
    endpoint: row.endpoint_id,
    api_version: row.api_version,
    state: row.state,
    attempt_count: row.attempts,
    created: row.created_at.toISOString(),
    concluded: row.concluded_at?.toISOString() ?? null,
    waits_for: row.concluded_at === null ? row.waits_for : null,
    attempts: row.log.map((attempt) => ({ ...attempt, at: new Date(attempt.at).toISOString() })),
  };
}
