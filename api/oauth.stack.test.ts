import {
  generateKeyPair,
  exportJWK,
  createLocalJWKSet,
  jwtVerify,
  decodeJwt,
  decodeProtectedHeader,
  SignJWT,
} from 'jose';
import type { CryptoKey, JSONWebKeySet, JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { REMEMBERED_MS } from './auth/memory.ts';
import { KEY_PERIOD_MS } from './oauth/token-keys.ts';
import { ISSUER, paymentBody, startTestApi, createdPayment, type TestApi } from './testing/test-api.ts';

// A platform calls with short tokens that its client's secret was exchanged for: each says no more than its
// client is, and ends with it.

interface Client {
  readonly id: string;
  readonly client_secret: string;
  readonly hint: string;
  readonly last_used: string | null;
  readonly revoked: string | null;
}

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

let api: TestApi;
let admin: string;
let merchant: string;

beforeAll(async () => {
  api = await startTestApi(stackRunFile(), { waitMs: 0 });
  ({ key: admin, merchant } = await api.addMerchant());
});
afterAll(() => api.close());

async function answered(response: Response): Promise<Answered> {
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

async function create(
  body: Readonly<Record<string, unknown>> = { scopes: ['read'] },
  key = admin,
): Promise<Client> {
  const { status, body: made } = await answered(await api.post('/v1/oauth-clients', { key, body }));
  expect(status, JSON.stringify(made)).toBe(201);
  return made as unknown as Client;
}

async function ask(
  parameters: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const response = await fetch(`${api.url}/v1/oauth/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ grant_type: 'client_credentials', ...parameters }),
  });
  expect([response.headers.get('cache-control'), response.headers.get('pragma')]).toEqual([
    'no-store',
    'no-cache',
  ]);
  return answered(response);
}
const basic = ({ id, client_secret: secret }: Client) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

async function tokenOf(client: Client, parameters: Readonly<Record<string, string>> = {}): Promise<string> {
  const { status, body } = await ask(parameters, basic(client));
  expect(status, JSON.stringify(body)).toBe(200);
  return String(body['access_token']);
}

const balances = (token: string): Promise<Response> => api.get('/v1/balances', token);
const codeOf = async (response: Response): Promise<unknown> => {
  const { status, body } = await answered(response);
  return [status, body['code']];
};
/** What is remembered is over, here as in another process. */
let ahead = 0;
const later = (ms = REMEMBERED_MS + 1): void => {
  ahead += ms;
  api.setNow(Date.now() + ahead);
};

describe('a client', () => {
  it('is shown its secret by the request that made it and by its repeat, and it is kept as a keyed hash', async () => {
    const request = { key: admin, idempotencyKey: 'client-1', body: { name: 'platform', scopes: ['read'] } };
    const first = await (await api.post('/v1/oauth-clients', request)).text();
    const made = JSON.parse(first) as Client;
    expect(made.client_secret).toMatch(/^ocs_test_[A-Za-z0-9]{43}$/);
    expect(made.hint).toBe(`ocs_test_…${made.client_secret.slice(-4)}`);
    expect(await (await api.post('/v1/oauth-clients', request)).text()).toBe(first);
    await tokenOf(made);
    const elsewhere = [
      await (await api.get(`/v1/oauth-clients/${made.id}`, admin)).text(),
      await (await api.get('/v1/oauth-clients', admin)).text(),
      JSON.stringify((await api.database.query('select * from oauth_clients')).rows),
      ...api.log,
    ].join('\n');
    expect(elsewhere).toContain(made.id);
    expect(elsewhere).not.toContain(made.client_secret);
  });

  it('has no scope that its maker does not have, and is managed by those with the scope admin alone', async () => {
    const manager = String(
      (await answered(await api.post('/v1/api-keys', { key: admin, body: { scopes: ['admin'] } }))).body[
        'key'
      ],
    );
    const wish = { key: manager, body: { scopes: ['read'] } };
    expect(await codeOf(await api.post('/v1/oauth-clients', wish))).toEqual([403, 'scope_exceeded']);
    const token = await tokenOf(await create());
    expect(await codeOf(await api.get('/v1/oauth-clients', token))).toEqual([403, 'scope_missing']);
  });

  it('gets a token by its secret in the header or in the body, with the scopes that it asks for', async () => {
    const client = await create({ scopes: ['read', 'payments'] });
    const { status, body } = await ask({}, basic(client));
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'read payments' });
    const { id, client_secret } = client;
    const posted = await ask({ client_id: id, client_secret, scope: 'read' });
    expect(posted.body).toMatchObject({ scope: 'read' });
    const token = String(posted.body['access_token']);
    expect((await balances(token)).status).toBe(200);
    const pay = { key: token, body: paymentBody() };
    expect(await codeOf(await api.post('/v1/payments', pay))).toEqual([403, 'scope_missing']);
    const last = await answered(await api.get(`/v1/oauth-clients/${id}`, admin));
    expect(last.body['last_used']).not.toBe(null);
  });

  it.each([
    [
      'a wrong secret',
      (client: Client) => ask({}, basic({ ...client, client_secret: 'ocs_test_wrong' })),
      401,
      'invalid_client',
    ],
    [
      'an unknown client',
      (client: Client) => ask({}, basic({ ...client, id: newId('oac') })),
      401,
      'invalid_client',
    ],
    ['what is no client', (client: Client) => ask({}, basic({ ...client, id: '💳' })), 401, 'invalid_client'],
    ['no client', () => ask({}), 401, 'invalid_client'],
    [
      'a scope that it does not have',
      (client: Client) => ask({ scope: 'read refunds' }, basic(client)),
      400,
      'invalid_scope',
    ],
    [
      'another grant',
      (client: Client) => ask({ grant_type: 'password' }, basic(client)),
      400,
      'unsupported_grant_type',
    ],
    [
      'a body of another kind',
      (client: Client) => ask({}, { ...basic(client), 'content-type': 'application/json' }),
      400,
      'invalid_request',
    ],
  ] as const)('that sends %s is refused as RFC 6749 says', async (_, request, status, error) => {
    const told = await request(await create());
    expect([told.status, told.body]).toEqual([
      status,
      { error, error_description: expect.any(String) as string },
    ]);
    expect(told.headers.get('www-authenticate')).toBe(status === 401 ? 'Basic realm="quittance"' : null);
  });

  it('that is rolled gets tokens by both secrets until the overlap is over', async () => {
    const made = await create();
    const roll = async (seconds: number): Promise<Client> => {
      const body = { overlap_seconds: seconds };
      const rolled = await answered(
        await api.post(`/v1/oauth-clients/${made.id}/roll`, { key: admin, body }),
      );
      return rolled.body as unknown as Client;
    };
    const rolled = await roll(3_600);
    for (const secret of [made.client_secret, rolled.client_secret])
      await tokenOf({ ...made, client_secret: secret });
    const ended = await roll(0);
    const statuses = [made, rolled, ended].map(
      async ({ client_secret: secret }) => (await ask({}, basic({ ...made, client_secret: secret }))).status,
    );
    expect(await Promise.all(statuses)).toEqual([401, 401, 200]);
  });

  it('ends with its tokens when it is revoked: at once here, and elsewhere when their memory of it ends', async () => {
    const [one, other] = [await create(), await create()];
    const [first, second] = [await tokenOf(one), await tokenOf(other)];
    // The clock stands from now on: no memory ends because the machine is slow.
    later(0);
    expect([(await balances(first)).status, (await balances(second)).status]).toEqual([200, 200]);
    const revoked = await answered(await api.post(`/v1/oauth-clients/${one.id}/revoke`, { key: admin }));
    expect(revoked.body['revoked']).not.toBe(null);
    expect(await codeOf(await balances(first))).toEqual([401, 'access_token_invalid']);
    expect((await ask({}, basic(one))).body['error']).toBe('invalid_client');
    const roll = await api.post(`/v1/oauth-clients/${one.id}/roll`, { key: admin });
    expect(await codeOf(roll)).toEqual([409, 'oauth_client_revoked']);
    // As another process does it.
    await api.database.query('update oauth_clients set revoked_at = now() where id = $1', [other.id]);
    expect((await balances(second)).status).toBe(200);
    later();
    expect((await balances(second)).status).toBe(401);
  });

  it('is held to its addresses, as its tokens are', async () => {
    const client = await create({ scopes: ['read'], ip_allow_list: ['192.0.2.0/24'] });
    const from = (address: string) => ({ 'x-forwarded-for': address });
    const elsewhere = await ask({}, { ...basic(client), ...from('198.51.100.1') });
    expect([elsewhere.status, elsewhere.body['error']]).toEqual([400, 'unauthorized_client']);
    const { body } = await ask({}, { ...basic(client), ...from('192.0.2.7') });
    const authorization = `Bearer ${String(body['access_token'])}`;
    const use = (address: string) =>
      fetch(`${api.url}/v1/balances`, { headers: { authorization, ...from(address) } });
    expect((await use('192.0.2.7')).status).toBe(200);
    expect(await codeOf(await use('198.51.100.1'))).toEqual([403, 'ip_not_allowed']);
    const wish = { key: admin, body: { ip_allow_list: ['198.51.100.0/24'] } };
    expect((await api.post(`/v1/oauth-clients/${client.id}`, wish)).status).toBe(200);
    expect([(await use('198.51.100.1')).status, (await use('192.0.2.7')).status]).toEqual([200, 403]);
  });

  it('is one of at most fifty in a mode', async () => {
    const { key, merchant: full } = await api.addMerchant();
    await api.database.query(
      `insert into oauth_clients (id, merchant_id, mode, hint, scopes, secret_hash)
       select 'oac_' || lpad(n::text, 26, '0'), $1, 'test', 'x', '{read}', sha256(n::text::bytea) from generate_series(1, 50) n`,
      [full],
    );
    const made = await api.post('/v1/oauth-clients', { key, body: { scopes: ['read'] } });
    expect(await codeOf(made)).toEqual([409, 'oauth_client_limit']);
  });
});

describe('a token', () => {
  it('makes and sees payments of its own merchant and mode alone', async () => {
    const token = await tokenOf(await create({ scopes: ['read', 'payments'] }));
    const payment = createdPayment(await api.post('/v1/payments', { key: token, body: paymentBody() }));
    expect((await api.get(`/v1/payments/${payment}`, token)).status).toBe(200);
    expect((await api.get(`/v1/payments/${payment}`, admin)).status).toBe(200);
    for (const stranger of [(await api.addMerchant()).key, await api.addKey(merchant as never, 'live')]) {
      const other = await tokenOf(await create({ scopes: ['read'] }, stranger));
      expect((await api.get(`/v1/payments/${payment}`, other)).status).toBe(404);
    }
  });

  it('says who it is for, and is proven by the keys that are published, which are public', async () => {
    const client = await create({ scopes: ['read'] });
    const token = await tokenOf(client);
    const response = await fetch(`${api.url}/.well-known/jwks.json`);
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    const set = (await response.json()) as JSONWebKeySet;
    for (const key of set.keys)
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(set), {
      issuer: ISSUER,
      audience: ISSUER,
      typ: 'at+jwt',
      currentDate: new Date(Date.now() + ahead),
    });
    expect(protectedHeader.alg).toBe('ES256');
    expect(payload).toMatchObject({
      sub: client.id,
      client_id: client.id,
      merchant,
      mode: 'test',
      scope: 'read',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
    const kept = JSON.stringify((await api.database.query('select * from oauth_signing_keys')).rows);
    expect(kept).not.toMatch(/"d":/);
    expect(api.log.join('\n')).not.toContain(token);
  });
});

describe('a token that is not ours, or not good now', () => {
  let signer: CryptoKey;
  let kid: string;
  let client: Client;
  let jwk: Awaited<ReturnType<typeof exportJWK>>;

  beforeAll(async () => {
    const pair = await generateKeyPair('ES256', { extractable: true });
    signer = pair.privateKey;
    jwk = await exportJWK(pair.publicKey);
    kid = newId('otk');
    await api.database.query(
      `insert into oauth_signing_keys (id, signs_from, signs_until, public_jwk, sealed_secret)
       values ($1, now() - interval '1 day', now() + interval '1 day', $2, '{}')`,
      [kid, jwk],
    );
    client = await create({ scopes: ['read'] });
  });

  /** What time it is, for the API as well (s). */
  const at = (): number => {
    later(0);
    return Math.floor((Date.now() + ahead) / 1_000);
  };
  const claims = (changes: JWTPayload = {}): JWTPayload => ({
    iss: ISSUER,
    aud: ISSUER,
    sub: client.id,
    merchant,
    mode: 'test',
    scope: 'read',
    jti: 'one',
    iat: at(),
    nbf: at(),
    exp: at() + 600,
    ...changes,
  });
  const without = (name: string): JWTPayload =>
    Object.fromEntries(Object.entries(claims()).filter(([other]) => other !== name));
  const sign = (payload: JWTPayload, header: Readonly<Record<string, string>> = {}): Promise<string> =>
    new SignJWT(payload).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid, ...header }).sign(signer);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('is told from one that is', async () => {
    expect((await balances(await sign(claims()))).status).toBe(200);
  });

  it.each([
    ['for another audience', () => sign(claims({ aud: 'https://other.example' }))],
    ['from another issuer', () => sign(claims({ iss: 'https://other.example' }))],
    ['not good yet', () => sign(claims({ nbf: at() + 60 }))],
    ['made in the future', () => sign(claims({ iat: at() + 60, exp: at() + 600 }))],
    ['of the other mode', () => sign(claims({ mode: 'live' }))],
    ['of another merchant', () => sign(claims({ merchant: newId('mer') }))],
    ['of a client that is none', () => sign(claims({ sub: 'key_1' }))],
    ['without a scope', () => sign(without('scope'))],
    ['without an end', () => sign(without('exp'))],
    ['without an id', () => sign(without('jti'))],
    ['of an unknown key', () => sign(claims(), { kid: newId('otk') })],
    ['of a key that is no id', () => sign(claims(), { kid: "' or true --" })],
    ['of another type', () => sign(claims(), { typ: 'JWT' })],
    ['with another signature', async () => `${(await sign(claims())).slice(0, -8)}AAAAAAAA`],
    [
      'with other claims',
      async () => {
        const [header = '', , signature = ''] = (await sign(claims())).split('.');
        return `${header}.${part(claims({ scope: 'read payments' }))}.${signature}`;
      },
    ],
    [
      'without an algorithm',
      () => Promise.resolve(`${part({ alg: 'none', typ: 'at+jwt', kid })}.${part(claims())}.`),
    ],
    [
      'by HMAC with our public key',
      () =>
        new SignJWT(claims())
          .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid })
          .sign(Buffer.from(JSON.stringify(jwk))),
    ],
    [
      'with a key of its own in it',
      async () => {
        const own = await generateKeyPair('ES256', { extractable: true });
        return new SignJWT(claims())
          .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', jwk: await exportJWK(own.publicKey) })
          .sign(own.privateKey);
      },
    ],
  ] as const)('%s is 401', async (_, make) => {
    const response = await balances(await make());
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(await codeOf(response)).toEqual([401, 'access_token_invalid']);
  });

  it('has ended is 401, and so is one that was made too long ago for its end', async () => {
    const ended = await sign(claims({ iat: at() - 606, nbf: at() - 606, exp: at() - 6 }));
    const long = await sign(claims({ iat: at() - 700, nbf: at() - 700, exp: at() + 3_600 }));
    for (const token of [ended, long])
      expect(await codeOf(await balances(token))).toEqual([401, 'access_token_expired']);
  });

  it('claims more than its client has gets no more', async () => {
    const token = await sign(claims({ scope: 'read payments admin' }));
    expect((await balances(token)).status).toBe(200);
    expect(await codeOf(await api.get('/v1/api-keys', token))).toEqual([403, 'scope_missing']);
  });
});

describe('the keys of tokens', () => {
  const kids = async (): Promise<string[]> => {
    const set = (await (await fetch(`${api.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
    return set.keys.map(({ kid = '' }) => kid);
  };
  const kidOf = (token: string): string => decodeProtectedHeader(token).kid ?? '';

  it('change every week: the next is published a day before, the last one until its tokens have ended', async () => {
    const client = await create();
    const change = (Math.floor(Date.now() / KEY_PERIOD_MS) + 2) * KEY_PERIOD_MS;
    const minute = 60_000;
    api.setNow(change - 2 * 24 * 60 * minute);
    const early = kidOf(await tokenOf(client));
    expect((await kids()).at(-1)).toBe(early);
    api.setNow(change - minute);
    const old = await tokenOf(client);
    expect(kidOf(old)).toBe(early);
    const [next = ''] = (await kids()).slice(-1);
    expect(next).not.toBe(early);
    api.setNow(change + minute);
    const fresh = await tokenOf(client);
    expect([kidOf(fresh), decodeJwt(fresh).sub]).toEqual([next, client.id]);
    expect(await kids()).toEqual(expect.arrayContaining([early, next]));
    expect([(await balances(old)).status, (await balances(fresh)).status]).toEqual([200, 200]);
    api.setNow(change + 11 * minute);
    expect(await kids()).not.toContain(early);
    expect(await codeOf(await balances(old))).toEqual([401, 'access_token_invalid']);
    // Long after, not even the sealed private half is there.
    api.setNow(change + KEY_PERIOD_MS);
    await tokenOf(client);
    const { rowCount } = await api.database.query('select from oauth_signing_keys where id = $1', [early]);
    expect(rowCount).toBe(0);
    later();
  });

  it('are one for all, also when several begin at once', async () => {
    const client = await create();
    api.setNow((Math.floor(Date.now() / KEY_PERIOD_MS) + 20) * KEY_PERIOD_MS);
    const tokens = await Promise.all(Array.from({ length: 6 }, () => tokenOf(client)));
    expect(new Set(tokens.map(kidOf)).size).toBe(1);
    later();
  });

  it('that are deleted end their tokens', async () => {
    const client = await create();
    const token = await tokenOf(client);
    expect((await balances(token)).status).toBe(200);
    await api.database.query('delete from oauth_signing_keys where id = $1', [kidOf(token)]);
    later(2 * REMEMBERED_MS + 1);
    expect((await balances(token)).status).toBe(401);
    const again = await tokenOf(client);
    expect(kidOf(again)).not.toBe(kidOf(token));
    expect((await balances(again)).status).toBe(200);
  });
});
