import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openMainDatabase, type MainDatabase } from '../../schema/testing/main-database.ts';
import { CopiedRow } from './copied-row.ts';
import { copyOut, type CopiedRows } from './copy-out.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/** The promise: the rows are those that were asked for, and the connection is as it was, whatever happens. */

let database: MainDatabase;
let client: pg.PoolClient;
beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
  client = await database.superuser.connect();
});
afterAll(async () => {
  client.release();
  await database.close();
});

const memory = (): { bytes: Buffer } => ({ bytes: Buffer.alloc(16) });

function texts(rows: CopiedRows | undefined): readonly string[] {
  if (rows === undefined) throw new Error('a query has no answer');
  const row = new CopiedRow(rows, 1);
  const found: string[] = [];
  while (row.next()) found.push(row.textAt(row.at));
  return found;
}

async function expectUsable(): Promise<void> {
  const { rows } = await client.query<{ one: number }>('select 1 as one');
  expect(rows).toEqual([{ one: 1 }]);
}

describe('copying rows', () => {
  it('answers several queries at once, none of them, few and many rows, in their order', async () => {
    const lines = Array.from({ length: 50_000 }, (_, n) => `line ${n + 1}`);
    const answers = await copyOut(
      client,
      [
        "select 'a' where false",
        "select 'line ' || n from generate_series(1, 50000) n",
        "select x from (values ('ä'), ('')) v (x)",
      ],
      memory(),
    );
    expect(answers?.map(texts)).toEqual([[], lines, ['ä', '']]);
    await expectUsable();
  });

  it('rejects with what the server says, also in the middle of the rows', async () => {
    await expect(copyOut(client, ['select nothing'], memory())).rejects.toThrow('"nothing" does not exist');
    await expect(
      copyOut(client, ['select 1 / (40000 - n) from generate_series(1, 50000) n'], memory()),
    ).rejects.toThrow('division by zero');
    await expectUsable();
  });

  it('throws away what is too much for memory, and says so', async () => {
    const kept = memory();
    expect(
      await copyOut(client, ["select repeat('x', 1000000) from generate_series(1, 70)"], kept),
    ).toBeNull();
    expect(kept.bytes.length).toBeLessThan(140_000_000);
    await expectUsable();
  });

  it('rejects when the connection is lost', async () => {
    const lost = await database.superuser.connect();
    lost.on('error', () => {});
    const { rows } = await lost.query<{ pid: number }>('select pg_backend_pid() as pid');
    const copying = copyOut(lost, ['select pg_sleep(600)::text'], memory());
    const ended = client.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await expect(copying).rejects.toThrow();
    await ended;
    lost.release(true);
  });
});
