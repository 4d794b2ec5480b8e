import { randomUUID } from 'node:crypto';
import pMap from 'p-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { separateTenants } from '../platform/tenant-pool.ts';
import { openMainDatabase, type MainDatabase, type Shop } from '../schema/testing/main-database.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { ALL_SCOPES, type Scope } from './auth/scopes.ts';
import { openApiDocument } from './contract/document.ts';
import { describedRoutes } from './testing/contract.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';

// Two walls between merchants, and one around each key: every operation needs its scope, whoever forgets
// to ask for the merchant sees nothing. (Every address with another merchant's ids: contract.stack.test.ts.)

const routes = describedRoutes();

describe('a scope', () => {
  let api: TestApi;
  const only = new Map<Scope, string>();
  const allBut = new Map<Scope, string>();
  /** Access tokens of a client that has every scope, each narrowed. */
  const tokenOnly = new Map<Scope, string>();
  const tokenAllBut = new Map<Scope, string>();

  beforeAll(async () => {
    api = await startTestApi(stackRunFile(), { waitMs: 0 });
    const { key } = await api.addMerchant();
    const make = async (scopes: readonly Scope[]): Promise<string> => {
      const response = await api.post('/v1/api-keys', { key, body: { scopes } });
      return ((await response.json()) as { key: string }).key;
    };
    for (const scope of ALL_SCOPES) {
      only.set(scope, await make([scope]));
      allBut.set(scope, await make(ALL_SCOPES.filter((other) => other !== scope)));
    }
    const made = await api.post('/v1/oauth-clients', { key, body: { scopes: ALL_SCOPES } });
    const client = (await made.json()) as { id: string; client_secret: string };
    const narrowed = async (scopes: readonly Scope[]): Promise<string> => {
      const response = await fetch(`${api.url}/v1/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: client.id,
          client_secret: client.client_secret,
          scope: scopes.join(' '),
        }),
      });
      return ((await response.json()) as { access_token: string }).access_token;
    };
    for (const scope of ALL_SCOPES) {
      tokenOnly.set(scope, await narrowed([scope]));
      tokenAllBut.set(scope, await narrowed(ALL_SCOPES.filter((other) => other !== scope)));
    }
  });
  afterAll(() => api.close());

  it('is declared by every operation of the document', () => {
    const { paths } = openApiDocument(routes);
    for (const operation of Object.values(paths).flatMap((item) => Object.values(item))) {
      const [{ secretKey = [] } = {}] = operation['security'] as readonly { secretKey?: readonly Scope[] }[];
      expect(secretKey, String(operation['operationId'])).toHaveLength(1);
      expect(ALL_SCOPES).toContain(secretKey[0]);
    }
  });

  it.each([
    ['a key', only, allBut],
    ['an access token', tokenOnly, tokenAllBut],
  ])('of %s opens its operations, and without it each is 403 and does nothing', async (_, has, lacks) => {
    const before = await api.rows();
    const wrong = await pMap(
      routes,
      async ({ method, path, contract: { id, scope, body } }) => {
        const address = path.replaceAll(/:[a-z]+/g, 'nothing');
        const ask = async (key: string): Promise<{ status: number; code?: string }> => {
          const response = await fetch(`${api.url}${address}`, {
            method,
            headers: {
              authorization: `Bearer ${key}`,
              'idempotency-key': randomUUID(),
              ...(body === null ? {} : { 'content-type': 'application/json' }),
            },
            // A body that is refused: what is allowed shows in how it is refused.
            ...(body === null ? {} : { body: '{"no_such_field":1}' }),
          });
          // What was let in is not read to its end: a stream has none.
          const text = response.ok ? '' : await response.text();
          await response.body?.cancel().catch(() => undefined);
          const { code = '' } = (text === '' ? {} : JSON.parse(text)) as { code?: string };
          return { status: response.status, code };
        };
        const without = await ask(lacks.get(scope) ?? '');
        const within = await ask(has.get(scope) ?? '');
        return [
          ...(without.status === 403 && without.code === 'scope_missing' ? [] : [`${id} without ${scope}`]),
          ...(within.status === 403 || within.status === 401 || within.status >= 500
            ? [`${id} with ${scope}`]
            : []),
        ];
      },
      { concurrency: 8 },
    );
    expect(wrong.flat()).toEqual([]);
    expect(await api.rows()).toEqual(before);
  });
});

describe('row level security', () => {
  let database: MainDatabase;
  let other: Shop;

  beforeAll(async () => {
    database = await openMainDatabase(stackRunFile());
    other = await database.addShop();
    await database.addPayment();
    await database.addPayment({ merchant_id: other.merchant });
  });
  afterAll(() => database.close());

  it('is on for every table with merchants that the api may read, and no partition is open beside its table', async () => {
    const { rows } = await database.owner.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'merchant_id'
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
         and has_any_column_privilege('quittance_api', c.oid, 'select')
         and (c.relispartition or not c.relrowsecurity or not exists (
           select from pg_policy p where p.polrelid = c.oid and 'quittance_api'::regrole = any (p.polroles)
             and pg_get_expr(p.polqual, c.oid) = '(merchant_id = current_setting(''quittance.merchant''::text, true))'))`,
    );
    expect(rows).toEqual([]);
  });

  it('shows a query that forgets its merchant those of the one it works for, and nothing when it works for nobody', async () => {
    const tenants = separateTenants(database.api);
    const seen = async (): Promise<string[]> => {
      const { rows } = await database.api.query<{ merchant_id: string }>('select merchant_id from payments');
      return rows.map(({ merchant_id: merchant }) => merchant);
    };
    // Connections change hands between those who ask at once.
    const asked = await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        const merchant = n % 2 === 0 ? database.shop.merchant : other.merchant;
        return { merchant, seen: await tenants.as(merchant, seen) };
      }),
    );
    for (const one of asked) expect(one.seen).toEqual([one.merchant]);
    const nobody = await database.api.query("select set_config('quittance.merchant', '', false)");
    expect(nobody.rowCount).toBe(1);
    expect(await seen()).toEqual([]);
    await tenants.as(other.merchant, async () => {
      expect((await database.api.query('select id from merchants')).rows).toEqual([{ id: other.merchant }]);
      await expect(
        database.api.query(
          "insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body) select $1, 'cmd_9', id, 'void', 'merchant', 'void_9', '{}' from payments",
          [database.shop.merchant],
        ),
      ).rejects.toMatchObject({ code: '42501' });
    });
  });

  it('does not stand in the way of those who work for all merchants', async () => {
    const { rows } = await database.worker.query('select from payments');
    expect(rows).toHaveLength(2);
  });
});
