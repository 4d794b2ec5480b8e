import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHeadFile } from '../platform/seals/head-file.ts';
import { createSealer } from '../activities/back-office/sealer.ts';
import { createPool } from '../platform/database.ts';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { createDatabase, type TestDatabase } from '../temporal-dev/testing/database.ts';
import { untilSealable } from '../temporal-dev/testing/until-sealable.ts';
import { generateLedger } from './ledger/testing/generate.ts';
import { SEAL_IN_FORMAT_1 } from './ledger/testing/format-1.ts';
import {
  ANOTHER_VALUE,
  BATCH,
  HEADER_OF_SEALED,
  OF_SEALED,
  TAMPERINGS,
} from './ledger/testing/tamperings.ts';
import { verifyLedger, type Verdict } from './ledger/verify.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { runTool, type Ended } from './testing/run-tool.ts';

/** The promise: an honest ledger passes, and whatever somebody with all rights does to it is found and named. */

const TABLES = [
  'payments',
  'ledger_transactions',
  'ledger_postings',
  'ledger_balances',
  'ledger_seals',
  'ledger_sealed',
];
const PAYMENTS = 30;

let database: TestDatabase;
let superuser: pg.Pool;
let worker: pg.Pool;
let folder: string;
let headFile: string;
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

beforeAll(async () => {
  database = await createDatabase(await readRunFile(stackRunFile()), { schema: 'main' });
  const connect = (url: string): pg.Pool =>
    createPool({ url, poolSize: 2, statementTimeoutMs: 10_000, role: 'verify-test' }, silent);
  superuser = connect(database.superuserUrl);
  worker = connect(database.workerUrl);
  folder = await mkdtemp(join(tmpdir(), 'ledger-verify-'));
  headFile = join(folder, 'ledger-head.jsonl');
  const client = await superuser.connect();
  await generateLedger(client, { merchants: 3, payments: PAYMENTS });
  client.release();
  await seal(headFile);
  // Two transactions that no seal covers yet, so that both sides of the head are there.
  await tamper(`delete from ledger_sealed where seal_number = (select max(number) from ledger_seals);
    delete from ledger_seals where number = (select max(number) from ledger_seals)`);
  await rm(headFile);
  await publish();
  for (const table of TABLES) await superuser.query(`create table kept_${table} as table ${table}`);
});
afterAll(async () => {
  await Promise.all([superuser.end(), worker.end()]);
  await database.drop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  const again = TABLES.map(
    (table) => `insert into ${table} overriding system value select * from kept_${table}`,
  );
  await tamper(`truncate ${TABLES.join(', ')}; ${again.join('; ')}`);
});

/** As somebody who may do anything: past triggers and foreign keys. */
async function tamper(sql: string): Promise<void> {
  await superuser.query(`begin; set local session_replication_role = replica; ${sql}; commit`);
}

async function seal(file: string): Promise<void> {
  await untilSealable(superuser);
  await createSealer({ pool: worker, publisher: createHeadFile(file), logger: silent, batch: BATCH })(
    new AbortController().signal,
  );
}

/** Every seal of the database, each on a line. */
async function publish(): Promise<void> {
  const { rows } = await superuser.query<{ number: number; seal: string }>(
    "select number::integer, encode(seal, 'hex') as seal from ledger_seals order by 1",
  );
  const lines = rows.map((row) => JSON.stringify({ ...row, sealed_at: '2026-03-01T12:00:00Z' }));
  await writeFile(headFile, lines.map((line) => `${line}\n`).join(''));
}

const verify = (file: string | null = headFile): Promise<Verdict> =>
  verifyLedger({ url: database.workerUrl, headFile: file, lanes: 3 });

async function one<T>(sql: string): Promise<T> {
  const { rows } = await superuser.query<{ value: T }>(`select (${sql}) as value`);
  const [row] = rows;
  if (row === undefined) throw new Error('no row');
  return row.value;
}

describe('an honest ledger', () => {
  it('passes, with what it holds counted, also what is not sealed yet', async () => {
    const unsealed = await one<bigint>(
      'select count(*) from ledger_transactions t where not exists (select from ledger_sealed s where s.merchant_id = t.merchant_id and s.transaction_id = t.id)',
    );
    expect(unsealed).toBeGreaterThan(0n);
    expect(await verify()).toEqual({
      problems: [],
      problemCount: 0,
      transactions: await one('select count(*) from ledger_transactions'),
      postings: await one('select count(*) from ledger_postings'),
      accounts: await one('select count(distinct (merchant_id, mode, code, currency)) from ledger_balances'),
      payments: BigInt(PAYMENTS),
      unsealed,
      seals: 3,
      head: await one("select encode(seal, 'hex') from ledger_seals where number = 3"),
      published: 3,
    });
  });

  it('passes before anything was sealed or published', async () => {
    await tamper('truncate ledger_seals, ledger_sealed');
    expect(await verify(join(folder, 'none.jsonl'))).toMatchObject({
      problems: [],
      seals: 0,
      head: null,
      published: null,
    });
  });

  it('passes when it is empty', async () => {
    await tamper(`truncate ${TABLES.join(', ')}`);
    expect(await verify(null)).toMatchObject({ problems: [], transactions: 0n, seals: 0 });
  });
});

describe('tampering by somebody with all rights is found and named:', () => {
  it.each(TAMPERINGS)('$what', async ({ sql, kind, says }) => {
    let expected = says;
    for (const [place, question = ''] of says.matchAll(/\{([^}]+)\}/g))
      expected = expected.replace(place, String(await one(question)));
    await tamper(sql);
    const { problems, problemCount } = await verify();
    expect(problemCount).toBeGreaterThan(0);
    expect(problems[0]).toEqual({ kind, text: expect.stringContaining(expected) as string });
  });

  it('any column of a sealed transaction or posting changed: all of them are under the seal', async () => {
    const { rows } = await superuser.query<{ table: string; column: string; type: string }>(
      `select table_name as table, column_name as column, data_type as type from information_schema.columns
       where table_schema = 'public' and table_name in ('ledger_transactions', 'ledger_postings')
         and (table_name, column_name) not in (('ledger_transactions', 'merchant_id'), ('ledger_transactions', 'id'),
              ('ledger_postings', 'merchant_id'), ('ledger_postings', 'transaction_id'))`,
    );
    expect(rows.length).toBeGreaterThan(12);
    for (const { table, column, type } of rows) {
      const kept = `select * from kept_${table}`;
      await tamper(
        `update ${table} set ${column} = ${ANOTHER_VALUE[type] ?? 'no value is known for this type'} ${table === 'ledger_postings' ? `${OF_SEALED} and line = 1` : HEADER_OF_SEALED}`.replaceAll(
          '@',
          column,
        ),
      );
      const { problems } = await verify();
      expect(problems[0], `${table}.${column}`).toMatchObject({ kind: 'transaction_changed' });
      await tamper(`truncate ${table}; insert into ${table} overriding system value ${kept}`);
    }
    // Some twenty whole verifications, one after another.
  }, 240_000);
});

describe('a chain that began before seals had formats', () => {
  const FIRST_OF_FORMAT_2 = 3;

  /** As it is after the migration: transactions without cause, activity and stripes, in two seals of format 1, the rest sealed as now. */
  beforeEach(async () => {
    await tamper(`truncate ledger_seals, ledger_sealed;
      update ledger_postings p set stripe = 0, account_sequence = 1000000 + n.sequence from (
        select ctid, tableoid, row_number() over (partition by merchant_id, mode, code, currency order by transaction_id) as sequence from ledger_postings) n
      where (p.ctid, p.tableoid) = (n.ctid, n.tableoid);
      update ledger_postings set account_sequence = account_sequence - 1000000;
      truncate ledger_balances;
      insert into ledger_balances (merchant_id, mode, code, currency, balance, last_sequence)
      select merchant_id, mode, code, currency, sum(amount), max(account_sequence) from ledger_postings group by 1, 2, 3, 4;
      update ledger_transactions set cause = null, activity = null
      where (xact, merchant_id, id) in (select xact, merchant_id, id from ledger_transactions order by 1, 2, 3 limit ${2 * BATCH})`);
    await superuser.query(SEAL_IN_FORMAT_1);
    for (let seals = 1; seals < FIRST_OF_FORMAT_2; seals += 1)
      await superuser.query(`select from seal_ledger_in_format_1(${BATCH})`);
    await superuser.query('drop function seal_ledger_in_format_1');
    await rm(join(folder, 'both.jsonl'), { force: true });
    await seal(join(folder, 'both.jsonl'));
  });
  const sealedIn = (seal: number): string =>
    `(merchant_id, transaction_id) in (select merchant_id, transaction_id from ledger_sealed where seal_number = ${seal} and position = 1)`;

  it('verifies whole, in both', async () => {
    expect(await one('select array_agg(distinct format order by format) from ledger_seals')).toEqual([1, 2]);
    expect(await verify(join(folder, 'both.jsonl'))).toMatchObject({ problems: [], unsealed: 0n });
  });

  it.each([1, 2, FIRST_OF_FORMAT_2])('shows what was changed of a transaction of seal %i', async (number) => {
    for (const change of [
      `update ledger_postings set line = line + 20 where ${sealedIn(number)}`,
      `update ledger_postings set stripe = 1 where ${sealedIn(number)} and line = 1`,
      `update ledger_transactions t set cause = 'another' from ledger_sealed s where (s.merchant_id, s.transaction_id) = (t.merchant_id, t.id) and seal_number = ${number} and position = 1`,
      `update ledger_transactions t set activity = 'another' from ledger_sealed s where (s.merchant_id, s.transaction_id) = (t.merchant_id, t.id) and seal_number = ${number} and position = 1`,
    ]) {
      await superuser.query('create table before as table ledger_postings');
      await superuser.query('create table headers_before as table ledger_transactions');
      await tamper(change);
      expect((await verify(null)).problems[0], change).toMatchObject({
        kind: 'transaction_changed',
        text: expect.stringContaining(`was changed after it went into seal ${number}`) as string,
      });
      await tamper(`truncate ledger_postings, ledger_transactions; insert into ledger_postings table before;
        insert into ledger_transactions overriding system value table headers_before; drop table before, headers_before`);
    }
  });

  it.each([
    ['old', 1, 2],
    ['new', FIRST_OF_FORMAT_2, 1],
  ])('shows that an %s seal says another format', async (_, number, format) => {
    await tamper(`update ledger_seals set format = ${format} where number = ${number}`);
    const { problems } = await verify(null);
    expect(problems[0]).toMatchObject({
      kind: 'seal_chain',
      text: expect.stringContaining(`seal ${number} is not the hash of its content`) as string,
    });
  });
});

describe('the published head', () => {
  it('may be older than the chain: the sealer died before it published', async () => {
    await seal(join(folder, 'other.jsonl'));
    expect(await verify()).toMatchObject({ problems: [], seals: 4, published: 3 });
  });

  it('that is newer than the chain shows that its end was cut off, whatever else adds up', async () => {
    await tamper(`
      delete from ledger_seals where number = 3; delete from ledger_sealed where seal_number = 3`);
    expect((await verify()).problems).toEqual([
      {
        kind: 'published_head',
        text: 'seals 3 to 3 were published, and the newest in the database is 2: the end of the chain was cut off, or an older state was restored',
      },
    ]);
  });

  it('that differs shows that the chain was made anew over a changed ledger; without it that cannot be seen', async () => {
    await tamper(`update ledger_transactions set business_key = 'another' ${HEADER_OF_SEALED};
      truncate ledger_seals, ledger_sealed`);
    await seal(join(folder, 'anew.jsonl'));
    expect((await verify(null)).problems).toEqual([]);
    const { problems } = await verify();
    expect(problems.map(({ kind }) => kind)).toEqual(['published_head', 'published_head', 'published_head']);
    expect(problems[0]?.text).toMatch(
      /^seal 1 is [0-9a-f]{64} in the database and was published as [0-9a-f]{64}: the chain was made anew$/,
    );
  });

  it('that is missing although there are seals is itself a finding', async () => {
    const missing = join(folder, 'missing.jsonl');
    expect((await verify(missing)).problems).toEqual([
      { kind: 'published_head', text: `${missing} holds no published head, and the database has 3 seals` },
    ]);
  });
});

const run = (...args: string[]): Promise<Ended> => runTool('ledger-verify', args);

describe('ledger:verify', () => {
  it('ends with 0 and says what it has seen when everything holds', async () => {
    const { code, out } = await run('--url', database.workerUrl, '--head', headFile);
    expect(out).toMatch(
      /^the ledger is whole: \d+ transactions, \d+ postings, \d+ accounts, 30 payments; 3 seals, head [0-9a-f]{64}, published up to 3, \d+ transactions not sealed yet; [\d.]+ s, \d+ postings\/s\n$/,
    );
    expect(code).toBe(0);
  });

  it('ends with 1 and names the gravest thing first when something does not', async () => {
    await tamper(`update ledger_postings set amount = amount + 1 ${OF_SEALED} and line = 1`);
    const { code, out } = await run('--url', database.workerUrl);
    expect(out).toMatch(
      /^transaction_changed: ledger transaction \d+ of mer_0+ .*\n(.*\n)+THE LEDGER IS BROKEN/,
    );
    expect(out).toContain('not held against a published head (--head)');
    expect(code).toBe(1);
  });

  it('ends with 1 and says why when it cannot check', async () => {
    expect(await run('--url', 'postgres://nobody@127.0.0.1:1/none')).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/^ledger:verify could not check: .*ECONNREFUSED/) as string,
    });
    expect(await run('--url', 'x', '--run-file', 'y')).toMatchObject({ code: 1 });
    expect(await run('--nonsense')).toMatchObject({ code: 1 });
  });

  it('explains itself', async () => {
    expect(await run('--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('--head FILE') as string,
    });
  });
});
