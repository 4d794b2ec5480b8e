import { afterAll, beforeAll, expect, it } from 'vitest';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { contractChecker } from './testing/contract.ts';
import { seedPayments } from './testing/seed-payments.ts';
import { createdPayment, paymentBody, startTestApi, type TestApi } from './testing/test-api.ts';
import { NEWEST, VERSIONS } from './versions.ts';

// Whoever was built for a version goes on being answered in it: each answer keeps to that version's
// document, and says when the version ends.

let api: TestApi;
let key: string;
let payment: string;

beforeAll(async () => {
  api = await startTestApi(stackRunFile(), { waitMs: 0 });
  const own = await api.addMerchant();
  ({ key } = own);
  await seedPayments(api.database, { merchant: own.merchant, count: 5 });
  const created = await api.post('/v1/payments', { key, body: paymentBody({ capture: 'manual' }) });
  payment = createdPayment(created);
});
afterAll(() => api.close());

const ask = (path: string, version: string | null, as = key, init: RequestInit = {}): Promise<Response> =>
  fetch(`${api.url}${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${as}`,
      ...(version === null ? {} : { 'quittance-version': version }),
      ...(init.headers as Record<string, string>),
    },
  });

it.each(VERSIONS)('every answer in version %s keeps to its document', async (version) => {
  const check = contractChecker(version);
  const other = contractChecker(VERSIONS.find((one) => one !== version));
  const create = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `of ${version}`.replace(' ', '-') },
    body: JSON.stringify(paymentBody()),
  };
  for (const [path, init] of [
    [`/v1/payments/${payment}`, {}],
    ['/v1/payments', {}],
    ['/v1/events', {}],
    ['/v1/balances', {}],
    ['/v1/payments', create],
    // A repeat: the same, and in its version.
    ['/v1/payments', create],
  ] as const) {
    const response = await ask(path, version, key, init);
    const exchange = {
      method: 'method' in init ? init.method : 'GET',
      path,
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      body: await response.text(),
    };
    expect(response.status, exchange.body).toBeLessThan(300);
    check(exchange);
    if (path.startsWith('/v1/payments'))
      expect(() => {
        other(exchange);
      }).toThrow('breaks the contract');
    expect(response.headers.get('quittance-version')).toBe(version);
    expect(response.headers.get('deprecation')).toBe(version === NEWEST ? null : '@1793491200');
    expect(response.headers.get('sunset')).toBe(version === NEWEST ? null : 'Mon, 01 Nov 2027 00:00:00 GMT');
  }
  const document = await fetch(`${api.url}/openapi/${version}.json`);
  expect(document.status).toBe(200);
});

it('a key is pinned to the version of the request that made it, until it is pinned to another', async () => {
  const old = VERSIONS.at(-1) ?? NEWEST;
  const made = await api.post('/v1/api-keys', {
    key,
    body: { scopes: ['read'] },
    headers: { 'quittance-version': old },
  });
  const { id, key: pinned, version } = (await made.json()) as Record<'id' | 'key' | 'version', string>;
  expect(version).toBe(old);
  const shown = async (header: string | null): Promise<string[]> =>
    Object.keys((await (await ask(`/v1/payments/${payment}`, header, pinned)).json()) as object);
  expect(await shown(null)).toContain('pre_authorization');
  expect(await shown(NEWEST)).toContain('authorization_type');
  await api.post(`/v1/api-keys/${id}`, { key, body: { version: NEWEST } });
  expect(await shown(null)).toContain('authorization_type');
});

it('a version that there is not is refused by name', async () => {
  const response = await ask('/v1/payments', '2020-01-01');
  expect(await response.json()).toMatchObject({ code: 'version_unknown', status: 400 });
});
