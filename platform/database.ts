import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Config } from './config.ts';
import type { Logger } from './logger.ts';
import { traceQueries } from './tracing/queries.ts';

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
  /** Whether statements are spans of the traces that they are sent in (platform/tracing). */
  readonly tracing?: boolean;
}

/** The options as the settings of a process say them. */
export function databaseOptionsOf(
  config: Config<'databaseUrl' | 'databasePoolSize' | 'databaseStatementTimeoutMs'> &
    Partial<Config<'otlpEndpoint'>>,
  role: string,
): DatabaseOptions {
  const {
    databaseUrl: url,
    databasePoolSize: poolSize,
    databaseStatementTimeoutMs: statementTimeoutMs,
  } = config;
  return { url, poolSize, statementTimeoutMs, role, tracing: (config.otlpEndpoint ?? null) !== null };
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
  if (options.tracing === true) traceQueries(pool);
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

/** Classes of SQLSTATE that end a connection: 08 (connection), 57P01 to 57P03 (the server is stopped, or ended this session). */
const LOST_SQLSTATES = /^(?:08...|57P0[123])$/;
const LOST_SOCKET_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** What node-postgres throws without a code of its own. */
const LOST_TEXTS =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout)/;

/**
 * Whether the connection broke, or none was had. The transaction may have been committed and only its
 * answer lost: only what finds itself written when it runs again may run again.
 */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof pg.DatabaseError) return LOST_SQLSTATES.test(error.code ?? '');
  if (error instanceof AggregateError) return error.errors.every(isConnectionLost);
  if (LOST_TEXTS.test(error.message)) return true;
  return 'code' in error && typeof error.code === 'string' && LOST_SOCKET_CODES.has(error.code);
}

const RETRY_LIMIT = 8;

export interface RetryOptions {
  /** Which errors leave the transaction free to run again. */
  readonly mayRepeat: (error: unknown) => boolean;
  /** Told before each further run, which counts from 2. */
  readonly onRepeat: (error: unknown, run: number) => void;
}

const SERIALIZATION_ONLY: RetryOptions = { mayRepeat: isSerializationFailure, onRepeat: () => undefined };

/**
 * Runs a whole transaction again on 40001 and 40P01 (or what `mayRepeat` says), at most 8 times with
 * jittered, growing pauses (5 ms to 320 ms, 0.6 s in all). Any other error, and the last one, is thrown as it is.
 */
export async function retryTransaction<T>(
  transaction: () => Promise<T>,
  { mayRepeat, onRepeat }: RetryOptions = SERIALIZATION_ONLY,
): Promise<T> {
  for (let run = 1; ; run += 1) {
    try {
      return await transaction();
    } catch (error) {
      if (run >= RETRY_LIMIT || !mayRepeat(error)) throw error;
      onRepeat(error, run + 1);
      await delay(5 * 2 ** (run - 1) * (0.5 + Math.random()));
    }
  }
}
