import { join } from 'node:path';
import pg from 'pg';
import { verifyArchive, writeArchive, type Month } from './file.ts';
import { digestOf, formOf, inOneSnapshot } from './lines.ts';
import type { Manifest } from './manifest.ts';

/** Where a month stands on its way out. */
type Place = 'attached' | 'detaching' | 'detached' | 'gone';

export interface TakeOffOptions {
  readonly client: pg.Client;
  readonly folder: string;
  /** How long the transactions that are using the table may take to end (ms). */
  readonly patienceMs: number;
  /** Called while rows are written to the file. */
  readonly rowsWritten: (month: Month, rows: number) => void;
}

const REWRITES_MAX = 3;
const QUERY_CANCELED = '57014';

/**
 * Takes one month off: file, manifest and row of `archives` first; then it is detached without anybody
 * waiting, its place is filled, what was detached is held against the file once more, and dropped in
 * the transaction that notes it. Each step finds what an earlier run has done: killed anywhere, it goes
 * on when it is called again. Nothing is dropped that is not in a file that was read back.
 * @returns the manifest of the file.
 * @throws Error that says who is using the table, when that does not end within patience.
 */
export async function takeOff(options: TakeOffOptions, month: Month): Promise<Manifest> {
  const { client } = options;
  const place = await placeOf(client, month);
  if (place === 'gone') return goneAlready(options, month);
  let manifest = await keptOrWritten(options, month);
  if (place !== 'detached') await detach(options, month, place);
  await fillPlace(options, month);
  for (let writes = 0; ; writes += 1) {
    if (await dropIfWritten(options, month, manifest)) return manifest;
    // Somebody wrote to it after the file was written and before it was detached.
    if (writes === REWRITES_MAX)
      throw new Error(
        `${month.partition} is detached and changes still: find out who writes to it; it was not dropped`,
      );
    manifest = await written(options, month);
  }
}

/** Months that an earlier run has detached and not dropped. */
export async function unfinished(client: pg.ClientBase): Promise<readonly Month[]> {
  const { rows } = await client.query<Month>(
    `select parent as table, partition, low, high from archives a where dropped_at is null
     and not exists (select from time_partitions p where p.parent = a.parent and p.partition = a.partition and not p.detaching)
     order by low`,
  );
  return rows;
}

async function keptOrWritten(options: TakeOffOptions, month: Month): Promise<Manifest> {
  const { rows } = await options.client.query<{ sha256: string }>(
    `select encode(sha256, 'hex') as sha256 from archives where parent = $1 and partition = $2`,
    [month.table, month.partition],
  );
  const [known] = rows;
  if (known === undefined) return written(options, month);
  const kept = await verifyArchive(join(options.folder, `${month.partition}.jsonl.gz`)).catch(() => null);
  return kept?.sha256 === known.sha256 ? kept : written(options, month);
}

async function written(options: TakeOffOptions, month: Month): Promise<Manifest> {
  const { client, folder, rowsWritten } = options;
  const manifest = await writeArchive(client, month, folder, (rows) => rowsWritten(month, rows));
  await client.query(
    `insert into archives (parent, partition, low, high, rows, sha256, file, written_at)
     values ($1, $2, $3, $4, $5, decode($6, 'hex'), $7, $8)
     on conflict (parent, low) do update set rows = excluded.rows, sha256 = excluded.sha256, file = excluded.file, written_at = excluded.written_at`,
    [
      month.table,
      month.partition,
      month.low,
      month.high,
      manifest.rows,
      manifest.sha256,
      manifest.file,
      manifest.written_at,
    ],
  );
  return manifest;
}

async function placeOf(client: pg.ClientBase, month: Month): Promise<Place> {
  const { rows } = await client.query<{ place: Place }>(
    `select coalesce(
       (select case when detaching then 'detaching' else 'attached' end from time_partitions where parent = $1 and partition = $2),
       case when to_regclass('public.' || $2) is null then 'gone' else 'detached' end) as place`,
    [month.table, month.partition],
  );
  return rows[0]?.place ?? 'gone';
}

/** Writers and readers go on meanwhile; a detach that was cut short is only to be finished. */
async function detach(
  { client, patienceMs }: TakeOffOptions,
  { table, partition }: { readonly table: string; readonly partition: string },
  place: 'attached' | 'detaching',
): Promise<void> {
  // Until it is detached a late step of its payments finds no place and is tried again: do not begin in vain.
  const user = await userOf(client, table, patienceMs);
  if (user !== null)
    throw new Error(`${table} is used by ${user}: nothing was detached; run this again when it has ended`);
  const how = place === 'attached' ? 'concurrently' : 'finalize';
  await client.query(`set statement_timeout = ${patienceMs}`);
  try {
    await client.query(`alter table public.${table} detach partition public.${partition} ${how}`);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== QUERY_CANCELED) throw error;
    const who = (await userOf(client, table, 0)) ?? 'a transaction';
    throw new Error(
      `${partition} is not detached after ${patienceMs} ms: ${who} has not ended; run this again, it goes on from here`,
      { cause: error },
    );
  } finally {
    await client.query('set statement_timeout = 0').catch(() => undefined);
  }
}

/** The oldest transaction that has used the table and is open for so long. */
async function userOf(client: pg.ClientBase, table: string, forMs: number): Promise<string | null> {
  const { rows } = await client.query<{ who: string }>(
    `select 'process ' || a.pid || ' (' || coalesce(nullif(a.application_name, ''), a.backend_type) || ') in a transaction since ' || a.xact_start as who
     from pg_locks l join pg_stat_activity a using (pid)
     where l.relation = to_regclass('public.' || $1) and l.database = (select oid from pg_database where datname = current_database())
       and a.pid <> pg_backend_pid() and a.xact_start <= clock_timestamp() - $2 * interval '1 millisecond'
     order by a.xact_start limit 1`,
    [table, forMs],
  );
  return rows[0]?.who ?? null;
}

/**
 * A late step of an archived payment needs a place for its line. An empty partition for late lines
 * just below is taken away first, so that one covers both: their number does not grow with the months.
 */
async function fillPlace(options: TakeOffOptions, month: Month): Promise<void> {
  const { client } = options;
  const { rows } = await client.query<{ partition: string; detaching: boolean }>(
    'select partition, detaching from time_partitions where parent = $1 and month is null and high = $2',
    [month.table, month.low],
  );
  const [below] = rows;
  if (below !== undefined) {
    const { rowCount } = await client.query(`select from public.${below.partition} limit 1`);
    // One that an earlier run has begun to take away is finished: its lines come back below.
    if (rowCount === 0 || below.detaching)
      await detach(
        options,
        { table: month.table, partition: below.partition },
        below.detaching ? 'detaching' : 'attached',
      );
  }
  await client.query('select keep_partitions(1)');
  await returnLateLines(client, month.table);
}

/**
 * A partition for late lines that was found empty and taken away may have got a line in between: it
 * goes where it belongs now.
 */
async function returnLateLines(client: pg.Client, table: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and not relispartition
     and relname ~ ('^' || $1 || '_before_\\d{4}_\\d\\d$')`,
    [table],
  );
  for (const { name } of rows)
    await inOneSnapshot(client, async () => {
      await client.query(`lock table public.${name} in access exclusive mode`);
      await client.query(`insert into public.${table} select * from public.${name}`);
      await client.query(`drop table public.${name}`);
    });
}

/** Dropped by hand after it was detached: noted, if the file that was noted for it is there and whole. */
async function goneAlready({ client, folder }: TakeOffOptions, month: Month): Promise<Manifest> {
  const { rows } = await client.query<{ sha256: string }>(
    `select encode(sha256, 'hex') as sha256 from archives where parent = $1 and low = $2`,
    [month.table, month.low],
  );
  const manifest = await verifyArchive(join(folder, `${month.partition}.jsonl.gz`));
  if (manifest.sha256 !== rows[0]?.sha256)
    throw new Error(
      `${month.partition} was dropped by hand and ${manifest.file} is not what was noted for it: look for the file with lines of sha256 ${rows[0]?.sha256 ?? '-'}`,
    );
  await noteDropped(client, month);
  return manifest;
}

async function noteDropped(client: pg.ClientBase, { table, low }: Month): Promise<void> {
  await client.query('update archives set dropped_at = clock_timestamp() where parent = $1 and low = $2', [
    table,
    low,
  ]);
}

/** Drops the month if it is what the file says. True = it is gone, and noted as gone. */
async function dropIfWritten(
  { client, patienceMs }: TakeOffOptions,
  month: Month,
  manifest: Manifest,
): Promise<boolean> {
  return inOneSnapshot(client, async () => {
    await client.query(`set local lock_timeout = ${patienceMs}`);
    await client.query(`lock table public.${month.partition} in access exclusive mode`);
    const { rows, sha256 } = await digestOf(client, month.partition, await formOf(client, month.partition));
    if (rows !== manifest.rows || sha256 !== manifest.sha256) return false;
    await noteDropped(client, month);
    await client.query(`drop table public.${month.partition}`);
    return true;
  });
}
