import pg from 'pg';

/** One archiver at a time, and as long as its connection lives. */
const ARCHIVER_LOCK = '7210446301552012';

/**
 * The one connection that an archiver works on, of the role that owns the tables. Its time zone is
 * UTC: times in files mean the same everywhere.
 */
export async function withArchiver<T>(ownerUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: ownerUrl,
    application_name: 'quittance-archive',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    options: '-c timezone=UTC -c search_path=public',
  });
  // A lost connection rejects the query that is under way; unheard, the event would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ mine: boolean }>(
      `select pg_try_advisory_lock(${ARCHIVER_LOCK}) as mine`,
    );
    if (rows[0]?.mine !== true) throw new Error(await otherArchiver(client));
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function otherArchiver(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ who: string }>(
    `select 'process ' || a.pid || ' of PostgreSQL, since ' || a.backend_start as who
     from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and (l.classid::bigint << 32 | l.objid::bigint) = ${ARCHIVER_LOCK} and l.granted
       and l.database = (select oid from pg_database where datname = current_database())`,
  );
  return `another archiver is at work (${rows[0]?.who ?? 'it has just ended'}): nothing was done`;
}
