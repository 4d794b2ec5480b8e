import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import { MAIN_DATABASE, VAULT_DATABASE, withClient } from '../../temporal-dev/parts/postgres-bootstrap.ts';
import type { RunFile } from '../../temporal-dev/run-file.ts';

/** Bytes in each store of a running stack now. */
export async function readStores(run: RunFile): Promise<Record<string, number>> {
  const [databases, redis, temporal, logs, journals] = await Promise.all([
    databaseSizes(run),
    redisMemory(run.redis),
    folderSize(join(run.dir, 'temporal')),
    folderSize(run.logs),
    Promise.all(run.acquirers.map(({ journal }) => folderSize(dirname(journal)))),
  ]);
  return {
    ...databases,
    ...(temporal === 0 ? {} : { 'Temporal (SQLite file)': temporal }),
    'Redis (memory)': redis,
    logs,
    "simulators' journals": journals.reduce((sum, bytes) => sum + bytes, 0),
  };
}

/** What the stores hold more, by payment. */
export function grownPerPayment(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  payments: number,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([store, bytes]) => [store, (bytes - (before[store] ?? 0)) / payments]),
  );
}

const NAMES: Readonly<Record<string, string>> = {
  [MAIN_DATABASE]: 'main database',
  [VAULT_DATABASE]: 'vault database',
  temporal: 'Temporal (PostgreSQL)',
  temporal_visibility: 'Temporal visibility (PostgreSQL)',
};

async function databaseSizes(run: RunFile): Promise<Record<string, number>> {
  return withClient(run.postgres.superuserUrl, async (client) => {
    const { rows } = await client.query<{ name: string; bytes: string }>(
      'select datname as name, pg_database_size(oid)::text as bytes from pg_database where datname = any($1)',
      [Object.keys(NAMES)],
    );
    return Object.fromEntries(
      rows
        .map(({ name, bytes }): [string, number] => [NAMES[name] ?? name, Number(bytes)])
        .sort(([left], [right]) => left.localeCompare(right)),
    );
  });
}

async function redisMemory(url: string): Promise<number> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1] ?? NaN);
  } finally {
    redis.disconnect();
  }
}

/** Bytes of all files in a folder; 0 when there is none. */
async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    // A file may be gone meanwhile.
    return entry.isDirectory()
      ? folderSize(path)
      : stat(path).then(
          ({ size }) => size,
          () => 0,
        );
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
