import { z } from 'zod';
import { VERSIONS } from '../../versions.ts';
import { ALL_EVENT_TYPES } from '../event-queries.ts';
import { DELIVERY_STATES } from '../webhooks.ts';
import { idOf, listOf, mode, orNull, text, time } from './common.ts';

/** Where events are sent. Its secret is in no answer but the one that made it. */
export const webhookEndpoint = z.object({
  id: idOf('whe'),
  object: z.literal('webhook_endpoint'),
  mode,
  url: text,
  description: orNull(text),
  event_types: z.array(z.enum(ALL_EVENT_TYPES)).describe('Empty: all.'),
  enabled: z.boolean(),
  disabled_reason: orNull(z.enum(['failing', 'merchant'])).describe(
    '`failing`: it took nothing for five days. Null while it is enabled.',
  ),
  failing_since: orNull(time).describe(
    'Since when it has taken nothing that was sent to it; null: it takes them.',
  ),
  api_version: z.enum(VERSIONS).describe('The version of the API that it is told in.'),
  ordered: z.boolean().describe('Whether events of one payment are sent to it in their order.'),
  deprecated: orNull(time).describe('Since when that is not the newest version any more.'),
  sunset: orNull(time).describe('Until when that version is told.'),
  created: time,
  previous_secret_until: orNull(time).describe(
    'While the secret is rolled: until when the one before signs as well.',
  ),
});
export const webhookEndpointWithSecret = webhookEndpoint.extend({
  secret: z
    .string()
    .regex(/^whsec_/)
    .describe('Shown now and never again. Standard Webhooks, symmetric.'),
});
export const webhookEndpointList = listOf(webhookEndpoint);

export const delivery = z.object({
  id: idOf('dlv'),
  object: z.literal('delivery'),
  event: idOf('evt'),
  event_type: text,
  endpoint: idOf('whe'),
  api_version: text.describe('The version that its body is in.'),
  state: z
    .enum(DELIVERY_STATES)
    .describe('`endpoint_disabled`: it was on its way when its endpoint was disabled or deleted.'),
  attempt_count: z.int().min(0),
  created: time,
  concluded: orNull(time),
  waits_for: orNull(z.enum(['version'])).describe(
    'Why it is not sent though it is its turn; null of every one that nothing is in the way of. `version`: our workers cannot write it in its `api_version` yet; it is sent when they can.',
  ),
  attempts: z.array(
    z.object({
      number: z.int(),
      at: time,
      response_status: orNull(z.int()),
      error: orNull(text),
      latency_ms: z.int(),
    }),
  ),
});
export const deliveryList = listOf(delivery);

export const replay = z.object({
  object: z.literal('replay'),
  endpoint: idOf('whe'),
  deliveries: z.int().min(0).describe('How many were made anew.'),
  has_more: z.boolean().describe('There are more in this range: ask again, with a new key.'),
});
