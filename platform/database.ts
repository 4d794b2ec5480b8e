import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Config } from './config.ts';
import type { Logger } from './logger.ts';

// bigint columns arrive as bigint: money never passes through a double.
const INT8_OID = 20;
const types = new pg.TypeOverrides();
types.setTypeParser(INT8_OID, BigInt);

export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
  /** Shown in pg_stat_activity. */
  readonly role: string;
}

/** The options as the settings of a process say them. */
export function databaseOptionsOf(
  config: Config<'databaseUrl' | 'databasePoolSize' | 'databaseStatementTimeoutMs'>,
  role: string,
): DatabaseOptions {
  const {
    databaseUrl: url,
    databasePoolSize: poolSize,
    databaseStatementTimeoutMs: statementTimeoutMs,
  } = config;
  return { url, poolSize, statementTimeoutMs, role };
}

/** The pool of one process. Errors of idle connections are logged, not thrown: the next query takes a new one. */
export function createPool(options: DatabaseOptions, logger: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    application_name: `quittance-${options.role}`,
    statement_timeout: options.statementTimeoutMs,
    // A transaction whose process stopped between statements must not hold its locks.
    idle_in_transaction_session_timeout: options.statementTimeoutMs,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    types,
  });
  pool.on('error', (error) => {
    logger.warn('database_connection_lost', { error: error.message });
  });
  return pool;
}

/** serialization_failure and deadlock_detected (PostgreSQL, appendix A): the whole transaction may run again. */
const RETRYABLE_SQLSTATES = new Set(['40001', '40P01']);

/** Whether PostgreSQL says that the transaction had no effect and may be tried again as a whole. */
export function isSerializationFailure(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code !== undefined && RETRYABLE_SQLSTATES.has(error.code);
}

/** Whether PostgreSQL refuses what was sent, now and every time: SQLSTATE classes 22 (data) and 23 (constraint). */
export function isRefusedData(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '');
}

const RETRY_LIMIT = 8;

/**
 * Runs a whole transaction again on 40001 and 40P01, at most 8 times with jittered, growing pauses
 * (5 ms to 640 ms). Any other error, and the last one, is thrown as it is.
 */
export async function retryTransaction<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt >= RETRY_LIMIT || !isSerializationFailure(error)) throw error;
      await delay(5 * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}
