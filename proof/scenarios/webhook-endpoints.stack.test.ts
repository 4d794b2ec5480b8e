import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyWebhook, type Event } from '../../clients/typescript/index.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { waitUntil } from '../../temporal-dev/testing/wait-until.ts';
import { GOOD_CARD, openWorld, sale, type World } from '../support/world.ts';

/**
 * The promise: an endpoint is told in the version that it is pinned to, in the same bytes however often; one
 * that takes nothing for days is told of, then disabled, and nothing that it missed is lost.
 */
interface Received {
  readonly id: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly event: Event;
}

interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** With what it answers from now on. */
  status: number;
  readonly server: Server;
}

let world: World;
let well: Receiver;
let ill: Receiver;

beforeAll(async () => {
  world = await openWorld(stackRunFile(), { acquirers: ['acquirer-1'] });
  [well, ill] = await Promise.all([receiver(204), receiver(500)]);
});
afterAll(async () => {
  for (const { server } of [well, ill]) {
    server.closeAllConnections();
    server.close();
  }
  await world.close();
});

async function receiver(status: number): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      const body = Buffer.concat(chunks).toString();
      received.push({ id: headers['webhook-id'] ?? '', body, headers, event: JSON.parse(body) as Event });
      response.writeHead(self.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const self: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received,
    status,
    server,
  };
  return self;
}

const LIMIT_MS = 30_000;
const until = <T>(
  what: string,
  holds: () => Promise<T | false | null> | T | false | null | undefined,
): Promise<T> => waitUntil(what, LIMIT_MS, holds);

const told = (type: Event['type']): Promise<Received> =>
  until(`the other endpoint is told ${type}`, () => well.received.find(({ event }) => event.type === type));

/** Its failure began, and was told, so long ago. */
const failedFor = (endpoint: string, since: string, toldSince: string | null): Promise<unknown> =>
  world.sql(
    `update webhook_endpoints set failing_since = now() - $2::interval, failing_told_at = now() - $3::interval where id = $1`,
    [endpoint, since, toldSince],
  );

it('an endpoint that fails for five days is disabled, after it was told of, and gets what it missed when it is well', async () => {
  const { webhookEndpoints, payments, events, deliveries } = world.client;
  const other = await webhookEndpoints.create({ url: well.url, ordered: true });
  expect(other).toMatchObject({ api_version: '2026-11-01', deprecated: null, disabled_reason: null });
  const { id, secret, ...made } = await webhookEndpoints.create({ url: ill.url, api_version: '2026-05-01' });
  expect(made).toMatchObject({ deprecated: '2026-11-01T00:00:00.000Z', sunset: '2027-11-01T00:00:00.000Z' });

  // Each in its version; the one that fails is known to.
  await payments.create(sale(GOOD_CARD) as Parameters<typeof payments.create>[0]);
  const newest = await told('payment.captured');
  const [placed] = await world.sql<{ order_key: string; order_at: number }>(
    'select order_key, order_at from deliveries where id = $1',
    [newest.id],
  );
  expect(placed).toMatchObject({ order_key: newest.event.data.payment?.id });
  expect(placed?.order_at).toBeGreaterThan(0);
  expect(newest.event.data.payment).toHaveProperty('authorization_type', 'final');
  const old = await until('the endpoint that fails was sent it', () => ill.received[0]);
  expect(verifyWebhook(old.body, old.headers, secret).data.payment).not.toHaveProperty('authorization_type');
  expect(old.event.data.payment).toHaveProperty('pre_authorization', false);
  expect(old.headers['quittance-version']).toBe('2026-05-01');
  expect(await deliveries.get(old.id)).toMatchObject({ api_version: '2026-05-01' });
  await until('it is known to fail', async () => (await webhookEndpoints.get(id)).failing_since);

  await failedFor(id, '25 hours', null);
  await webhookEndpoints.test(id);
  const failing = await told('webhook_endpoint.failing');
  expect(verifyWebhook(failing.body, failing.headers, other.secret).data).toMatchObject({ endpoint: id });
  expect(await webhookEndpoints.get(id)).toMatchObject({ enabled: true });

  // What is still tried again within seconds could be what it is judged by.
  await until('its next attempts are minutes away', async () => {
    const rows = await world.sql(
      `select d.id from deliveries d where d.endpoint_id = $1 and d.state in ('pending', 'retrying')
         and (select count(*) from delivery_attempts a where a.merchant_id = d.merchant_id and a.delivery_id = d.id) < 2`,
      [id],
    );
    return rows.length === 0;
  });
  await failedFor(id, '6 days', '2 days');
  const last = await webhookEndpoints.test(id);
  const disabled = await told('webhook_endpoint.disabled');
  expect(disabled.event).toEqual(await events.get(disabled.event.id));
  expect(await events.list({ type: 'webhook_endpoint.disabled' }).take(5)).toEqual([disabled.event]);
  expect(await webhookEndpoints.get(id)).toMatchObject({ enabled: false, disabled_reason: 'failing' });
  await expect(webhookEndpoints.replay(id)).rejects.toMatchObject({ code: 'webhook_endpoint_disabled' });
  const missed = `dlv_${last.id.slice(4)}_${id.slice(4)}`;
  await until(
    'what was to be sent again ends at its turn',
    async () => (await deliveries.get(missed)).state === 'endpoint_disabled',
  );
  expect(await deliveries.get(missed)).toMatchObject({ attempt_count: 1 });

  ill.status = 204;
  expect(await webhookEndpoints.update(id, { enabled: true })).toMatchObject({
    disabled_reason: null,
    failing_since: null,
  });
  expect((await webhookEndpoints.replay(id)).deliveries).toBeGreaterThanOrEqual(1);
  await until(
    'it gets what it missed',
    async () => (await deliveries.get(`${missed}_r1`)).state === 'delivered',
  );
  // Sent again by itself before it was disabled, or replayed after it: the same bytes.
  const again = await until('the payment’s event comes again', () => {
    const all = ill.received.filter((one) => one.id.startsWith(old.id));
    return all.length > 1 ? all : null;
  });
  expect(new Set(again.map(({ body }) => body)).size).toBe(1);
});
