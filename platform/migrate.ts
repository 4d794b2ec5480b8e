import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, Migrator, PostgresDialect, sql } from 'kysely';
import type { Migration } from 'kysely';
import pg from 'pg';

const FILE_NAME = /^\d{4}_[a-z0-9_]+\.sql$/;

/** A migration that did not apply; nothing of this run was kept. */
class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Brings a database to the newest schema: applies the files `NNNN_name.sql` of `folder` that it
 * does not have yet, in order, all in one transaction. Safe to call from several processes at once
 * (PostgreSQL advisory lock) and again when nothing is new.
 * @param url of the role that owns the database.
 * @throws MigrationError that names the file and line of the statement that failed.
 */
export async function migrate(url: string, folder: string): Promise<void> {
  // One connection: the migrator's lock and its transaction are on it.
  const pool = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 5_000 });
  const database = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const migrator = new Migrator({
      db: database,
      provider: { getMigrations: () => readMigrations(folder) },
    });
    const { error } = await migrator.migrateToLatest();
    if (error instanceof Error) throw error;
    if (error !== undefined)
      throw new MigrationError(`migrations of ${folder} failed: ${JSON.stringify(error)}`);
  } finally {
    await database.destroy();
  }
}

async function readMigrations(folder: string): Promise<Record<string, Migration>> {
  const migrations: Record<string, Migration> = {};
  for (const file of (await readdir(folder)).sort()) {
    if (!file.endsWith('.sql')) continue;
    if (!FILE_NAME.test(file))
      throw new MigrationError(`${join(folder, file)}: a migration is named NNNN_name.sql`);
    const text = await readFile(join(folder, file), 'utf8');
    migrations[file.slice(0, -'.sql'.length)] = {
      // Without parameters PostgreSQL takes a whole file of statements in one message.
      up: async (database) => {
        try {
          await sql.raw(text).execute(database);
        } catch (error) {
          throw new MigrationError(
            `${file}${lineOf(text, error)}: ${error instanceof Error ? error.message : String(error)}`,
            {
              cause: error,
            },
          );
        }
      },
    };
  }
  return migrations;
}

function lineOf(text: string, error: unknown): string {
  if (!(error instanceof pg.DatabaseError) || error.position === undefined) return '';
  return ` line ${text.slice(0, Number(error.position)).split('\n').length}`;
}
