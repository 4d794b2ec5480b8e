import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPool } from '../../platform/database.ts';
import { newId } from '../../platform/new-id.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { createDatabase, type TestDatabase } from '../../temporal-dev/testing/database.ts';
import { untilSealable } from '../../temporal-dev/testing/until-sealable.ts';
import { createHeadFile } from '../../platform/seals/head-file.ts';
import type { HeadPublisher, SealHead } from '../../platform/seals/sealer.ts';
import { createSealer } from './sealer.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/** The promise: every committed transaction goes into exactly one seal, and nobody who posts waits for that. */

let database: TestDatabase;
let owner: pg.Pool;
let worker: pg.Pool;
let folder: string;
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
const running = new AbortController().signal;

beforeAll(async () => {
  database = await createDatabase(await readRunFile(stackRunFile()), { schema: 'main' });
  const connect = (url: string): pg.Pool =>
    createPool({ url, poolSize: 16, statementTimeoutMs: 10_000, role: 'sealer-test' }, silent);
  owner = connect(database.ownerUrl);
  worker = connect(database.workerUrl);
  folder = await mkdtemp(join(tmpdir(), 'sealer-'));
});
afterAll(async () => {
  await Promise.all([owner.end(), worker.end()]);
  await database.drop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await sealAll();
});

/** Keeps what is published in memory. */
function remembering(): HeadPublisher & { readonly heads: SealHead[] } {
  const heads: SealHead[] = [];
  return {
    heads,
    newest: () => Promise.resolve(heads.at(-1) ?? null),
    publish: async (head) => {
      heads.push(head);
    },
  };
}

const sealer = (batch: number, publisher: HeadPublisher = remembering()) =>
  createSealer({ pool: worker, publisher, logger: silent, batch });
async function sealAll() {
  await untilSealable(owner);
  return sealer(1_000)(running);
}

let posted = 0;
/** Posts one transaction of two legs; answers its id. */
async function post(by: Pick<pg.Pool, 'query'>, merchant = newId('mer')): Promise<bigint> {
  posted += 1;
  const header = {
    merchant_id: merchant,
    mode: 'test',
    payment_id: `pay_${posted}`,
    event: 'authorized',
    business_key: `key_${posted}`,
    at: '2026-03-01T12:00:00Z',
    workflow_id: `pay_${posted}`,
    workflow_run_id: 'run-1',
  };
  const leg = { currency: 'EUR' };
  const legs = [
    { ...leg, code: 'auth_hold:acquirer', normal_side: 'debit', amount: posted },
    { ...leg, code: 'auth_hold:merchant', normal_side: 'credit', amount: -posted },
  ];
  const { rows } = await by.query<{ id: bigint }>('select post_transaction($1, $2) as id', [
    header,
    JSON.stringify(legs),
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error('post_transaction answered nothing');
  return row.id;
}

async function unsealed(): Promise<readonly bigint[]> {
  const { rows } = await owner.query<{ id: bigint }>(
    `select id from ledger_transactions t
     where not exists (select from ledger_sealed s where s.merchant_id = t.merchant_id and s.transaction_id = t.id) order by id`,
  );
  return rows.map(({ id }) => id);
}

async function lastSeal(): Promise<{ number: bigint; transactions: number; seal: string } | null> {
  const { rows } = await owner.query<{ number: bigint; transactions: number; seal: string }>(
    "select number, transactions, encode(seal, 'hex') as seal from ledger_seals order by number desc limit 1",
  );
  return rows[0] ?? null;
}

describe('the sealer', () => {
  it('puts what was committed into a seal over the one before, and makes none when nothing is new', async () => {
    const before = await lastSeal();
    await post(owner);
    await post(owner);
    await expect(sealAll()).resolves.toEqual({ seals: 1, transactions: 2 });
    await expect(sealAll()).resolves.toEqual({ seals: 0, transactions: 0 });
    const { rows } = await owner.query<{ previous: string | null }>(
      "select encode(previous, 'hex') as previous from ledger_seals order by number desc limit 1",
    );
    expect(rows[0]?.previous ?? null).toBe(before?.seal ?? null);
  });

  it('goes on until nothing is left, in seals of the size that was asked for', async () => {
    for (let count = 0; count < 7; count += 1) await post(owner);
    await untilSealable(owner);
    await expect(sealer(3)(running)).resolves.toEqual({ seals: 3, transactions: 7 });
    expect(await unsealed()).toEqual([]);
  });

  it('cuts one transaction of PostgreSQL with many of the ledger without losing any', async () => {
    const client = await owner.connect();
    await client.query('begin');
    for (let count = 0; count < 8; count += 1) await post(client);
    await client.query('commit');
    client.release();
    await untilSealable(owner);
    await expect(sealer(3)(running)).resolves.toEqual({ seals: 3, transactions: 8 });
    expect(await unsealed()).toEqual([]);
  });

  it('leaves what an open transaction has not committed, and what came after it, to a later seal', async () => {
    const slow = await owner.connect();
    await slow.query('begin');
    const early = await post(slow);
    const later = await post(owner);
    expect(later).toBeGreaterThan(early);
    await sealer(1_000)(running);
    expect(await unsealed()).toEqual([later]);
    await slow.query('commit');
    slow.release();
    await expect(sealAll()).resolves.toEqual({ seals: 1, transactions: 2 });
    expect(await unsealed()).toEqual([]);
  });

  it('does not hold up who posts, also while a seal is being made and is not committed', async () => {
    const merchant = newId('mer');
    await post(owner, merchant);
    await untilSealable(owner);
    const sealing = await worker.connect();
    await sealing.query('begin');
    const { rowCount } = await sealing.query('select from seal_ledger(10)');
    expect(rowCount).toBe(1);
    const writer = await owner.connect();
    await writer.query("set lock_timeout = '1ms'");
    await post(writer, merchant);
    await writer.query('select count(*) from ledger_seals');
    writer.release(true);
    await sealing.query('rollback');
    sealing.release();
    await expect(sealAll()).resolves.toMatchObject({ transactions: 2 });
  });

  it('skips nothing and seals nothing twice while many write, some slowly, some in vain, and two seal', async () => {
    const writing = new AbortController();
    const merchants = Array.from({ length: 5 }, () => newId('mer'));
    let committed = 0;
    async function write(lane: number): Promise<void> {
      for (let turn = 0; turn < 25; turn += 1) {
        const client = await owner.connect();
        await client.query('begin');
        // One merchant a lane: lanes do not wait for each other's balances, so commits overtake.
        for (let count = 0; count <= turn % 3; count += 1) await post(client, merchants[lane]);
        if (turn % 4 === lane % 4) await delay(5 * (1 + lane));
        const inVain = turn % 5 === 0;
        await client.query(inVain ? 'rollback' : 'commit');
        client.release();
        if (!inVain) committed += 1 + (turn % 3);
      }
    }
    const before = await owner.query('select from ledger_sealed');
    const seal = async (batch: number): Promise<void> => {
      const turn = sealer(batch);
      while (!writing.signal.aborted) await turn(running);
    };
    const seals = [seal(4), seal(7)];
    await Promise.all(merchants.map((_, lane) => write(lane)));
    writing.abort();
    await Promise.all(seals);
    await sealAll();

    expect(await unsealed()).toEqual([]);
    const after = await owner.query('select from ledger_sealed');
    expect((after.rowCount ?? 0) - (before.rowCount ?? 0)).toBe(committed);
    const { rows } = await owner.query<{ broken: bigint }>(
      `select count(*) as broken from ledger_seals s
       where number <> (select count(*) from ledger_seals o where o.number <= s.number)
          or transactions <> (select count(*) from ledger_sealed m where m.seal_number = s.number)
          or previous is distinct from (select seal from ledger_seals o where o.number = s.number - 1)`,
    );
    expect(rows[0]?.broken).toBe(0n);
  });

  it('refuses to go on in a server whose transaction numbers begin anew', async () => {
    await post(owner);
    const client = await owner.connect();
    await client.query('begin; alter table ledger_seals disable trigger append_only');
    await client.query(
      `update ledger_seals set last_xact = '9000000000000000000' where number = (select max(number) from ledger_seals)`,
    );
    await expect(client.query('select seal_ledger(10)')).rejects.toMatchObject({
      code: '55000',
      message: expect.stringMatching(
        /^seal \d+ is of transaction 9000000000000000000 of PostgreSQL/,
      ) as string,
      hint: expect.stringContaining('pg_resetwal --epoch') as string,
    });
    await client.query('rollback');
    client.release();
  });
});

describe('seals', () => {
  it.each(['ledger_seals', 'ledger_sealed'])('in %s are never changed or removed', async (table) => {
    await post(owner);
    await sealAll();
    for (const sql of [
      `update ${table} set leaf = leaf`,
      `delete from ${table}`,
      `truncate ${table} cascade`,
    ]) {
      const statement = table === 'ledger_seals' ? sql.replaceAll('leaf', 'root') : sql;
      await expect(worker.query(statement)).rejects.toMatchObject({ code: '42501' });
      await expect(owner.query(statement)).rejects.toMatchObject({
        code: '42501',
        message: expect.stringContaining('append-only') as string,
      });
    }
  });

  it('are written by seal_ledger alone', async () => {
    for (const sql of [
      'insert into ledger_seals select * from ledger_seals',
      'insert into ledger_sealed select * from ledger_sealed',
    ])
      await expect(worker.query(sql)).rejects.toMatchObject({ code: '42501' });
    const api = createPool(
      { url: database.apiUrl, poolSize: 1, statementTimeoutMs: 10_000, role: 'sealer-test' },
      silent,
    );
    await expect(api.query('select seal_ledger(10)')).rejects.toMatchObject({ code: '42501' });
    await api.end();
  });

  it('form one chain: a second successor of a seal is refused', async () => {
    for (let count = 0; count < 2; count += 1) {
      await post(owner);
      await sealAll();
    }
    await expect(
      owner.query(
        `insert into ledger_seals select number + 1, previous, transactions, postings, last_xact, last_merchant_id, last_transaction_id,
           root, sha256(seal), sealed_at from ledger_seals order by number desc limit 1`,
      ),
    ).rejects.toMatchObject({ code: '23505', constraint: 'ledger_seals_do_not_fork' });
  });
});

describe('the head of the chain', () => {
  it('is published after each turn that sealed, and not again', async () => {
    const publisher = remembering();
    const turn = sealer(2, publisher);
    for (let count = 0; count < 5; count += 1) await post(owner);
    await untilSealable(owner);
    await turn(running);
    await turn(running);
    const last = await lastSeal();
    expect(publisher.heads).toMatchObject([{ number: Number(last?.number), seal: last?.seal }]);
  });

  it('that was not published because the process died is published by the next one', async () => {
    await post(owner);
    await untilSealable(owner);
    const broken: HeadPublisher = {
      newest: () => Promise.resolve(null),
      publish: () => Promise.reject(new Error('the medium is away')),
    };
    await expect(sealer(10, broken)(running)).rejects.toThrow('the medium is away');
    const path = join(folder, 'ledger-head.jsonl');
    await expect(sealer(10, createHeadFile(path))(running)).resolves.toEqual({ seals: 0, transactions: 0 });
    const last = await lastSeal();
    expect(await createHeadFile(path).newest()).toMatchObject({
      number: Number(last?.number),
      seal: last?.seal,
      sealed_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string,
    });
  });

  it.each([
    ['another seal under its number', 0],
    ['a seal that is not there any more', 100],
  ])('is not published over one that does not fit: %s', async (_, ahead) => {
    await post(owner);
    await sealAll();
    const number = Number((await lastSeal())?.number) + ahead;
    const publisher = remembering();
    publisher.heads.push({ number, seal: 'ab'.repeat(32), sealed_at: '2026-03-01T12:00:00Z' });
    await post(owner);
    await expect(sealer(10, publisher)(running)).rejects.toThrow(
      `seal ${number} was published as ${'ab'.repeat(32)} and is not in the database`,
    );
    expect(publisher.heads).toHaveLength(1);
  });
});
