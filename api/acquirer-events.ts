import type { RequestHandler } from 'express';
import type pg from 'pg';
import type { SignedItem, VerifyEvents } from '../activities/acquirers/events.ts';
import { atBoundary } from '../platform/crash-points.ts';
import { newId } from '../platform/new-id.ts';
import { readBytes } from './body.ts';
import { sendReply, traceOf } from './call.ts';
import { Problem } from './problem.ts';

/** An acquirer that may send events, how it proves them, and with what. */
export interface EventSource {
  readonly verify: VerifyEvents;
  /** The one that signs, and beside it the next or the last one while they are changed. */
  readonly secrets: readonly string[];
}

export interface AcquirerEventsOptions {
  readonly database: Pick<pg.Pool, 'query'>;
  /** By acquirer (acquirers.id). */
  readonly eventSources: ReadonlyMap<string, EventSource>;
  /** Epoch ms. */
  readonly now: () => number;
}

export const ACQUIRER_EVENTS_PATH = '/v1/acquirer-events/:acquirer';

/** Stripe's largest are some tens of KB. */
const BODY_BYTES_MAX = 256 * 1_024;

// No conflict target: naming one would take the right to read what others were told.
const STORE = `
  insert into acquirer_events (id, acquirer_id, dedupe_key, type, item, occurred_at)
  select i ->> 'id', $1, i ->> 'dedupe_key', i ->> 'type', i -> 'item', (i ->> 'occurred_at')::timestamptz
  from jsonb_array_elements($2::jsonb) as i
  on conflict do nothing`;

/**
 * Takes what an acquirer tells. Who sends it is proven before anything is read; it is answered 200 when
 * it is stored, and what comes again is answered so too. Who cannot prove it is told nothing.
 */
export function takeAcquirerEvents({
  database,
  eventSources,
  now,
}: AcquirerEventsOptions): RequestHandler<{ acquirer: string }> {
  return async (request, response) => {
    traceOf(response).route = ACQUIRER_EVENTS_PATH;
    const { acquirer } = request.params;
    const source = eventSources.get(acquirer);
    if (source === undefined)
      throw new Problem('route_not_found', 'there is no such address in this API: check the path');
    const rawBody = await readBytes(request, BODY_BYTES_MAX);
    const verified = source.verify(rawBody, request.headers, source.secrets, now());
    if (verified.type === 'refused') throw new Problem('event_refused', 'the request was not taken');
    await atBoundary('event-row', () => store(database, acquirer, verified.items));
    sendReply(response, { status: 200, body: '{"received":true}' });
  };
}

/** One statement, so all of them or none; what was stored before stays as it is. */
async function store(
  database: Pick<pg.Pool, 'query'>,
  acquirer: string,
  items: readonly SignedItem[],
): Promise<void> {
  const rows = items.map(({ dedupeKey, type, item, occurredAt }) => ({
    id: newId('aev'),
    dedupe_key: dedupeKey,
    type,
    item,
    occurred_at: occurredAt?.toISOString() ?? null,
  }));
  await database.query({
    name: 'store_acquirer_events',
    text: STORE,
    values: [acquirer, JSON.stringify(rows)],
  });
}
