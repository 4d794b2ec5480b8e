import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAttempt } from '../activities/webhooks/attempt.ts';
import { createSigners } from '../activities/webhooks/signers.ts';
import { createDeliveryStore } from '../activities/webhooks/store.ts';
import { createKms } from '../platform/kms.ts';
import { openSecret } from '../platform/sealed-secret.ts';
import { PLATFORM_KEY_ALIAS } from '../temporal-dev/key-aliases.ts';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import type { DeliveryId, MerchantId } from '../workflows/domain/ids.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';

// A merchant says where its events go, sees what became of each, and has them sent again.

const nothing = (): void => undefined;
const NOBODY_LISTENS = {
  logger: { error: nothing, warn: nothing, info: nothing, debug: nothing },
  unmade: nothing,
};
let api: TestApi;
let key: string;
let merchant: MerchantId;
const PATH = '/v1/webhook-endpoints';

beforeAll(async () => {
  api = await startTestApi(stackRunFile(), { waitMs: 0 });
  ({ key, merchant } = await api.addMerchant());
});
afterAll(() => api.close());

type Body = Record<string, unknown>;
const DAY = 86_400_000;

async function post(
  path: string,
  body: unknown,
  idempotencyKey?: string,
): Promise<Body & { status: number }> {
  const response = await api.post(path, {
    key,
    body,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });
  return { ...((await response.json()) as Body), status: response.status };
}
const get = async (path: string): Promise<Body> => (await (await api.get(path, key)).json()) as Body;
const create = (changes: Body = {}) => post(PATH, { url: 'https://shop.example/hooks', ...changes });

describe('an endpoint', () => {
  it('is made once for one key, tells its secret then alone, and is changed, disabled and deleted', async () => {
    const asked = {
      url: 'https://shop.example/a',
      event_types: ['payment.captured'],
      description: 'the shop',
    };
    const [first, twin] = await Promise.all([post(PATH, asked, 'make-a'), post(PATH, asked, 'make-a')]);
    expect(first).toMatchObject({
      status: 201,
      secret: expect.stringMatching(/^whsec_/) as string,
      enabled: true,
    });
    expect(twin).toEqual(first);
    const again = await api.post(PATH, { key, body: asked, idempotencyKey: 'make-a' });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await post(PATH, { ...asked, url: 'https://shop.example/b' }, 'make-a')).toMatchObject({
      code: 'idempotency_key_reused',
    });
    const id = String(first['id']);
    expect((await get(PATH))['data']).toHaveLength(1);
    const { secret, status, ...shown } = first;
    expect(await get(`${PATH}/${id}`)).toEqual(shown);
    // Neither in a table nor in the log.
    const { rows } = await api.database.query<{ text: string }>(
      `select coalesce(string_agg(k::text, ''), '') || (select string_agg(w::text, '') from webhook_endpoints w) as text from idempotency_keys k`,
    );
    expect(rows[0]?.text).not.toContain(String(secret));
    expect(api.log.join('')).not.toContain(String(secret));
    expect(status).toBe(201);

    expect(await post(`${PATH}/${id}`, { enabled: false })).toMatchObject({
      enabled: false,
      description: 'the shop',
    });
    expect(await post(`${PATH}/${id}/test`, {})).toMatchObject({ code: 'webhook_endpoint_disabled' });
    expect((await api.delete(`${PATH}/${id}`, key)).status).toBe(204);
    expect((await api.delete(`${PATH}/${id}`, key)).status).toBe(404);
  });

  it.each([
    'http://shop.example/',
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://10.0.0.1:8443/x',
    'https://localhost/',
    'https://metadata/',
    'https://user:pass@shop.example/',
    'https://shop.example/#x',
  ])('cannot be %s', async (url) => {
    expect(await create({ url })).toMatchObject({ status: 400, code: 'webhook_url_refused', param: '/url' });
  });

  it('is one of at most twenty', async () => {
    const other = await api.addMerchant();
    await api.database.query(
      `insert into webhook_endpoints (merchant_id, id, mode, url, sealed_secret)
       select $1, 'whe_' || n, 'test', 'https://shop.example/', '{}' from generate_series(1, 20) n`,
      [other.merchant],
    );
    const refused = await api.post(PATH, { key: other.key, body: { url: 'https://shop.example/' } });
    expect(((await refused.json()) as Body)['code']).toBe('webhook_endpoint_limit');
  });
});

describe('events', () => {
  it('are signed by both secrets while one is rolled, and by the new one alone afterwards', async () => {
    const { id, secret: before } = await create();
    const event = await post(`${PATH}/${String(id)}/test`, {});
    const rolled = await post(`${PATH}/${String(id)}/roll-secret`, { overlap_seconds: 60 });
    expect(rolled['previous_secret_until']).not.toBeNull();

    const run = await readRunFile(stackRunFile());
    const kms = createKms({
      endpoint: run.kms.endpoint,
      region: run.kms.region,
      keyId: PLATFORM_KEY_ALIAS,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const sent: Readonly<Record<string, string>>[] = [];
    const attempt = createAttempt({
      send: ({ headers }) => {
        sent.push(headers);
        return Promise.resolve({ status: 200, error: null, latencyMs: 1 });
      },
      signers: createSigners({
        open: (owner, sealed) => openSecret(kms, owner, sealed),
        maxAgeMs: 60_000,
        graceMs: 0,
        capacity: 10,
        now: () => performance.now(),
      }),
      logger: NOBODY_LISTENS.logger,
    });
    const store = createDeliveryStore(api.database, NOBODY_LISTENS);
    const ref = {
      merchant,
      delivery: `dlv_${String(event['id']).slice(4)}_${String(id).slice(4)}` as DeliveryId,
    };
    const send = async (): Promise<Readonly<Record<string, string>>> => {
      const delivery = await store.find(ref);
      if (delivery === null || delivery.target === null)
        throw new Error('the test event has no delivery that can be sent');
      await attempt(delivery);
      return sent.at(-1) ?? {};
    };
    const { status, ...body } = event;
    expect(status).toBe(201);
    const both = await send();
    expect(both['webhook-signature']?.split(' ')).toHaveLength(2);
    for (const secret of [before, rolled['secret']])
      expect(new Webhook(String(secret)).verify(JSON.stringify(body), { ...both })).toEqual(body);

    await post(`${PATH}/${String(id)}/roll-secret`, { overlap_seconds: 0 });
    const one = await send();
    expect(one['webhook-signature']?.split(' ')).toHaveLength(1);
    expect(() => new Webhook(String(before)).verify(JSON.stringify(body), { ...one })).toThrow(/signature/);
    kms.close();
  });

  it('are sent again one by one or all that failed, each as a delivery of its own, once', async () => {
    const { id } = await create();
    const path = `${PATH}/${String(id)}`;
    for (const _ of [1, 2, 3]) await post(`${path}/test`, {});
    const list = async (query = ''): Promise<Body[]> =>
      (await get(`${path}/deliveries${query}`))['data'] as Body[];
    const [newest, middle, oldest] = (await list()).map((delivery) => String(delivery['id']));
    expect(await post(`/v1/deliveries/${newest ?? ''}/replay`, {})).toMatchObject({
      status: 409,
      code: 'delivery_not_replayable',
    });
    const conclude = (state: string, ids: readonly unknown[]) =>
      api.database.query('update deliveries set state = $2, concluded_at = now() where id = any ($1)', [
        ids,
        state,
      ]);
    await conclude('failed', [newest, middle]);
    await conclude('delivered', [oldest]);
    expect((await list('?state=failed&limit=1')).map((one) => one['id'])).toEqual([newest]);

    const replayed = await post(`${path}/replay`, {}, 'replay-failed');
    expect(replayed).toMatchObject({ status: 201, deliveries: 2, has_more: false });
    expect(await post(`${path}/replay`, {}, 'replay-failed')).toEqual(replayed);
    // They are under way now: nothing is failed any more.
    expect(await post(`${path}/replay`, {})).toMatchObject({ deliveries: 0 });
    const one = await post(`/v1/deliveries/${oldest ?? ''}/replay`, {});
    expect(one).toMatchObject({ id: `${oldest ?? ''}_r1`, state: 'pending', attempts: [] });
    await conclude('failed', [one['id']]);
    expect(await post(`/v1/deliveries/${String(one['id'])}/replay`, {})).toMatchObject({
      id: `${oldest ?? ''}_r2`,
    });
    expect(await list()).toHaveLength(7);
  });

  it('are told in the version of the endpoint when they happened, and replayed in the very bytes', async () => {
    const { id, ...made } = await create({ api_version: '2026-05-01' });
    expect(made).toMatchObject({ api_version: '2026-05-01', deprecated: '2026-11-01T00:00:00.000Z' });
    expect(await create()).toMatchObject({ api_version: '2026-11-01', deprecated: null, sunset: null });
    expect(await create({ api_version: '2020-01-01' })).toMatchObject({ param: '/api_version' });
    const path = `${PATH}/${String(id)}`;
    const event = await post(`${path}/test`, {});
    const first = `dlv_${String(event['id']).slice(4)}_${String(id).slice(4)}` as DeliveryId;
    const store = createDeliveryStore(api.database, NOBODY_LISTENS);
    const sent = await store.find({ merchant, delivery: first });
    const { rows } = await api.database.query<{ sent_body: string }>(
      `update deliveries set state = 'failed', concluded_at = now() where id = $1 returning sent_body`,
      [first],
    );
    expect(sent).toMatchObject({ body: rows[0]?.sent_body });
    // How a version is made can change; what was sent does not.
    await api.database.query(`update deliveries set sent_body = 'as it was sent' where id = $1`, [first]);

    expect(await post(path, { api_version: '2026-11-01' })).toMatchObject({
      api_version: '2026-11-01',
      deprecated: null,
    });
    expect(await post(`/v1/deliveries/${first}/replay`, {})).toMatchObject({ api_version: '2026-05-01' });
    expect(await store.find({ merchant, delivery: `${first}_r1` as DeliveryId })).toMatchObject({
      version: '2026-05-01',
      body: 'as it was sent',
    });
    const later = await post(`${path}/test`, {});
    expect(
      await get(`/v1/deliveries/dlv_${String(later['id']).slice(4)}_${String(id).slice(4)}`),
    ).toMatchObject({ api_version: '2026-11-01' });
  });

  it('that ended because their endpoint was disabled are replayed with what failed', async () => {
    const { id } = await create();
    const path = `${PATH}/${String(id)}`;
    await post(`${path}/test`, {});
    await api.database.query(
      "update deliveries set state = 'endpoint_disabled', concluded_at = now() where endpoint_id = $1",
      [id],
    );
    expect(await post(path, { enabled: false })).toMatchObject({ disabled_reason: 'merchant' });
    expect(await post(`${path}/replay`, {})).toMatchObject({ code: 'webhook_endpoint_disabled' });
    expect(await post(path, { enabled: true })).toMatchObject({ disabled_reason: null });
    expect((await get(`${path}/deliveries?state=endpoint_disabled`))['data']).toHaveLength(1);
    expect(await post(`${path}/replay`, {})).toMatchObject({ deliveries: 1 });
  });

  it('are listed, read, streamed and replayed for thirty days, and then refused by name', async () => {
    const own = await api.addMerchant();
    const read = async (path: string): Promise<Body> => (await (await api.get(path, own.key)).json()) as Body;
    const send = async (path: string, sent: unknown): Promise<Body> =>
      (await (await api.post(path, { key: own.key, body: sent })).json()) as Body;
    const endpoint = await send('/v1/webhook-endpoints', { url: 'https://shop.example/hooks' });
    const path = `/v1/webhook-endpoints/${String(endpoint['id'])}`;
    const { id } = await send(`${path}/test`, {});
    const event = String(id);
    const [delivery] = (await read(`${path}/deliveries`))['data'] as Body[];
    await api.database.query("update deliveries set state = 'failed', concluded_at = now() where id = $1", [
      delivery?.['id'],
    ]);

    api.setNow(Date.now() + 29 * DAY);
    expect((await read('/v1/events'))['data']).toHaveLength(1);
    expect(await read(`/v1/events/${event}`)).toMatchObject({ id });

    api.setNow(Date.now() + 31 * DAY);
    const expired = { status: 410, code: 'event_expired' };
    expect(await read('/v1/events')).toMatchObject({ data: [], has_more: false });
    // A reader that pages over the border comes to the end, not to an error.
    expect(await read(`/v1/events?starting_after=${event}`)).toMatchObject({ data: [] });
    expect(await read(`/v1/events/${event}`)).toMatchObject(expired);
    expect(await read(`/v1/events/stream?after=${event}`)).toMatchObject(expired);
    expect(await read(`/v1/events/stream?after=17_${event}`)).toMatchObject(expired);
    expect(await send(`/v1/deliveries/${String(delivery?.['id'])}/replay`, {})).toMatchObject(expired);
    expect(await send(`${path}/replay`, {})).toMatchObject({ deliveries: 0 });
    // What was sent is still to be seen.
    expect((await read(`${path}/deliveries`))['data']).toHaveLength(1);

    api.setNow(null);
    expect(await send(`${path}/replay`, {})).toMatchObject({ deliveries: 1 });
  });
});
