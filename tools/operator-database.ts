import { join } from 'node:path';
import pg from 'pg';
import { packageRoot } from '../platform/package-root.ts';
import { readRunFile, type RunFile } from '../temporal-dev/run-file.ts';

export interface DatabaseChoice {
  /** Instead of that of a run file. */
  readonly url: string | null;
  /** run.json of a running stack; null = that of this checkout. */
  readonly runFile: string | null;
  /** As whom. */
  readonly role: keyof RunFile['postgres']['urls'];
  /** Shown in pg_stat_activity. */
  readonly name: string;
}

/** A client of the main database, not connected yet. */
export async function operatorDatabase({ url, runFile, role, name }: DatabaseChoice): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url ?? (await urlOf(runFile, role)),
    application_name: name,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 15_000,
    query_timeout: 20_000,
  });
  // A connection that is lost while nobody asks is told by the next question.
  client.on('error', () => undefined);
  return client;
}

async function urlOf(runFile: string | null, role: DatabaseChoice['role']): Promise<string> {
  const run = await readRunFile(runFile ?? join(packageRoot(), '.quittance', 'run.json'));
  return run.postgres.urls[role];
}

/** Connects, works, and lets go of it however that ends. */
export async function withClient<T>(client: pg.Client, work: (client: pg.Client) => Promise<T>): Promise<T> {
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** SQLSTATE classes: what was asked is not there, not allowed, or contradicts the data. */
export function isRefusal(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^(22|23|42|P0)/.test(error.code ?? '');
}
