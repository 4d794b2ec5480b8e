import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, Migrator, PostgresDialect, sql } from 'kysely';
import type { Migration } from 'kysely';
import pg from 'pg';

const FILE_NAME = /^\d{4}_[a-z0-9_]+\.sql$/;

/** A migration that did not apply; nothing of its run was kept. */
class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

export interface SchemaFolders {
  /** Files `NNNN_name.sql`, each applied once and never changed after. */
  readonly migrations: string;
  /**
   * Files `name.sql`, each the present text of one function and its triggers and grants. What is in
   * place is noted in the table `schema_functions` (checksum), which a migration makes.
   */
  readonly functions?: string;
}

/**
 * Brings a database to the newest schema: applies the migrations that it does not have yet, in order,
 * all in one transaction; then puts all functions in place anew when the text of one has changed.
 * Safe to call from several processes at once (PostgreSQL advisory locks) and again when nothing is new.
 * @param url of the role that owns the database.
 * @throws MigrationError that names the file and line of the statement that failed.
 */
export async function migrate(url: string, { migrations, functions }: SchemaFolders): Promise<void> {
  // One connection works; the migrator's lock and its transaction are on it.
  const pool = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 5_000 });
  const database = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const migrator = new Migrator({
      db: database,
      provider: { getMigrations: () => readMigrations(migrations) },
    });
    const { error } = await migrator.migrateToLatest();
    if (error instanceof Error) throw error;
    if (error !== undefined)
      throw new MigrationError(`migrations of ${migrations} failed: ${JSON.stringify(error)}`);
    if (functions !== undefined) await replaceFunctions(database, functions);
  } finally {
    await database.destroy();
  }
}

async function readMigrations(folder: string): Promise<Record<string, Migration>> {
  const migrations: Record<string, Migration> = {};
  for (const { file, text } of await readSqlFiles(folder)) {
    if (!FILE_NAME.test(file))
      throw new MigrationError(`${join(folder, file)}: a migration is named NNNN_name.sql`);
    migrations[file.slice(0, -'.sql'.length)] = { up: (database) => applyFile(database, file, text) };
  }
  return migrations;
}

/** Only one of several processes does it; the others find it done. */
const FUNCTIONS_LOCK = 7_210_446_301_552_011n;

async function replaceFunctions(database: Kysely<unknown>, folder: string): Promise<void> {
  const files = await readSqlFiles(folder);
  const checksum = createHash('sha256').update(JSON.stringify(files)).digest('hex');
  await database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${FUNCTIONS_LOCK})`.execute(transaction);
    const { rows } = await sql<{ checksum: string }>`select checksum from schema_functions`.execute(
      transaction,
    );
    if (rows[0]?.checksum === checksum) return;
    for (const { file, text } of files) await applyFile(transaction, file, text);
    await sql`delete from schema_functions`.execute(transaction);
    await sql`insert into schema_functions values (${checksum})`.execute(transaction);
  });
}

async function readSqlFiles(folder: string): Promise<{ file: string; text: string }[]> {
  const names = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(names.map(async (file) => ({ file, text: await readFile(join(folder, file), 'utf8') })));
}

/** Without parameters PostgreSQL takes a whole file of statements in one message. */
async function applyFile(database: Kysely<unknown>, file: string, text: string): Promise<void> {
  try {
    await sql.raw(text).execute(database);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`${file}${lineOf(text, error)}: ${message}`, { cause: error });
  }
}

function lineOf(text: string, error: unknown): string {
  if (!(error instanceof pg.DatabaseError) || error.position === undefined) return '';
  return ` line ${text.slice(0, Number(error.position)).split('\n').length}`;
}
