import pg from 'pg';
import type { RunFile } from '../../temporal-dev/run-file.ts';

/** What a statement answered. */
export interface Answered {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly changed: number;
}

/** Roles that may change something: what is typed as any other is run read only. */
const CHANGES: readonly string[] = ['quittance_owner'];

/** A connection of a superuser to the database that the role works in. */
async function connect(run: RunFile, role: string): Promise<pg.Client> {
  const { superuserUrl, urls } = run.postgres;
  const url = new URL(superuserUrl);
  url.pathname = new URL(role.startsWith('vault_') ? urls.vaultOwner : urls.owner).pathname;
  const client = new pg.Client({ connectionString: url.toString(), application_name: 'runbooks' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/**
 * Runs a statement of a runbook with the rights of its role, and nothing but them, in a situation that is
 * planted for it; everything is rolled back.
 * @param plant SQL, as a superuser.
 */
export async function runStatement(
  run: RunFile,
  role: string,
  statement: string,
  plant: string | null,
): Promise<Answered> {
  const client = await connect(run, role);
  try {
    await client.query('begin');
    await client.query(`set local statement_timeout = '15s'`);
    if (plant !== null) {
      await client.query('set local session_replication_role = replica');
      await client.query(plant);
      await client.query('set local session_replication_role = default');
    }
    await client.query(`set local role ${role}`);
    if (!CHANGES.includes(role)) await client.query('set transaction read only');
    const { fields, rows, rowCount } = await client.query<Record<string, unknown>>(statement);
    return { columns: fields.map(({ name }) => name), rows, changed: rowCount ?? 0 };
  } finally {
    await client.query('rollback').catch(() => undefined);
    await client.end();
  }
}

/** Another session that is doing this, until it is told to end. */
export async function doingBeside(run: RunFile, sql: string): Promise<() => Promise<void>> {
  const client = new pg.Client({
    connectionString: run.postgres.urls.worker,
    application_name: 'runbooks-beside',
  });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const done = client.query(sql).catch(() => undefined);
  return async () => {
    const superuser = await connect(run, 'quittance_owner');
    await superuser.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await superuser.end();
    await done;
    await client.end().catch(() => undefined);
  };
}
