import { z } from 'zod';
import { isOneDirection, once, ONE_DIRECTION, pages } from './query-parts.ts';
import { ALL_EVENT_TYPES } from './event-queries.ts';
import { text } from './payments.ts';
import { isId } from '../../workflows/domain/ids.ts';
import { PATH_PARAMETERS } from '../contract/path.ts';
import { NEWEST, VERSIONS } from '../versions.ts';

const url = z
  .string('must be a text')
  .min(1, 'must not be empty')
  .max(2_000, 'must have at most 2000 characters')
  .regex(/^https?:\/\/[\x21-\x7e]+$/, 'must be a URL in ASCII that begins with https://')
  .describe('Where events are sent: https, a public address, no user name, no fragment.');
const eventTypes = z
  .array(z.enum(ALL_EVENT_TYPES, `must be one of ${ALL_EVENT_TYPES.join(', ')}`), 'must be a list of types')
  .max(ALL_EVENT_TYPES.length, 'must not have more types than there are')
  .describe('Types of events that it receives; an empty list is all.');
const apiVersion = z
  .enum(VERSIONS, `must be one of ${VERSIONS.join(', ')}`)
  .describe('The version of the API that it is told in. An event keeps to the version of when it happened.');
const ordered = z
  .boolean('must be true or false')
  .describe(
    'Whether events of one payment are sent in their order: a later one not before the earlier was taken or given up. Holds for events from now on; replays are outside of it.',
  );

/** POST /v1/webhook-endpoints. */
export const createEndpoint = z.strictObject(
  {
    url,
    event_types: eventTypes.default([]),
    description: text(500).optional(),
    enabled: z.boolean('must be true or false').default(true),
    api_version: apiVersion.default(NEWEST),
    ordered: ordered.default(false),
  },
  'must be an object',
);

/** POST /v1/webhook-endpoints/{id}: what is not sent stays. */
export const updateEndpoint = z.strictObject(
  {
    url: url.optional(),
    event_types: eventTypes.optional(),
    description: text(500).optional(),
    enabled: z.boolean('must be true or false').optional(),
    api_version: apiVersion.optional(),
    ordered: ordered.optional(),
  },
  'must be an object',
);

const OVERLAP_MAX_S = 7 * 24 * 3_600;

/** POST /v1/webhook-endpoints/{id}/roll-secret. */
export const rollSecret = z.strictObject(
  {
    overlap_seconds: z
      .int('must be a whole number of seconds')
      .min(0, 'must be at least 0')
      .max(OVERLAP_MAX_S, `must be at most ${OVERLAP_MAX_S}`)
      .default(24 * 3_600)
      .describe('How long the secret before signs as well; 0 ends it at once.'),
  },
  'must be an object',
);

export const testEndpoint = z.strictObject({}, 'must be an object');
export const replayOne = z.strictObject({}, 'must be an object');

const time = z.iso
  .datetime({ offset: true, message: 'must be an ISO 8601 time with its zone, such as 2031-05-14T10:00:00Z' })
  .refine((value) => !Number.isNaN(Date.parse(value)), 'must be a time that exists')
  .optional();

/** POST /v1/webhook-endpoints/{id}/replay. */
export const replayMany = z.strictObject(
  {
    only: z
      .enum(['failed', 'all'], 'must be "failed" or "all"')
      .default('failed')
      .describe(
        '`failed`: what was given up, and what ended as `endpoint_disabled`; `all`: also what was delivered.',
      ),
    from: time.describe('Events from this time on.'),
    to: time.describe('Events up to this time.'),
  },
  'must be an object',
);

/** GET /v1/webhook-endpoints. */
export const listEndpoints = z
  .strictObject({ ...pages<string>((value) => (isId('whe', value) ? value : null), 'an endpoint (whe_…)') })
  .refine(isOneDirection, ONE_DIRECTION);
export type ListEndpoints = z.output<typeof listEndpoints>;

const DELIVERY = new RegExp(PATH_PARAMETERS.delivery.pattern);
export const DELIVERY_STATES = ['pending', 'retrying', 'delivered', 'failed', 'endpoint_disabled'] as const;
export const isDeliveryId = (value: string): boolean => DELIVERY.test(value);

/** GET /v1/webhook-endpoints/{id}/deliveries. */
export const listDeliveries = z
  .strictObject({
    state: once.pipe(z.enum(DELIVERY_STATES, `must be one of ${DELIVERY_STATES.join(', ')}`)).optional(),
    event: once
      .regex(new RegExp(PATH_PARAMETERS.event.pattern), 'must be the id of an event')
      .optional()
      .describe('Only those of one event.'),
    ...pages<string>((value) => (isDeliveryId(value) ? value : null), 'a delivery (dlv_…)'),
  })
  .refine(isOneDirection, ONE_DIRECTION);
export type ListDeliveries = z.output<typeof listDeliveries>;
