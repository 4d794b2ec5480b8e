import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import type { MerchantId } from '../workflows/domain/ids.ts';
import { REMEMBERED_MS } from './auth/memory.ts';
import { unavailable } from './problem.ts';
import { deferred } from './testing/deferred.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';

// A merchant makes its keys itself, each for what it is for; a key's text is shown once; one that is
// revoked is refused everywhere within seconds.

interface Key {
  readonly id: string;
  readonly key: string;
  readonly hint: string;
  readonly scopes: readonly string[];
  readonly last_used: string | null;
  readonly revoked: string | null;
  readonly previous_key_until: string | null;
}

let api: TestApi;
let admin: string;
let merchant: MerchantId;

beforeAll(async () => {
  api = await startTestApi(stackRunFile(), { waitMs: 0 });
  ({ key: admin, merchant } = await api.addMerchant());
});
afterAll(() => api.close());

async function create(body: Readonly<Record<string, unknown>>, key = admin): Promise<Key> {
  const response = await api.post('/v1/api-keys', { key, body });
  expect(response.status, await response.clone().text()).toBe(201);
  return (await response.json()) as Key;
}
async function told(response: Response): Promise<{ status: number; code?: string; param?: string }> {
  const body = (await response.json()) as { code?: string; param?: string };
  return { ...body, status: response.status };
}
const read = async (id: string): Promise<Key> =>
  (await (await api.get(`/v1/api-keys/${id}`, admin)).json()) as Key;
const balances = (key: string): Promise<Response> => api.get('/v1/balances', key);
/** The memory of keys is over, here as in another process. */
let ahead = 0;
const later = (): void => {
  ahead += REMEMBERED_MS + 1;
  api.setNow(Date.now() + ahead);
};

/** Polls, for what is written beside a request. */
async function until(seen: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await seen())) {
    if (Date.now() > deadline) throw new Error('what was waited for did not come in 5 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a secret key', () => {
  it('is shown by the request that made it, and by its repeat, and nowhere else', async () => {
    const request = { key: admin, idempotencyKey: 'make-1', body: { name: 'shop', scopes: ['read'] } };
    const first = await api.post('/v1/api-keys', request);
    const text = await first.text();
    const made = JSON.parse(text) as Key;
    expect(made.key).toMatch(/^sk_test_[A-Za-z0-9]{43}$/);
    const again = await api.post('/v1/api-keys', request);
    expect([again.headers.get('idempotency-replayed'), await again.text()]).toEqual(['true', text]);
    const elsewhere = [
      await (await api.get(`/v1/api-keys/${made.id}`, admin)).text(),
      await (await api.get('/v1/api-keys?limit=100', admin)).text(),
      JSON.stringify((await api.database.query('select * from api_keys')).rows),
      ...api.log,
    ].join('\n');
    expect(elsewhere).toContain(made.id);
    expect(elsewhere).not.toContain(made.key);
    expect(made.hint).toBe(`sk_test_…${made.key.slice(-4)}`);
    expect((await balances(made.key)).status).toBe(200);
  });

  it('is kept as a keyed hash, also one that was made where the secret is not known, once it was used', async () => {
    const { key } = await create({ scopes: ['read'] });
    const plain = (text: string): Buffer => createHash('sha256').update(text).digest();
    const kept = async (text: string): Promise<number | null> =>
      (await api.database.query('select from api_keys where key_hash = $1', [plain(text)])).rowCount;
    expect(await kept(key)).toBe(0);
    const { key: seeded } = await api.addMerchant();
    expect(await kept(seeded)).toBe(1);
    expect((await balances(seeded)).status).toBe(200);
    await until(async () => (await kept(seeded)) === 0);
    later();
    expect((await balances(seeded)).status).toBe(200);
  });

  it('is not shown to another key that repeats the request, which might not have been allowed to ask', async () => {
    const manager = await create({ scopes: ['admin'] });
    const request = { idempotencyKey: 'make-all', body: { scopes: ['read', 'payments', 'refunds'] } };
    expect((await api.post('/v1/api-keys', { ...request, key: admin })).status).toBe(201);
    const repeat = await api.post('/v1/api-keys', { ...request, key: manager.key });
    expect(await told(repeat)).toMatchObject({ code: 'idempotency_key_reused' });
  });

  it('does what its scopes say and not more, and makes no key that may do more', async () => {
    const reader = await create({ scopes: ['read'] });
    const manager = await create({ scopes: ['admin'] });
    expect(await told(await api.get('/v1/api-keys', reader.key))).toMatchObject({
      status: 403,
      code: 'scope_missing',
    });
    const wish = { key: manager.key, body: { scopes: ['admin', 'refunds'] } };
    expect(await told(await api.post('/v1/api-keys', wish))).toMatchObject({ code: 'scope_exceeded' });
    const rolled = await api.post(`/v1/api-keys/${reader.id}/roll`, { key: manager.key });
    expect(await told(rolled)).toMatchObject({ status: 403, code: 'scope_exceeded' });
    await create({ scopes: ['admin'] }, manager.key);
  });

  it('is refused from an address that is not in its list', async () => {
    const made = await create({ scopes: ['read'], ip_allow_list: ['192.0.2.0/24', '2001:db8::1'] });
    const from = (address: string): Promise<Response> =>
      fetch(`${api.url}/v1/balances`, {
        headers: { authorization: `Bearer ${made.key}`, 'x-forwarded-for': `192.0.2.1, ${address}` },
      });
    expect((await from('192.0.2.77')).status).toBe(200);
    expect((await from('2001:db8::1')).status).toBe(200);
    expect(await told(await from('198.51.100.1'))).toMatchObject({ status: 403, code: 'ip_not_allowed' });
    await api.post(`/v1/api-keys/${made.id}`, { key: admin, body: { ip_allow_list: ['198.51.100.0/24'] } });
    expect((await from('198.51.100.1')).status).toBe(200);
    expect((await from('192.0.2.77')).status).toBe(403);
  });

  it('that is rolled is good in both texts until the overlap is over', async () => {
    const made = await create({ scopes: ['read'] });
    const rolled = (await (
      await api.post(`/v1/api-keys/${made.id}/roll`, { key: admin, body: { overlap_seconds: 3_600 } })
    ).json()) as Key;
    expect(rolled).toMatchObject({ id: made.id, scopes: ['read'] });
    expect(rolled.key).not.toBe(made.key);
    expect([(await balances(made.key)).status, (await balances(rolled.key)).status]).toEqual([200, 200]);
    await api.database.query('update api_keys set previous_until = now() where id = $1', [made.id]);
    later();
    expect([(await balances(made.key)).status, (await balances(rolled.key)).status]).toEqual([401, 200]);
    expect((await read(made.id)).previous_key_until).toBe(null);
    await api.post(`/v1/api-keys/${made.id}/roll`, { key: admin, body: { overlap_seconds: 0 } });
    expect((await balances(rolled.key)).status).toBe(401);
  });

  it('that is revoked is refused at once here, and in other processes when their memory of it ends', async () => {
    const made = await create({ scopes: ['read', 'admin'] });
    expect((await balances(made.key)).status).toBe(200);
    // As another process does it.
    await api.database.query('update api_keys set revoked_at = now() where id = $1', [made.id]);
    later();
    expect(await told(await balances(made.key))).toMatchObject({ status: 401, code: 'api_key_invalid' });

    const own = await create({ scopes: ['read', 'admin'] });
    const revoked = await api.post(`/v1/api-keys/${own.id}/revoke`, { key: own.key });
    expect(((await revoked.json()) as Key).revoked).not.toBe(null);
    expect((await balances(own.key)).status).toBe(401);
    for (const path of ['', '/roll'])
      expect(await told(await api.post(`/v1/api-keys/${own.id}${path}`, { key: admin }))).toMatchObject({
        status: 409,
        code: 'api_key_revoked',
      });
    expect((await api.post(`/v1/api-keys/${own.id}/revoke`, { key: admin })).status).toBe(200);
  });

  it('says when it was last used, written at most once a minute', async () => {
    const made = await create({ scopes: ['read'] });
    expect(made.last_used).toBe(null);
    await balances(made.key);
    await until(async () => (await read(made.id)).last_used !== null);
    const { last_used: first } = await read(made.id);
    later();
    await balances(made.key);
    later();
    await balances(made.key);
    expect((await read(made.id)).last_used).toBe(first);
    api.setNow(null);
  });
});

describe('a publishable key', () => {
  it('is told to the vault with its pages, and may do nothing here', async () => {
    const made = await create({ kind: 'publishable', name: 'page', origins: ['https://shop.example'] });
    expect(made.key).toMatch(/^pk_test_[A-Za-z0-9]{43}$/);
    expect(api.published.at(-1)).toEqual({
      merchant,
      mode: 'test',
      key: made.key,
      origins: ['https://shop.example'],
      until: null,
    });
    expect((await read(made.id)).key).toBe(made.key);
    expect(await told(await balances(made.key))).toMatchObject({ status: 401, code: 'api_key_invalid' });
  });

  it('of live mode stands in no page without TLS, and one of test mode only in those of the own machine', async () => {
    const liveAdmin = await api.addKey(merchant, 'live');
    const origins = ['http://localhost:3000'];
    const page = await create({ kind: 'publishable', origins });
    expect(api.published.at(-1)).toMatchObject({ key: page.key, origins });
    const before = api.published.length;
    const refused = { status: 400, code: 'field_invalid', param: '/origins/0' };
    const body = { kind: 'publishable', origins };
    expect(await told(await api.post('/v1/api-keys', { key: liveAdmin, body }))).toMatchObject(refused);
    const live = await create({ kind: 'publishable', origins: ['https://shop.example'] }, liveAdmin);
    const changed = await api.post(`/v1/api-keys/${live.id}`, { key: liveAdmin, body: { origins } });
    expect(await told(changed)).toMatchObject(refused);
    expect(api.published).toHaveLength(before + 1);
  });

  it('is rolled and revoked at the vault as well', async () => {
    const made = await create({ kind: 'publishable' });
    const rolled = (await (
      await api.post(`/v1/api-keys/${made.id}/roll`, { key: admin, body: { overlap_seconds: 60 } })
    ).json()) as Key;
    expect(api.published.slice(-2)).toMatchObject([
      { key: rolled.key, until: null },
      { key: made.key, until: rolled.previous_key_until },
    ]);
    await api.post(`/v1/api-keys/${made.id}`, { key: admin, body: { origins: ['https://a.example:8443'] } });
    expect(api.published.slice(-2)).toMatchObject([
      { key: rolled.key, origins: ['https://a.example:8443'], until: null },
      { key: made.key, origins: ['https://a.example:8443'], until: rolled.previous_key_until },
    ]);
    await api.post(`/v1/api-keys/${made.id}/revoke`, { key: admin });
    expect(new Set(api.published.slice(-2).map(({ key }) => key))).toEqual(new Set([made.key, rolled.key]));
    for (const { until: end } of api.published.slice(-2))
      expect(Date.parse(end ?? '')).toBeLessThanOrEqual(Date.now());
  });

  /** Holds whoever tells the vault until a second request waits for its commit. */
  async function meanwhile(first: () => Promise<Response>, second: () => Promise<Response>) {
    const telling = deferred<unknown>();
    const go = deferred<unknown>();
    api.onPublish(async () => {
      telling.resolve(null);
      await go.promise;
    });
    const one = first();
    await telling.promise;
    const two = second();
    await until(async () => {
      const { rowCount } = await api.database.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rowCount === 1;
    });
    go.resolve(null);
    return [await one, await two] as const;
  }

  it('that is rolled by two copies of one request at once is rolled once, at the vault as well', async () => {
    const made = await create({ kind: 'publishable' });
    const before = api.published.length;
    const roll = (): Promise<Response> =>
      api.post(`/v1/api-keys/${made.id}/roll`, { key: admin, idempotencyKey: 'roll-1', body: {} });
    const [one, two] = await meanwhile(roll, roll);
    const rolled = (await one.json()) as Key;
    expect([one.status, two.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    expect((await two.json()) as Key).toEqual(rolled);
    expect(api.published.slice(before)).toMatchObject([
      { key: rolled.key, until: null },
      { key: made.key, until: rolled.previous_key_until },
    ]);
  });

  it('that is revoked while it is rolled ends in the text that it was just given', async () => {
    const made = await create({ kind: 'publishable' });
    const before = api.published.length;
    const [rolled, revoked] = await meanwhile(
      () => api.post(`/v1/api-keys/${made.id}/roll`, { key: admin }),
      () => api.post(`/v1/api-keys/${made.id}/revoke`, { key: admin }),
    );
    const { key } = (await rolled.json()) as Key;
    const { revoked: end } = (await revoked.json()) as Key;
    expect(end).not.toBe(null);
    expect(api.published.slice(before + 2)).toMatchObject([
      { key, until: end },
      { key: made.key, until: end },
    ]);
  });

  it('keeps its text where the new one cannot be kept to be shown again', async () => {
    const made = await create({ kind: 'publishable' });
    const before = api.published.length;
    api.onSeal(() => Promise.reject(unavailable('the key service', null)));
    const roll = { key: admin, body: { overlap_seconds: 0 } };
    expect((await api.post(`/v1/api-keys/${made.id}/roll`, roll)).status).toBe(503);
    api.onSeal(() => Promise.resolve());
    expect((await read(made.id)).key).toBe(made.key);
    expect(api.published.slice(before)).toEqual([]);
  });

  it.each([
    [{ kind: 'publishable', scopes: ['read'] }, '/scopes'],
    [{ kind: 'publishable', ip_allow_list: ['192.0.2.1'] }, '/ip_allow_list'],
    [{ scopes: ['read'], origins: ['https://shop.example'] }, '/origins'],
    [{ kind: 'publishable', origins: ['https://shop.example/page'] }, '/origins/0'],
    [{ kind: 'publishable', origins: ['https://shop.example', 'http://shop.example'] }, '/origins/1'],
    [{ kind: 'secret' }, '/scopes'],
    [{ scopes: ['everything'] }, '/scopes/0'],
    [{ scopes: ['read'], ip_allow_list: ['192.0.2.0/33'] }, '/ip_allow_list/0'],
  ])('%j is refused for %s', async (body, param) => {
    expect(await told(await api.post('/v1/api-keys', { key: admin, body }))).toMatchObject({
      status: 400,
      param,
    });
  });
});

describe('the keys of a merchant', () => {
  it('are those of one mode, and at most 50 in use', async () => {
    const own = await api.addMerchant();
    const live = await api.addKey(own.merchant, 'live');
    await api.database.query(
      `insert into api_keys (id, key_hash, merchant_id, mode, hint)
       select 'key_0' || lpad(n::text, 25, '0'), sha256(n::text::bytea), $1, 'test', 'x' from generate_series(1, 48) n`,
      [own.merchant],
    );
    await create({ scopes: ['read'] }, own.key);
    const one = { key: own.key, body: { scopes: ['read'] } };
    expect(await told(await api.post('/v1/api-keys', one))).toMatchObject({
      status: 409,
      code: 'api_key_limit',
    });
    const { data } = (await (await api.get('/v1/api-keys', live)).json()) as { data: readonly Key[] };
    expect(data).toHaveLength(1);
    await create({ scopes: ['read'] }, live);
  });
});
