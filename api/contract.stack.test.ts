import pMap from 'p-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { openApiDocument, type Json } from './contract/document.ts';
import { pathParameters, pathTemplate, type PathParameter } from './contract/path.ts';
import { describedRoutes } from './testing/contract.ts';
import { addVerification } from './testing/add-verification.ts';
import { seedPayments } from './testing/seed-payments.ts';
import { seedLedger } from './testing/seed-ledger.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';
import { violationsOf } from './testing/violations.ts';

// Whatever the contract forbids is refused by name, and whatever is another's does not exist: for every
// operation of the document, so that none is forgotten.

const routes = describedRoutes();
const document = openApiDocument(routes);
let api: TestApi;
let key: string;
let ids: Readonly<Record<PathParameter, string>>;
let strangers: readonly string[];
const AT_ONCE = { concurrency: 12 };

beforeAll(async () => {
  api = await startTestApi(stackRunFile(), { waitMs: 0 });
  const own = await api.addMerchant();
  key = own.key;
  strangers = [(await api.addMerchant()).key, await api.addKey(own.merchant, 'live')];
  const payments = await seedPayments(api.database, { merchant: own.merchant, count: 20 });
  await seedLedger(api.database, own.merchant, 5);
  const { rows } = await api.database.query<{ id: string }>(
    `select 'ltx_' || min(id) as id from ledger_transactions where merchant_id = $1`,
    [own.merchant],
  );
  const suffix = payments.find(({ status }) => status === 'refunded')?.id.slice(4) ?? '';
  const card = api.addCard(own.merchant, 'test');
  ids = {
    payment: `pay_${suffix}`,
    verification: await addVerification(api.database, own.merchant),
    card,
    token: card.replace('card_', 'ctok_'),
    customer: await make('/v1/customers', {}),
    review: await addReview(`pay_${suffix}`),
    capture: `cap_${suffix}`,
    refund: `ref_${suffix}`,
    event: `evt_${suffix}`,
    account: 'acquirer_receivable.EUR',
    transaction: rows[0]?.id ?? '',
    ...(await otherIds()),
  };
});
afterAll(() => api.close());

const make = async (path: string, body: unknown): Promise<string> =>
  ((await (await api.post(path, { key, body })).json()) as { id: string }).id;

/** A review that is over: past the guards, for no payment here was ever scored. */
async function addReview(payment: string): Promise<string> {
  await api.database.query(
    `begin; set local session_replication_role = replica; update payments set review = 'approved' where id = '${payment}'; commit`,
  );
  return `rev_${payment.slice(4)}`;
}

/** Of resources that are made over HTTP. */
async function otherIds(): Promise<Pick<typeof ids, 'endpoint' | 'delivery' | 'key' | 'client' | 'secret'>> {
  const made = await api.post('/v1/webhook-endpoints', { key, body: { url: 'https://shop.example/hooks' } });
  const { id: endpoint } = (await made.json()) as { id: string };
  const sent = await api.post(`/v1/webhook-endpoints/${endpoint}/test`, { key });
  const { id: event } = (await sent.json()) as { id: string };
  const keys = await api.get('/v1/api-keys', key);
  const { data } = (await keys.json()) as { data: readonly { id: string }[] };
  const client = await make('/v1/oauth-clients', { scopes: ['read'] });
  const secret = await make('/v1/signing-secrets', {});
  return {
    key: data[0]?.id ?? '',
    client,
    secret,
    endpoint,
    delivery: `dlv_${event.slice(4)}_${endpoint.slice(4)}`,
  };
}

/** Everything that a request can write. */
async function written(): Promise<unknown> {
  const { rows } = await api.database.query<Record<string, string>>(
    `select (select count(*) from deliveries) as deliveries, (select count(*) from events) as events,
            (select string_agg(id || url || enabled, ' ' order by id) from webhook_endpoints) as endpoints,
            (select string_agg(id || hint || scopes::text || coalesce(revoked_at::text, ''), ' ' order by id) from api_keys) as keys,
            (select string_agg(c::text, ' ' order by id) from oauth_clients c) as clients,
            (select string_agg(c::text, ' ' order by id) from customers c) as customers,
            (select string_agg(s::text, ' ' order by id) from signing_secrets s) as secrets,
            (select string_agg(signed_modes::text, ' ' order by id) from merchants) as signed`,
  );
  return { ...(await api.rows()), ...rows[0] };
}

const addressOf = (path: string, change: Partial<typeof ids> = {}): string =>
  pathParameters(path).reduce(
    (address, name) => address.replace(`:${name}`, encodeURIComponent({ ...ids, ...change }[name])),
    path,
  );

interface Told {
  readonly status: number;
  readonly code: string;
  readonly param: string | undefined;
}

async function ask(
  method: string,
  address: string,
  as: string,
  body?: unknown,
): Promise<Told & { text: string }> {
  const response =
    method === 'GET'
      ? await api.get(address, as)
      : method === 'POST'
        ? await api.post(address, { key: as, ...(body === undefined ? {} : { body }) })
        : await api.delete(address, as);
  const text = await response.text();
  const { code = '', param } = (text === '' ? {} : JSON.parse(text)) as { code?: string; param?: string };
  return { status: response.status, code, param, text };
}

const withBody = routes.flatMap(({ method, path, contract }) =>
  contract.body === null ? [] : [[contract.id, method, path, contract.body] as const],
);

describe('a body', () => {
  it.each(withBody)(
    'that the contract of %s forbids is refused, and what is wrong is named',
    async (_, method, path, body) => {
      const schema = document.components.schemas[body.name] ?? {};
      const before = await written();
      const cases = violationsOf(schema, body.example);
      expect(cases.length).toBeGreaterThan(5);
      const wrong = await pMap(
        cases,
        async ({ what, body: sent, param }) => {
          // What is no JSON text is no case: undefined members are missing ones.
          const told = await ask(method, addressOf(path), key, JSON.stringify(sent));
          return told.status === 400 && told.param === param ? [] : [`${what}: ${told.text}`];
        },
        AT_ONCE,
      );
      expect(wrong.flat()).toEqual([]);
      expect(await written()).toEqual(before);
    },
  );
});

describe('parameters', () => {
  const withQuery = Object.entries(document.paths).flatMap(([template, item]) =>
    Object.entries(item).map(([method, operation]) => [`${method} ${template}`, operation] as const),
  );

  it.each(withQuery)('of %s that the contract forbids are refused by name', async (name, operation) => {
    const [method = '', template = ''] = name.split(' ');
    const path = routes.find((route) => pathTemplate(route.path) === template)?.path ?? '';
    const address = addressOf(path);
    const query = ((operation['parameters'] ?? []) as readonly Json[]).filter((one) => one['in'] === 'query');
    const cases: [sent: string, param: string][] = [['no_such_parameter=1', 'no_such_parameter']];
    for (const { name: parameter, schema, style } of query) {
      const sent = String(parameter);
      const known = schema as Json;
      if (style === 'deepObject') {
        const [member = 'name'] = Object.keys(known['properties'] ?? {});
        cases.push([`${sent}=1`, sent], [`${sent}[${member}]=%00`, `${sent}[${member}]`]);
        if (known['properties'] !== undefined) cases.push([`${sent}[nothing]=1`, `${sent}[nothing]`]);
        continue;
      }
      cases.push([`${sent}=%00`, sent], [`${sent}=${'x'.repeat(5_000)}`, sent]);
      if (!sent.endsWith('[]')) cases.push([`${sent}=1&${sent}=2`, sent]);
      if (typeof known['maximum'] === 'number') cases.push([`${sent}=${known['maximum'] + 1}`, sent]);
      if (known['pattern'] !== undefined || known['enum'] !== undefined)
        cases.push([`${sent}=${encodeURIComponent('💳')}`, sent]);
    }
    const wrong = await pMap(
      cases,
      async ([sent, param]) => {
        // What is required stands beside it, so that one thing alone is wrong.
        const rest = query.filter(
          ({ required, name: other }) => required === true && !sent.startsWith(String(other)),
        );
        const beside = rest.map(({ name: other }) => `&${String(other)}=2026-01-01T00:00:00Z`).join('');
        const told = await ask(method.toUpperCase(), `${address}?${sent}${beside}`, key);
        return told.status === 400 && told.param === param ? [] : [`${sent.slice(0, 60)}: ${told.text}`];
      },
      AT_ONCE,
    );
    expect(wrong.flat()).toEqual([]);
  });
});

describe('an address', () => {
  const withIds = routes.filter(({ path }) => pathParameters(path).length > 0);
  const bodyFor = (path: string, method: string): unknown =>
    routes.find((route) => route.path === path && route.method === method)?.contract.body?.example;

  it.each(withIds.map(({ method, path }) => [method, path] as const))(
    '%s %s with an id of another merchant, of the other mode, or of nobody does not exist',
    async (method, path) => {
      const before = await written();
      const body = bodyFor(path, method);
      const [parameter] = pathParameters(path);
      const codes = new Set<string>();
      for (const stranger of strangers) {
        const told = await ask(method, addressOf(path), stranger, body);
        expect(told.status, told.text).toBe(404);
        codes.add(told.code);
      }
      for (const id of ['💳', '\u0000', 'x'.repeat(300), `${ids[parameter ?? 'payment']}x`]) {
        const told = await ask(method, addressOf(path, { [parameter ?? 'payment']: id }), key, body);
        // What is no id at all can be no address either.
        expect([404, 400], told.text).toContain(told.status);
      }
      expect([...codes]).toEqual([
        {
          payment: 'payment_not_found',
          verification: 'card_verification_not_found',
          card: 'stored_card_not_found',
          token: 'card_token_unknown',
          customer: 'customer_not_found',
          review: 'review_not_found',
          capture: 'capture_not_found',
          refund: 'refund_not_found',
          event: 'event_not_found',
          account: 'ledger_account_not_found',
          transaction: 'ledger_transaction_not_found',
          endpoint: 'webhook_endpoint_not_found',
          delivery: 'delivery_not_found',
          key: 'api_key_not_found',
          client: 'oauth_client_not_found',
          secret: 'signing_secret_not_found',
        }[parameter ?? 'payment'],
      ]);
      expect(await written()).toEqual(before);
    },
  );

  it('of a list has nothing of another merchant or of the other mode, also by filter and by cursor', async () => {
    // A stream has no end to wait for; whose events are in it is tested beside it.
    const lists = routes.filter(
      ({ method, path, contract }) =>
        method === 'GET' && pathParameters(path).length === 0 && contract.answers[200]?.schema !== null,
    );
    for (const { path, contract } of lists) {
      const address = contract.query.safeParse({}).success ? path : `${path}?from=2026-01-01T00:00:00Z`;
      for (const stranger of strangers) {
        const { status, text } = await ask('GET', address, stranger);
        expect(status, text).toBe(200);
        for (const id of Object.values(ids)) expect(text).not.toContain(`"${id}"`);
      }
    }
    for (const [path, cursor] of [
      ['payments', ids.payment],
      ['card-verifications', ids.verification],
      ['stored-cards', ids.card],
      ['customers', ids.customer],
      ['reviews', ids.review],
      ['captures', ids.capture],
      ['refunds', ids.refund],
      ['events', ids.event],
    ] as const) {
      for (const stranger of strangers) {
        expect(await ask('GET', `/v1/${path}?starting_after=${cursor}`, stranger)).toMatchObject({
          status: 400,
          param: 'starting_after',
        });
        if (['captures', 'refunds', 'events'].includes(path))
          expect((await ask('GET', `/v1/${path}?payment=${ids.payment}`, stranger)).text).toContain(
            '"data":[]',
          );
      }
    }
  });
});
