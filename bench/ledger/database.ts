import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../platform/package-root.ts';
import { withClient } from '../../temporal-dev/parts/postgres-bootstrap.ts';
import type { RunFile } from '../../temporal-dev/run-file.ts';
import { createDatabase, type TestDatabase } from '../../temporal-dev/testing/database.ts';
import { openBenchStack } from '../support/bench-stack.ts';

export interface BenchServer {
  readonly run: RunFile;
  close(): Promise<void>;
}

/** The PostgreSQL of the stack that QUITTANCE_RUN_FILE names, else one of its own with the same settings. */
export async function openServer(): Promise<BenchServer> {
  const stack = await openBenchStack({}, ['postgres']);
  return { run: await stack.run(), close: () => stack.close() };
}

/**
 * A fresh main database with the bench's merchants, and the schemas `floor` and `fair` beside ours. Every
 * transaction in it has that isolation unless it says otherwise.
 * @param stripes of every kind of account, instead of what the chart says.
 */
export async function openBenchDatabase(
  run: RunFile,
  isolation: string,
  stripes: number | null = null,
): Promise<TestDatabase> {
  const database = await createDatabase(run, { schema: 'main' });
  try {
    await withClient(database.superuserUrl, async (client) => {
      for (const file of ['scene.sql', 'seed.sql', 'floor.sql', 'fair.sql'])
        await client.query(await readFile(join(packageRoot(), 'bench', 'ledger', 'sql', file), 'utf8'));
      if (stripes !== null) await client.query('update ledger_account_kinds set stripes = $1', [stripes]);
      await client.query(
        `alter database ${client.escapeIdentifier(database.name)} set default_transaction_isolation to ${client.escapeLiteral(isolation)}`,
      );
    });
    return database;
  } catch (error) {
    await database.drop();
    throw error;
  }
}

/** What decides how the figures are read: they are printed above them. */
export async function serverFacts(url: string): Promise<string> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ facts: string }>(
      `select 'PostgreSQL ' || current_setting('server_version') || '; ' || string_agg(name || ' ' || current_setting(name), ', ' order by name) as facts
       from unnest(array['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size', 'default_transaction_isolation']) as name`,
    );
    return rows[0]?.facts ?? '';
  });
}

/** Runs `work`; answers what it answers and the bytes of write-ahead log written meanwhile, by whomever. */
export async function countingWal<T>(
  url: string,
  work: () => Promise<T>,
): Promise<{ done: T; bytes: number }> {
  return withClient(url, async (client) => {
    const position = async (): Promise<bigint> => {
      const { rows } = await client.query<{ bytes: string }>(
        "select (pg_current_wal_lsn() - '0/0')::text as bytes",
      );
      return BigInt(rows[0]?.bytes ?? 0);
    };
    const before = await position();
    const done = await work();
    return { done, bytes: Number((await position()) - before) };
  });
}
