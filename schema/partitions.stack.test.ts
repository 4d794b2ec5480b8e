import fc from 'fast-check';
import pg from 'pg';
import { TypeID } from 'typeid-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import type { PaymentId } from '../workflows/domain/ids.ts';
import { operationRow, recordParts } from './testing/change-document.ts';
import { insert, newPayment, openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { cutSince, idMadeAt, monthName, monthsAgo } from './testing/old-ids.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: every row of history and outbox lies in its month, and a month can come or go while payments go on. */

let database: MainDatabase;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
  await cutSince(database.owner, monthsAgo(3));
});
afterAll(() => database.close());

async function rowsOf<T>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
  const { rows } = await database.owner.query(sql, [...values]);
  return rows as T[];
}

const partitionsOf = async (parent: string): Promise<string[]> =>
  (
    await rowsOf<{ partition: string }>(
      'select partition from time_partitions where parent = $1 order by low nulls first',
      [parent],
    )
  ).map(({ partition }) => partition);

const TABLES = ['payment_history', 'events', 'deliveries', 'delivery_attempts'] as const;
const MS_MAX = Date.UTC(2100, 0, 1);
const LOCK_NOT_AVAILABLE = '55P03';

/** The TypeID of the smallest UUIDv7 of that millisecond. */
function smallestOf(prefix: string, ms: number): string {
  const hex = ms.toString(16).padStart(12, '0');
  return TypeID.fromUUID(prefix, `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`).toString();
}

describe('a bound between months', () => {
  it('lies between the ids of its millisecond and all that were made before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: MS_MAX }), async (ms) => {
        const [row] = await rowsOf<{ floor: string; at: string }>(
          `select id_floor('pay', to_timestamp($1::bigint / 1000.0)) as floor, (extract(epoch from id_time($2)) * 1000)::bigint::text as at`,
          [ms, idMadeAt('pay', new Date(ms))],
        );
        expect(smallestOf('pay', ms)).toMatch(new RegExp(`^${row?.floor ?? '-'}`));
        expect(`pay_${'z'.repeat(26)}` > (row?.floor ?? '')).toBe(true);
        expect(idMadeAt('pay', new Date(ms - 1)) < (row?.floor ?? '')).toBe(true);
        expect(idMadeAt('pay', new Date(ms)) > (row?.floor ?? '~')).toBe(true);
        expect(row?.at).toBe(String(ms));
      }),
      { numRuns: 200 },
    );
  });

  it('is compared bytewise, whatever the collation of the database', async () => {
    const collations = await rowsOf<{ parent: string; collation: string }>(
      `select p.partrelid::regclass::text as parent, c.collname as collation from pg_partitioned_table p
       join pg_collation c on c.oid = p.partcollation[0] where p.partstrat = 'r' order by 1`,
    );
    expect(collations).toEqual([...TABLES].sort().map((parent) => ({ parent, collation: 'C' })));
  });
});

describe('a row', () => {
  const place = async (payment: string): Promise<string | undefined> => {
    await insert(database.owner, 'payment_history', {
      merchant_id: database.shop.merchant,
      payment_id: payment,
      version: 1,
      at: new Date(),
      cause: 'c',
      event: 'e',
      status: 's',
      detail: {},
      workflow_run_id: 'r',
    });
    const [row] = await rowsOf<{ place: string }>(
      'select tableoid::regclass::text as place from payment_history where payment_id = $1',
      [payment],
    );
    return row?.place;
  };

  it('lies in the month in which its payment was born, from its first millisecond to its last', async () => {
    for (const months of [3, 2, 1, 0]) {
      const month = monthsAgo(months);
      const last = new Date(monthsAgo(months - 1).getTime() - 1);
      for (const at of [month, last])
        expect(await place(idMadeAt('pay', at))).toBe(`payment_history_${monthName(month)}`);
    }
    expect(await place(newId('pay'))).toBe(`payment_history_${monthName(new Date())}`);
  });

  it('that is older than all months, or whose id is no time, has a place as well', async () => {
    const before = `payment_history_before_${monthName(monthsAgo(3))}`;
    expect(await place(idMadeAt('pay', new Date(monthsAgo(3).getTime() - 1)))).toBe(before);
    expect(await place('pay_00000000000000000000000001')).toBe(before);
    expect(await place('pay_x')).toBe('payment_history_unordered');
  });

  it('of a change lies with its time: history by the payment, events and deliveries by the event', async () => {
    await insert(database.owner, 'webhook_endpoints', {
      merchant_id: database.shop.merchant,
      id: newId('whe'),
      mode: 'test',
      url: 'https://shop.example/',
      sealed_secret: {},
    });
    const payment = idMadeAt('pay', monthsAgo(2)) as PaymentId;
    await insert(database.api, 'payments', {
      ...newPayment(database.shop.merchant, payment),
      id: payment,
    });
    await recordParts(database.worker, database.shop.merchant, payment, {
      operations: [operationRow(`auth_${payment.slice(4)}`)],
      events: [{ id: newId('evt'), mode: 'test', type: 'payment.failed', body: '{}' }],
    });
    const places = await rowsOf(
      `select h.tableoid::regclass::text as history, e.tableoid::regclass::text as event, d.tableoid::regclass::text as delivery
       from payment_history h join events e using (merchant_id, payment_id) join deliveries d on d.event_id = e.id where payment_id = $1`,
      [payment],
    );
    const now = monthName(new Date());
    expect(places).toEqual([
      {
        history: `payment_history_${monthName(monthsAgo(2))}`,
        event: `events_${now}`,
        delivery: `deliveries_${now}`,
      },
    ]);
  });
});

describe('keep_partitions', () => {
  /** As the schedule does: whoever was kept waiting for too long (2 s) by another one asks again. */
  async function keep(ahead: number): Promise<readonly { readonly made: readonly string[] }[]> {
    for (;;) {
      try {
        const { rows } = await database.worker.query<{ made: string[] }>(
          'select made from keep_partitions($1)',
          [ahead],
        );
        return rows;
      } catch (error) {
        if (!(error instanceof pg.DatabaseError) || error.code !== LOCK_NOT_AVAILABLE) throw error;
      }
    }
  }

  it('makes the months that are not there, each once, also when several ask at once', async () => {
    for (const table of TABLES) await database.owner.query(`drop table ${table}_${monthName(monthsAgo(-3))}`);
    const turns = await Promise.all([1, 2, 3].map(() => keep(7)));
    expect(
      turns
        .flat()
        .flatMap(({ made }) => made)
        .sort(),
    ).toEqual(
      TABLES.flatMap((table) => [-3, -7].map((months) => `${table}_${monthName(monthsAgo(months))}`)).sort(),
    );
    expect((await partitionsOf('events')).length).toBe(3 + 1 + 7 + 2);
  });

  it.each(TABLES)(
    'gives a partition of %s the keys, checks, guards and rights of the others',
    async (table) => {
      const seen = async (partition: string): Promise<unknown> =>
        rowsOf(
          `select (select array_agg(form order by form) from (
                   select regexp_replace(pg_get_indexdef(indexrelid), ' (INDEX|ON) [a-z0-9_.]+', '', 'g') as form from pg_index where indrelid = $1::regclass) i) as indexes,
                (select array_agg(pg_get_constraintdef(oid) order by pg_get_constraintdef(oid)) from pg_constraint where conrelid = $1::regclass) as constraints,
                (select array_agg(tgname || ' ' || tgtype order by tgname) from pg_trigger where tgrelid = $1::regclass) as triggers,
                (select relacl::text from pg_class where oid = $1::regclass) as rights`,
          [partition],
        );
      const [first = '', ...others] = await partitionsOf(table);
      for (const other of others) expect(await seen(other)).toEqual(await seen(first));
    },
  );

  it('holds nobody back, and waits for nobody who writes', async () => {
    const writer = await database.worker.connect();
    const keeper = await database.owner.connect();
    try {
      const [one, other] = [await database.addPayment(), await database.addPayment()];
      const record = (payment: typeof one) =>
        recordParts(writer, database.shop.merchant, payment, {
          events: [{ id: newId('evt'), mode: 'test', type: 'payment.failed', body: '{}' }],
        });
      await writer.query('begin');
      await record(one);
      await keeper.query('begin');
      const { rows } = await keeper.query<{ made: string[] }>('select made from keep_partitions(8)');
      expect(rows.flatMap(({ made }) => made)).toHaveLength(4);
      await writer.query("commit; begin; set local lock_timeout = '1s'");
      expect(await record(other)).toBe('applied');
      await writer.query('commit');
      await keeper.query('commit');
    } finally {
      writer.release(true);
      keeper.release(true);
    }
  });

  it('refuses a number of months that nobody can mean', async () => {
    for (const ahead of [0, 25])
      await expect(database.worker.query('select keep_partitions($1)', [ahead])).rejects.toThrow(
        '1 to 24 can be made',
      );
  });
});

describe('what is unique', () => {
  it('a version and a cause per payment are, also against the owner', async () => {
    const payment = newId('pay');
    const line = {
      merchant_id: database.shop.merchant,
      payment_id: payment,
      version: 1,
      at: new Date(),
      cause: 'begin',
      event: 'e',
      status: 's',
      detail: {},
      workflow_run_id: 'r',
    };
    await insert(database.owner, 'payment_history', line);
    for (const again of [{ cause: 'other' }, { version: 2 }])
      expect(await refusalOf(insert(database.owner, 'payment_history', { ...line, ...again }))).toMatchObject(
        {
          code: 'unique_violation',
        },
      );
  });

  it('an event of a type per change is: a change cannot be told of twice, and no other change has its version', async () => {
    const payment = await database.addPayment();
    const told = { mode: 'test', type: 'payment.failed', body: '{}' };
    const twice = {
      events: [
        { id: newId('evt'), ...told },
        { id: newId('evt'), ...told },
      ],
    };
    expect(
      await refusalOf(recordParts(database.worker, database.shop.merchant, payment, twice)),
    ).toMatchObject({
      code: 'unique_violation',
    });
    const once = { events: [{ id: newId('evt'), ...told }] };
    expect(await recordParts(database.worker, database.shop.merchant, payment, once)).toBe('applied');
    const moved = `update payments set version = version where id = '${payment}'`;
    expect((await refusalOf(database.owner.query(moved))).message).toContain(
      'version must go from 1 to 2, not to 1',
    );
    const rights = await rowsOf<{ grantee: string }>(
      `select distinct grantee::regrole::text as grantee from pg_class, aclexplode(relacl)
       where relname ~ '^(events|payment_history)' and privilege_type = 'INSERT' and grantee <> 'quittance_owner'::regrole`,
    );
    expect(rights).toEqual([]);
  });
});
