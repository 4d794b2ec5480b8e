import type { z } from 'zod';
import { isId } from '../../workflows/domain/ids.ts';
import type { Call, Route } from '../call.ts';
import { jsonReply } from '../json-reply.ts';
import { COMPONENTS } from '../contract/components.ts';
import { route, type Taken } from '../contract/route.ts';
import { oldestEvent, refuseExpired, type EventRetention } from '../events/retention.ts';
import { manageOnce, type ManagedOptions } from '../managed.ts';
import { Problem } from '../problem.ts';
import * as schemas from '../schemas/webhooks.ts';
import * as deliveries from '../webhooks/deliveries.ts';
import * as endpoints from '../webhooks/endpoints.ts';

export interface WebhookRoutesOptions extends ManagedOptions, EventRetention {
  /** Development only: endpoints on this machine and its network, and plain http. */
  readonly allowPrivateWebhooks: boolean;
}

const WEBHOOKS = { tag: 'Webhooks' } as const;
const ENDPOINTS = '/v1/webhook-endpoints';
const ENDPOINT = `${ENDPOINTS}/:endpoint`;
const DELIVERY = '/v1/deliveries/:delivery';
const ONE = { description: 'The endpoint.', schema: COMPONENTS.WebhookEndpoint };
const WITH_SECRET = {
  description: 'The endpoint with its secret, which is in no other answer.',
  schema: COMPONENTS.WebhookEndpointWithSecret,
};

/** Where a merchant's events are sent, and what became of each. */
export function webhookRoutes(options: WebhookRoutesOptions): readonly Route[] {
  const { database, secrets, allowPrivateWebhooks } = options;
  return [
    route({
      ...WEBHOOKS,
      method: 'POST',
      scope: 'admin',
      path: ENDPOINTS,
      id: 'createWebhookEndpoint',
      summary: 'Create a webhook endpoint',
      description:
        'From now on it is sent every event that it wants. Its secret signs them as Standard Webhooks says; it is shown once.',
      body: {
        name: 'CreateWebhookEndpoint',
        schema: schemas.createEndpoint,
        example: {
          url: 'https://shop.example/webhooks',
          event_types: ['payment.captured', 'refund.succeeded'],
        },
      },
      answers: { 201: WITH_SECRET },
      problems: ['webhook_url_refused', 'webhook_endpoint_limit'],
      handle: (call) => {
        endpoints.refuseUrl(call.body.url, allowPrivateWebhooks);
        return manageOnce(options, call, 201, (client) =>
          endpoints.createEndpoint(client, secrets, call.credential, {
            ...call.body,
            description: call.body.description ?? null,
          }),
        );
      },
    }),
    route({
      ...WEBHOOKS,
      method: 'GET',
      path: ENDPOINTS,
      id: 'listWebhookEndpoints',
      summary: 'List webhook endpoints',
      description: 'Newest first.',
      query: schemas.listEndpoints,
      answers: { 200: { description: 'A page of endpoints.', schema: COMPONENTS.WebhookEndpointList } },
      handle: async ({ credential, parameters }) =>
        jsonReply(await endpoints.listEndpoints(database, credential, parameters)),
    }),
    route({
      ...WEBHOOKS,
      method: 'GET',
      path: ENDPOINT,
      id: 'getWebhookEndpoint',
      summary: 'Get a webhook endpoint',
      description: 'Without its secret.',
      answers: { 200: ONE },
      problems: ['webhook_endpoint_not_found'],
      handle: async (call) =>
        jsonReply(await endpoints.readEndpoint(database, call.credential, endpointOf(call))),
    }),
    route({
      ...WEBHOOKS,
      method: 'POST',
      scope: 'admin',
      path: ENDPOINT,
      id: 'updateWebhookEndpoint',
      summary: 'Change, disable or enable a webhook endpoint',
      description:
        'What is not sent stays. A disabled endpoint is told of nothing that happens meanwhile, and what is on its way to it ends as `endpoint_disabled` within seconds. One that took nothing for five days is disabled by us, with `disabled_reason` `failing`; enable it again here, then replay.',
      body: { name: 'UpdateWebhookEndpoint', schema: schemas.updateEndpoint, example: { enabled: false } },
      answers: { 200: ONE },
      problems: ['webhook_endpoint_not_found', 'webhook_url_refused'],
      handle: (call) => {
        endpoints.refuseUrl(call.body.url, allowPrivateWebhooks);
        return manageOnce(options, call, 200, (client) =>
          endpoints.updateEndpoint(client, call.credential, endpointOf(call), call.body),
        );
      },
    }),
    route({
      ...WEBHOOKS,
      method: 'DELETE',
      scope: 'admin',
      path: ENDPOINT,
      id: 'deleteWebhookEndpoint',
      summary: 'Delete a webhook endpoint',
      description:
        'Gone at once, with its secrets. What was on its way to it is not sent any more. Deleting it again is 404.',
      answers: { 204: { description: 'It is gone.', schema: null } },
      problems: ['webhook_endpoint_not_found'],
      handle: async (call) => {
        await endpoints.deleteEndpoint(database, call.credential, endpointOf(call));
        return { status: 204, body: '' };
      },
    }),
    route({
      ...WEBHOOKS,
      method: 'POST',
      scope: 'admin',
      path: `${ENDPOINT}/roll-secret`,
      id: 'rollWebhookSecret',
      summary: 'Give it a new secret',
      description:
        'While the two overlap every event carries both signatures. A secret that is rolled again while it overlaps ends the oldest.',
      body: { name: 'RollWebhookSecret', schema: schemas.rollSecret, example: { overlap_seconds: 86_400 } },
      answers: { 200: WITH_SECRET },
      problems: ['webhook_endpoint_not_found'],
      handle: (call) =>
        manageOnce(options, call, 200, (client) =>
          endpoints.rollSecret(client, secrets, call.credential, endpointOf(call), call.body.overlap_seconds),
        ),
    }),
    route({
      ...WEBHOOKS,
      method: 'POST',
      scope: 'admin',
      path: `${ENDPOINT}/test`,
      id: 'testWebhookEndpoint',
      summary: 'Send it a test event',
      description: 'An event of type `endpoint.test` for this endpoint alone, whatever types it wants.',
      body: { name: 'TestWebhookEndpoint', schema: schemas.testEndpoint, example: {} },
      answers: { 201: { description: 'The event that is being sent.', schema: COMPONENTS.Event } },
      problems: ['webhook_endpoint_not_found', 'webhook_endpoint_disabled'],
      handle: (call) =>
        manageOnce(options, call, 201, async (client) => {
          const endpoint = endpointOf(call);
          await endpoints.readEndpoint(client, call.credential, endpoint);
          return deliveries.sendTestEvent(client, call.credential, endpoint);
        }),
    }),
    route({
      ...WEBHOOKS,
      method: 'GET',
      path: `${ENDPOINT}/deliveries`,
      id: 'listDeliveries',
      summary: 'List deliveries',
      description: 'What was sent to an endpoint, newest event first, each with all its attempts.',
      query: schemas.listDeliveries,
      answers: { 200: { description: 'A page of deliveries.', schema: COMPONENTS.DeliveryList } },
      problems: ['webhook_endpoint_not_found'],
      handle: async (call) => {
        const endpoint = endpointOf(call);
        await endpoints.readEndpoint(database, call.credential, endpoint);
        return jsonReply(
          await deliveries.listDeliveries(database, call.credential, endpoint, call.parameters),
        );
      },
    }),
    route({
      ...WEBHOOKS,
      method: 'POST',
      scope: 'admin',
      path: `${ENDPOINT}/replay`,
      id: 'replayDeliveries',
      summary: 'Replay many deliveries',
      description:
        'Sends again what failed, or all, of a range of time within the last 30 days: at most 1000 at once, oldest first. Each is a new delivery with a `webhook-id` of its own.',
      body: {
        name: 'ReplayDeliveries',
        schema: schemas.replayMany,
        example: { only: 'failed', from: '2031-05-14T00:00:00Z', to: '2031-05-15T00:00:00Z' },
      },
      answers: { 201: { description: 'How many were made anew.', schema: COMPONENTS.Replay } },
      problems: ['webhook_endpoint_not_found', 'webhook_endpoint_disabled'],
      handle: (call) =>
        manageOnce(options, call, 201, async (client) => {
          const endpoint = endpointOf(call);
          const { enabled } = await endpoints.readEndpoint(client, call.credential, endpoint);
          if (enabled !== true) throw deliveries.endpointDisabled(endpoint);
          const { ids, more } = await deliveries.replay(client, call.credential, {
            endpoint,
            ...call.body,
            oldest: oldestEvent(options),
          });
          return { object: 'replay', endpoint, deliveries: ids.length, has_more: more };
        }),
    }),
    route({
      ...WEBHOOKS,
      method: 'GET',
      path: DELIVERY,
      id: 'getDelivery',
      summary: 'Get a delivery',
      description: 'With all its attempts.',
      answers: { 200: { description: 'The delivery.', schema: COMPONENTS.Delivery } },
      problems: ['delivery_not_found'],
      handle: async (call) => jsonReply(await deliveryOf(options, call)),
    }),
    route({
      ...WEBHOOKS,
      method: 'POST',
      scope: 'admin',
      path: `${DELIVERY}/replay`,
      id: 'replayDelivery',
      summary: 'Replay a delivery',
      description:
        'Sends its event to its endpoint again, as a new delivery of the same bytes, also when it was delivered. Not when the event is older than 30 days.',
      body: { name: 'ReplayDelivery', schema: schemas.replayOne, example: {} },
      answers: { 201: { description: 'The new delivery.', schema: COMPONENTS.Delivery } },
      problems: [
        'delivery_not_found',
        'webhook_endpoint_not_found',
        'webhook_endpoint_disabled',
        'delivery_not_replayable',
        'event_expired',
      ],
      handle: (call) => manageOnce(options, call, 201, (client) => replayOne(options, call, client)),
    }),
  ];
}

async function replayOne(
  options: WebhookRoutesOptions,
  call: Taken<z.ZodType, z.ZodType>,
  client: Parameters<Parameters<typeof manageOnce>[3]>[0],
): Promise<Record<string, unknown>> {
  const { endpoint, event } = (await deliveryOf(options, call)) as { endpoint: string; event: string };
  refuseExpired(event, options);
  const { enabled } = await endpoints.readEndpoint(client, call.credential, endpoint);
  if (enabled !== true) throw deliveries.endpointDisabled(endpoint);
  const { ids } = await deliveries.replay(client, call.credential, {
    endpoint,
    event,
    only: 'all',
    oldest: oldestEvent(options),
  });
  const made = await deliveries.readDelivery(client, call.credential, ids[0] ?? '');
  if (made !== null) return made;
  throw new Problem(
    'delivery_not_replayable',
    `${event} is still on its way to ${endpoint}: it is sent again by itself, and can be replayed when that has ended`,
  );
}

function endpointOf({ params }: Call): string {
  const id = params['endpoint'] ?? '';
  if (!isId('whe', id)) throw endpoints.endpointNotFound();
  return id;
}

async function deliveryOf(
  { database }: WebhookRoutesOptions,
  { params, credential }: Call,
): Promise<Record<string, unknown>> {
  const id = params['delivery'] ?? '';
  const found = schemas.isDeliveryId(id) ? await deliveries.readDelivery(database, credential, id) : null;
  if (found !== null) return found;
  throw new Problem(
    'delivery_not_found',
    'no delivery with this id belongs to this key: check the id, and whether the key is for test or live',
  );
}
