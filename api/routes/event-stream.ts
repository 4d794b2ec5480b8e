import type pg from 'pg';
import { z } from 'zod';
import type { Call, Route } from '../call.ts';
import { route } from '../contract/route.ts';
import type { Credential } from '../auth/api-key.ts';
import {
  createPostgresFeed,
  parsePosition,
  type EventFeed,
  type SaidPosition,
  type Start,
} from '../events/feed.ts';
import { isExpired, oldestEvent, refuseExpired, type EventRetention } from '../events/retention.ts';
import { eventStream, STREAM_TIMES, type StreamTimes } from '../events/stream.ts';
import { invalidFields, Problem } from '../problem.ts';
import { parsed } from '../schemas/query-parts.ts';
import { createSlots } from '../slots.ts';

export interface EventStreamOptions extends EventRetention {
  readonly database: pg.Pool;
  /** Aborted when this process leaves: every stream ends, whole, and its reader goes elsewhere. */
  readonly streamsEnd: AbortSignal;
  /** Only where a test needs others. */
  readonly streamTimes?: StreamTimes;
}

/** Readers look for news by themselves: so many looks a second are nothing to the database. */
const PER_MERCHANT = 5;
const PER_PROCESS = 100;
const RETRY_AFTER_S = '5';

const query = z.strictObject({
  after: parsed(
    (text) => (parsePosition(text) === null ? null : text),
    'must be the id of an event or a position of this stream',
  )
    .optional()
    .describe('Where to go on, as `Last-Event-ID` would say it; that header comes first.'),
});

/** Events as they happen, for tools. What money depends on belongs to a webhook endpoint. */
export function eventStreamRoutes({
  database,
  streamsEnd,
  streamTimes = STREAM_TIMES,
  ...retention
}: EventStreamOptions): readonly Route[] {
  const feed = createPostgresFeed(database, () => oldestEvent(retention));
  const slots = createSlots({
    perMerchant: PER_MERCHANT,
    perProcess: PER_PROCESS,
    refuse: (own) =>
      new Problem(
        'too_many_streams',
        own
          ? `${PER_MERCHANT} streams are open with keys of this merchant: close one, then send this again`
          : 'as many streams are open here as there can be: send this again in a few seconds',
        { headers: { 'retry-after': RETRY_AFTER_S } },
      ),
  });
  return [
    route({
      method: 'GET',
      path: '/v1/events/stream',
      id: 'streamEvents',
      tag: 'Events',
      summary: 'Follow events',
      description:
        'Server-sent events, from now on: each event once, in the order in which they became final, as `data` the very bytes that webhook endpoints of the newest version are sent. Every message has an `id`; a reader that comes back with it as `Last-Event-ID` (browsers do by themselves) goes on behind it, without loss or gap, for 30 days. Ends after ten minutes at the latest. At most 5 at once.',
      query,
      answers: {
        200: {
          description: 'Events as they happen.',
          schema: null,
          otherMedia: { 'text/event-stream': 'Messages of `id` and `data`, between blank lines.' },
        },
      },
      problems: ['too_many_streams', 'event_expired'],
      handle: async (call) => {
        const from = await startOf(feed, call, call.parameters.after, retention);
        const giveBack = slots.take(call.credential.merchant);
        return {
          status: 200,
          headers: {
            'content-type': 'text/event-stream; charset=utf-8',
            // A proxy that collects would hold back what happened.
            'x-accel-buffering': 'no',
          },
          chunks: eventStream(feed, call.credential, from, retention.now, streamsEnd, streamTimes),
          close: async () => {
            giveBack();
          },
        };
      },
    }),
  ];
}

/** Whether a place that names no event lies behind what is told. `0` is where all that is told begins. */
async function isGone(
  feed: EventFeed,
  credential: Credential,
  { saidAt, ...position }: SaidPosition,
  retention: EventRetention,
): Promise<boolean> {
  if (saidAt !== null) return isExpired(saidAt, retention);
  // Of a version before places had times.
  return position.writtenIn !== '0' && feed.isPassed(credential, position);
}

/** @throws Problem when it says no place in this merchant's events, or one that is too old. */
async function startOf(
  feed: EventFeed,
  { credential, headers }: { readonly credential: Credential; readonly headers: Call['headers'] },
  after: string | undefined,
  retention: EventRetention,
): Promise<Start> {
  const header = headers['last-event-id'];
  const text = typeof header === 'string' && header !== '' ? header : after;
  if (text === undefined) return { position: await feed.now(), said: null };
  const asked = parsePosition(text);
  // What came after it may be gone as well: whoever comes back so late is told that there is a gap.
  if (asked !== null && asked.event !== '') refuseExpired(asked.event, retention);
  if (
    asked !== null &&
    'writtenIn' in asked &&
    asked.event === '' &&
    (await isGone(feed, credential, asked, retention))
  )
    throw new Problem(
      'event_expired',
      `that place in the stream is older than ${retention.eventRetentionDays} days, and what came behind it is not told any more: read GET /v1/events, then follow from now`,
    );
  if (asked !== null && 'writtenIn' in asked) return { position: asked, said: text };
  const position = asked === null ? null : await feed.behind(credential, asked.event);
  if (position !== null) return { position, said: null };
  const param = text === after ? 'after' : 'Last-Event-ID';
  throw invalidFields([
    {
      code: 'field_invalid',
      param,
      detail: `${param} names no place in the events of this key: leave it out to begin now, or read GET /v1/events first`,
    },
  ]);
}
