import { randomUUID } from 'node:crypto';
import pMap from 'p-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import type { MerchantId } from '../workflows/domain/ids.ts';
import { REMEMBERED_MS } from './auth/memory.ts';
import { describedRoutes } from './testing/contract.ts';
import { signed, type ToSign } from './testing/sign.ts';
import { createdPayment, paymentBody, startTestApi, type TestApi } from './testing/test-api.ts';

// Where a merchant wants it, what is not signed is not taken, and what is signed is done once.

interface Secret {
  readonly id: string;
  readonly secret: string;
}

let api: TestApi;
let admin: string;
let merchant: MerchantId;
let own: Secret;

beforeAll(async () => {
  api = await startTestApi(stackRunFile(), { waitMs: 0 });
  ({ key: admin, merchant } = await api.addMerchant());
  own = await makeSecret(admin);
});
afterAll(() => api.close());

async function makeSecret(key: string, headers: Readonly<Record<string, string>> = {}): Promise<Secret> {
  const response = await api.post('/v1/signing-secrets', { key, body: {}, headers });
  expect(response.status, await response.clone().text()).toBe(201);
  return (await response.json()) as Secret;
}

interface Asked {
  readonly key?: string;
  readonly body?: unknown;
  readonly with?: Secret;
  readonly idempotencyKey?: string;
  readonly changes?: Partial<ToSign>;
  /** What is sent in place of what was signed. */
  readonly instead?: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> };
}

async function post(target: string, asked: Asked = {}): Promise<Response> {
  const {
    key = admin,
    body = {},
    with: secret = own,
    idempotencyKey = randomUUID(),
    changes,
    instead,
  } = asked;
  const text = JSON.stringify(body);
  const headers = signed({
    method: 'POST',
    target,
    headers: { authorization: `Bearer ${key}`, 'idempotency-key': idempotencyKey },
    body: text,
    keyid: secret.id,
    secret: secret.secret,
    ...changes,
  });
  return api.post(target, {
    key,
    idempotencyKey,
    body: instead?.body ?? text,
    headers: { ...headers, ...instead?.headers },
  });
}

function get(target: string, { key = admin, with: secret = own, changes }: Asked = {}): Promise<Response> {
  const headers = signed({
    method: 'GET',
    target,
    headers: { authorization: `Bearer ${key}` },
    keyid: secret.id,
    secret: secret.secret,
    ...changes,
  });
  return fetch(`${api.url}${target}`, { headers });
}

const codeOf = async (response: Response): Promise<unknown> => {
  const { code } = (await response.json()) as { code?: string };
  return [response.status, code];
};
const payments = async (): Promise<number | undefined> => (await api.rows())['payments'];

describe('before they have to be', () => {
  it('requests are taken unsigned, and those that are signed are held against it', async () => {
    expect((await api.get('/v1/balances', admin)).status).toBe(200);
    expect((await get('/v1/balances?at=2031-01-01T00:00:00Z')).status).not.toBe(401);
    expect((await get('/v1/payments?limit=2')).status).toBe(200);
    const forged = await get('/v1/balances', { with: { ...own, secret: 'rss_test_another' } });
    expect(await codeOf(forged)).toEqual([401, 'signature_invalid']);
  });

  it('only a signed request asks for signed ones, so nobody shuts themselves out', async () => {
    const wish = { key: admin, body: { required: true } };
    expect(await codeOf(await api.post('/v1/request-signing', wish))).toEqual([401, 'signature_missing']);
    const setting = await api.get('/v1/request-signing', admin);
    expect(await setting.json()).toEqual({ object: 'request_signing', mode: 'test', required: false });
  });

  it('a secret is shown once, and kept sealed', async () => {
    const list = await (await api.get('/v1/signing-secrets', admin)).text();
    const one = await (await api.get(`/v1/signing-secrets/${own.id}`, admin)).text();
    const kept = JSON.stringify((await api.database.query('select * from signing_secrets')).rows);
    const elsewhere = [list, one, kept, ...api.log].join('\n');
    expect(elsewhere).toContain(own.id);
    expect(elsewhere).not.toContain(own.secret);
  });

  it('there are at most ten secrets in a mode', async () => {
    const { key, merchant: full } = await api.addMerchant();
    await api.database.query(
      `insert into signing_secrets (id, merchant_id, mode, hint, sealed_secret)
       select 'sgs_' || lpad(n::text, 26, '0'), $1, 'test', 'x', '{}' from generate_series(1, 10) n`,
      [full],
    );
    const made = await api.post('/v1/signing-secrets', { key, body: {} });
    expect(await codeOf(made)).toEqual([409, 'signing_secret_limit']);
  });
});

describe('where requests have to be signed', () => {
  beforeAll(async () => {
    const on = await post('/v1/request-signing', { body: { required: true } });
    expect(on.status, await on.clone().text()).toBe(200);
  });

  it('none of any operation is taken without, whatever its key may do, and nothing is done', async () => {
    const before = await api.rows();
    const wrong = await pMap(
      describedRoutes(),
      async ({ method, path, contract: { id, body } }) => {
        const response = await fetch(`${api.url}${path.replaceAll(/:[a-z]+/g, 'nothing')}`, {
          method,
          headers: {
            authorization: `Bearer ${admin}`,
            'idempotency-key': randomUUID(),
            ...(body === null ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === null ? {} : { body: JSON.stringify(body.example) }),
        });
        const asked = response.headers.get('accept-signature') ?? '';
        const [status, code] = (await codeOf(response)) as [number, string];
        return status === 401 && code === 'signature_missing' && asked.startsWith('sig=("@method"')
          ? []
          : [`${id}: ${status} ${code}`];
      },
      { concurrency: 8 },
    );
    expect(wrong.flat()).toEqual([]);
    expect(await api.rows()).toEqual(before);
  });

  it('in one mode, the other goes on without', async () => {
    const live = await api.addKey(merchant, 'live');
    expect((await api.get('/v1/balances', live)).status).toBe(200);
    const withTest = await get('/v1/balances', { key: live });
    expect(await codeOf(withTest)).toEqual([401, 'signature_invalid']);
  });

  it('one is done once: sent again as it is it is refused, signed anew it is the same request', async () => {
    const before = (await payments()) ?? 0;
    const request = { body: paymentBody(), idempotencyKey: 'signed-1' };
    const nonce = randomUUID();
    const created = Math.floor(Date.now() / 1_000);
    const first = await post('/v1/payments', { ...request, changes: { nonce, created } });
    expect(first.status, await first.clone().text()).toBe(202);
    const replayed = await post('/v1/payments', { ...request, changes: { nonce, created } });
    expect(await codeOf(replayed)).toEqual([401, 'signature_replayed']);
    const repeat = await post('/v1/payments', request);
    expect([repeat.status, createdPayment(repeat)]).toEqual([202, createdPayment(first)]);
    expect(await payments()).toBe(before + 1);
  });

  it('of the same one sent by many at once, one is taken', async () => {
    const changes = { nonce: randomUUID(), created: Math.floor(Date.now() / 1_000) };
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async () => (await get('/v1/balances', { changes })).status),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(7);
  });

  it('one whose body, key, address or signature was changed on its way does nothing, and uses up no nonce', async () => {
    const before = await payments();
    const body = paymentBody();
    const nonce = randomUUID();
    const changes = { nonce };
    const more = JSON.stringify({ ...body, amount: 500_000 });
    const changed = await post('/v1/payments', { body, changes, instead: { body: more } });
    expect(await codeOf(changed)).toEqual([400, 'content_digest_wrong']);
    const other = await post('/v1/payments', {
      body,
      changes,
      instead: { headers: { 'idempotency-key': 'other' } },
    });
    expect(await codeOf(other)).toEqual([401, 'signature_invalid']);
    const old = await post('/v1/payments', { body, changes: { nonce, created: 1_700_000_000 } });
    expect(await codeOf(old)).toEqual([401, 'signature_expired']);
    const less = await post('/v1/payments', { body, changes: { nonce, components: ['@method', '@path'] } });
    expect(await codeOf(less)).toEqual([401, 'signature_invalid']);
    expect(await payments()).toBe(before);
    expect((await post('/v1/payments', { body, changes })).status).toBe(202);
  });

  it('one with a secret of another merchant, or a revoked one, is refused', async () => {
    const stranger = await api.addMerchant();
    const theirs = await makeSecret(stranger.key);
    expect(await codeOf(await get('/v1/balances', { with: theirs }))).toEqual([401, 'signature_invalid']);
    const made = (await (await post('/v1/signing-secrets')).json()) as Secret;
    expect((await get('/v1/balances', { with: made })).status).toBe(200);
    expect((await post(`/v1/signing-secrets/${made.id}/revoke`)).status).toBe(200);
    expect(await codeOf(await get('/v1/balances', { with: made }))).toEqual([401, 'signature_invalid']);
    const last = await post(`/v1/signing-secrets/${own.id}/revoke`);
    expect(await codeOf(last)).toEqual([409, 'signing_secret_needed']);
    expect((await get('/v1/balances')).status).toBe(200);
  });

  it('a token of an OAuth client is signed like a key', async () => {
    const made = await post('/v1/oauth-clients', { body: { scopes: ['read'] } });
    const { id, client_secret: secret } = (await made.json()) as { id: string; client_secret: string };
    const given = await fetch(`${api.url}/v1/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret }),
    });
    const { access_token: key = '' } = (await given.json()) as { access_token?: string };
    expect((await get('/v1/balances', { key })).status).toBe(200);
    expect(await codeOf(await api.get('/v1/balances', key))).toEqual([401, 'signature_missing']);
  });

  it('nonces go when their signatures are long not good any more', async () => {
    await api.database.query("update request_nonces set expires_at = now() - interval '1 second'");
    const left = async (): Promise<number> =>
      Number(
        (await api.database.query<{ n: string }>('select count(*) as n from request_nonces')).rows[0]?.n,
      );
    const before = await left();
    expect(before).toBeGreaterThan(2);
    expect((await get('/v1/balances')).status).toBe(200);
    expect(await left()).toBe(before - 1);
  });

  it('a signed request takes it back, and other processes see it within seconds', async () => {
    const off = { key: admin, body: { required: false } };
    expect(await codeOf(await api.post('/v1/request-signing', off))).toEqual([401, 'signature_missing']);
    expect((await post('/v1/request-signing', { body: { required: false } })).status).toBe(200);
    // The clock stands: what is looked up now is believed however slow the machine is.
    api.setNow(Date.now());
    expect((await api.get('/v1/balances', admin)).status).toBe(200);
    // As another process does it.
    await api.database.query("update merchants set signed_modes = '{test}' where id = $1", [merchant]);
    expect((await api.get('/v1/balances', admin)).status).toBe(200);
    // What it opens is closed at once, also here.
    expect(await codeOf(await api.post('/v1/request-signing', off))).toEqual([401, 'signature_missing']);
    expect(await codeOf(await api.post('/v1/signing-secrets', { key: admin, body: {} }))).toEqual([
      401,
      'signature_missing',
    ]);
    api.setNow(Date.now() + REMEMBERED_MS + 1);
    expect((await api.get('/v1/balances', admin)).status).toBe(401);
    api.setNow(null);
  });
});
