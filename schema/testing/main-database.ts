import type pg from 'pg';
import { createPool } from '../../platform/database.ts';
import { newId } from '../../platform/new-id.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { createDatabase } from '../../temporal-dev/testing/database.ts';
import type { AcquirerAccountId, MerchantId, PaymentId } from '../../workflows/domain/ids.ts';

export interface Shop {
  readonly merchant: MerchantId;
  /** Its account at `acquirer-1` for test payments, and the one for live payments. */
  readonly testAccount: AcquirerAccountId;
  readonly liveAccount: AcquirerAccountId;
}

/** A fresh main database, seen by each of those who may enter it. */
export interface MainDatabase {
  /** Looks at anything; can step around triggers to set a scene. */
  readonly superuser: pg.Pool;
  /** Owns the tables: what it is refused, a trigger or a constraint refuses. */
  readonly owner: pg.Pool;
  readonly api: pg.Pool;
  readonly worker: pg.Pool;
  readonly operator: pg.Pool;
  readonly gateway: pg.Pool;
  readonly shop: Shop;
  /** The same database by address, for pools of a test's own. */
  readonly urls: { readonly superuser: string; readonly owner: string; readonly worker: string };
  addShop(): Promise<Shop>;
  /** A payment of 90.00 EUR as the api inserts it; `asked` replaces columns. */
  addPayment(asked?: Readonly<Record<string, unknown>>): Promise<PaymentId>;
  close(): Promise<void>;
}

const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/** @param runPath of the running stack's run.json: `stackRunFile()`. */
export async function openMainDatabase(runPath: string): Promise<MainDatabase> {
  const database = await createDatabase(await readRunFile(runPath), { schema: 'main' });
  const connect = (url: string): pg.Pool =>
    createPool({ url, poolSize: 4, statementTimeoutMs: 10_000, role: 'schema-test' }, silent);
  const superuser = connect(database.superuserUrl);
  const owner = connect(database.ownerUrl);
  const worker = connect(database.workerUrl);
  const operator = connect(database.operatorUrl);
  const gateway = connect(database.gatewayUrl);
  await owner.query(
    `insert into acquirers (id, wire, task_queue, fences_by_reversal)
     values ('acquirer-1', 'iso8583', 'acquirers', true), ('acquirer-2', 'iso8583', 'acquirers', true)`,
  );
  const shop = await addShop(owner);
  // It works for one merchant at a time: here for this shop, where nothing else is said (see insert).
  const api = connect(`${database.apiUrl}?options=-c%20quittance.merchant%3D${shop.merchant}`);
  return {
    superuser,
    owner,
    api,
    worker,
    operator,
    gateway,
    shop,
    urls: { superuser: database.superuserUrl, owner: database.ownerUrl, worker: database.workerUrl },
    addShop: () => addShop(owner),
    async addPayment(asked = {}) {
      const id = newId('pay');
      await insert(api, 'payments', { ...newPayment(shop.merchant, id), ...asked });
      return id;
    },
    async close() {
      await Promise.all([superuser, owner, api, worker, operator, gateway].map((pool) => pool.end()));
      await database.drop();
    },
  };
}

/** The columns that the api gives a new payment. */
export function newPayment(merchant: MerchantId, id: PaymentId): Record<string, unknown> {
  return {
    merchant_id: merchant,
    id,
    mode: 'test',
    amount: 9_000,
    currency: 'EUR',
    capture_method: 'manual',
    staging_id: 'stg_1',
    authorize_by: new Date(Date.now() + 600_000),
  };
}

/** Inserts one row whose columns are the keys of `row`, as who works for its merchant. */
export async function insert(
  pool: Pick<pg.Pool, 'query'>,
  table: string,
  row: Readonly<Record<string, unknown>>,
): Promise<void> {
  const columns = Object.keys(row);
  const values = Object.values(row);
  const merchant = row['merchant_id'];
  const { rows } = await pool.query<{ types: string[] }>(
    `select array_agg(format_type(a.atttypid, a.atttypmod) order by c.place) as types
     from unnest($2::text[]) with ordinality as c (name, place) join pg_attribute a on a.attrelid = $1::regclass and a.attname = c.name`,
    [table, columns],
  );
  const types = rows[0]?.types ?? [];
  await pool.query(
    `insert into ${table} (${columns.join(', ')})
     select ${columns.map((_, index) => `$${index + 1}::${types[index] ?? 'text'}`).join(', ')}
     from set_config('quittance.merchant', $${columns.length + 1}, true)`,
    [...values, typeof merchant === 'string' ? merchant : ''],
  );
}

async function addShop(owner: pg.Pool): Promise<Shop> {
  const shop: Shop = { merchant: newId('mer'), testAccount: newId('aca'), liveAccount: newId('aca') };
  await owner.query("insert into merchants (id, name, country, mcc) values ($1, 'A shop', 'NL', '5732')", [
    shop.merchant,
  ]);
  await owner.query(
    `insert into merchant_acquirer_accounts
       (merchant_id, id, acquirer_id, mode, institution, merchant_account, terminals, mcc, acceptor_name, single_message, currencies, brands, increments)
     select $1, id, 'acquirer-1', mode, '400123', 'MID1', '{TERM0001}', '5732', 'A SHOP', false, '{EUR}', '{visa}', true
     from (values ($2, 'test'), ($3, 'live')) as account (id, mode)`,
    [shop.merchant, shop.testAccount, shop.liveAccount],
  );
  return shop;
}
