import type pg from 'pg';
import { createPool } from '../../platform/database.ts';

/** One piece of work on one connection of the snapshot. */
export type Task = (client: pg.ClientBase) => Promise<void>;

/** The database at one moment, seen by several connections at once. */
export interface Snapshot {
  /** Does all tasks, each on whichever connection is free; rejects with the first error. */
  run(tasks: readonly Task[]): Promise<void>;
  /** Runs one statement's rows on a connection. */
  readonly first: pg.ClientBase;
  /** For joinSnapshot, until it is closed. */
  readonly name: string;
  close(): Promise<void>;
}

/**
 * Everything is read from one snapshot: what is committed meanwhile is not half seen. Read only; the
 * names of tables are written out, so that a table in another schema cannot stand in for one.
 * @param lanes how many connections work at once.
 */
export async function openSnapshot(url: string, lanes: number): Promise<Snapshot> {
  const pool = poolOf(url, lanes);
  const clients: pg.PoolClient[] = [];
  const close = async (): Promise<void> => {
    for (const client of clients) client.release(true);
    await pool.end();
  };
  try {
    for (let lane = 0; lane < lanes; lane += 1) clients.push(await pool.connect());
    const [first, ...others] = clients;
    if (first === undefined) throw new RangeError('a snapshot has at least one connection');
    await begin(first);
    const { rows } = await first.query<{ snapshot: string }>('select pg_export_snapshot() as snapshot');
    const name = rows[0]?.snapshot ?? '';
    for (const other of others) await join(other, name);
    return { run: (tasks) => runOn(clients, tasks), first, name, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One more connection of a snapshot that is open, from whichever thread. */
export async function joinSnapshot(
  url: string,
  name: string,
): Promise<{ readonly client: pg.ClientBase; readonly close: () => Promise<void> }> {
  const pool = poolOf(url, 1);
  const client = await pool.connect();
  await join(client, name);
  return {
    client,
    close: async () => {
      client.release(true);
      await pool.end();
    },
  };
}

function poolOf(url: string, poolSize: number): pg.Pool {
  const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
  return createPool({ url, poolSize, statementTimeoutMs: 0, role: 'ledger-verify' }, silent);
}

async function join(client: pg.ClientBase, name: string): Promise<void> {
  await begin(client);
  await client.query(`set transaction snapshot ${client.escapeLiteral(name)}`);
}

async function begin(client: pg.ClientBase): Promise<void> {
  await client.query('begin isolation level repeatable read read only');
  // One connection is one lane: PostgreSQL's own parallel workers would only take them from each other.
  await client.query(
    "set local search_path = pg_catalog; set local jit = off; set local work_mem = '64MB'; set local max_parallel_workers_per_gather = 0",
  );
}

async function runOn(clients: readonly pg.ClientBase[], tasks: readonly Task[]): Promise<void> {
  const waiting = [...tasks];
  await Promise.all(
    clients.map(async (client) => {
      try {
        for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await task(client);
      } catch (error) {
        waiting.length = 0;
        throw error;
      }
    }),
  );
}

/** The partitions of tables that are cut alike, side by side: what is in one of each belongs together. */
export async function partitionsOf<Table extends string>(
  client: pg.ClientBase,
  tables: readonly Table[],
): Promise<readonly Readonly<Record<Table, string>>[]> {
  const { rows } = await client.query<{ bound: string; table: Table; partition: string }>(
    `select pg_get_expr(c.relpartbound, c.oid) as bound, parent.relname as table,
            quote_ident('public') || '.' || quote_ident(c.relname) as partition
     from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class parent on parent.oid = i.inhparent
     where parent.relnamespace = 'public'::regnamespace and parent.relname = any ($1) order by c.relname`,
    [tables],
  );
  const byBound = new Map<string, Partial<Record<Table, string>>>();
  for (const { bound, table, partition } of rows)
    byBound.set(bound, { ...byBound.get(bound), [table]: partition });
  return [...byBound].map(([bound, partitions]) => {
    const missing = tables.filter((table) => partitions[table] === undefined);
    if (missing.length > 0)
      throw new Error(`partition ${bound} of ${missing.join(', ')} is missing: is this database migrated?`);
    return partitions as Readonly<Record<Table, string>>;
  });
}
