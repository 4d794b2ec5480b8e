import { setTimeout as delay } from 'node:timers/promises';
import { MAIN_DATABASE, VAULT_DATABASE, withClient } from '../../temporal-dev/parts/postgres-bootstrap.ts';

/** Transactions of a time, by database. */
export interface Commits {
  /** Those that wrote, from the write-ahead log; null where pg_walinspect is not installed. */
  readonly writing: Readonly<Record<string, number>> | null;
  /** All that were committed, reading ones too (pg_stat_database); null when it was not waited for. */
  readonly all: Readonly<Record<string, number>> | null;
}

/** PostgreSQL's backends tell of their transactions at the latest this long after they went idle. */
const STATISTICS_AFTER_MS = 11_000;

/**
 * Runs `work`; answers what it answers and the transactions that were committed meanwhile, by whomever.
 * @param settle also the reading ones: waits twice eleven seconds for PostgreSQL to tell of them.
 */
export async function countingCommits<T>(
  superuserUrl: string,
  settle: boolean,
  work: () => Promise<T>,
): Promise<{ done: T; commits: Commits }> {
  return withClient(superuserUrl, async (client) => {
    const hasWal =
      (await client.query("select from pg_available_extensions where name = 'pg_walinspect'")).rowCount === 1;
    if (hasWal) await client.query('create extension if not exists pg_walinspect');
    const position = async (): Promise<string> => {
      const { rows } = await client.query<{ lsn: string }>('select pg_current_wal_flush_lsn()::text as lsn');
      return rows[0]?.lsn ?? '0/0';
    };
    const committed = async (): Promise<Record<string, number>> => {
      if (settle) await delay(STATISTICS_AFTER_MS);
      const { rows } = await client.query<{ name: string; count: string }>(
        'select datname as name, xact_commit::text as count from pg_stat_database where datname = any($1)',
        [[MAIN_DATABASE, VAULT_DATABASE]],
      );
      return Object.fromEntries(rows.map(({ name, count }) => [name, Number(count)]));
    };

    const before = settle ? await committed() : null;
    const from = await position();
    const done = await work();
    const until = await position();
    const writing = hasWal ? await writingCommits(client, from, until) : null;
    const after = before === null ? null : await committed();
    const all =
      before === null || after === null
        ? null
        : Object.fromEntries(
            Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]),
          );
    return { done, commits: { writing, all } };
  });
}

/** Every transaction's changes name the database they are in, and its end is a record of its own. */
async function writingCommits(
  client: Parameters<Parameters<typeof withClient>[1]>[0],
  from: string,
  until: string,
): Promise<Record<string, number>> {
  const { rows } = await client.query<{ name: string; count: string }>(
    `with records as materialized (
       select xid, resource_manager, record_type, block_ref from pg_get_wal_records_info($1::pg_lsn, $2::pg_lsn)),
     ended as (select distinct xid from records where resource_manager = 'Transaction' and record_type like 'COMMIT%'),
     changed as (
       select distinct xid, substring(block_ref from 'rel \\d+/([1-9]\\d*)/')::oid as database from records
       where block_ref ~ 'rel \\d+/[1-9]')
     select d.datname as name, count(distinct ended.xid::text)::text as count
     from ended join changed on changed.xid = ended.xid join pg_database d on d.oid = changed.database
     group by d.datname`,
    [from, until],
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, Number(count)]));
}
