import { positive, setting, text, url, type Setting } from './setting.ts';

/** PostgreSQL, Redis and Temporal. */
export const STORES_SETTINGS = {
  databaseUrl: setting(
    'QUITTANCE_DATABASE_URL',
    url,
    'postgres URL',
    'The main database, with the role of this process (quittance_api, quittance_worker or quittance_gateway).',
    null,
    true,
  ),
  databasePoolSize: setting(
    'QUITTANCE_DATABASE_POOL_SIZE',
    positive,
    'connections',
    'Connections per process. Twenty fit one hundred payments in flight: a step holds a connection for a few ms.',
    '20',
  ),
  databaseStatementTimeoutMs: setting(
    'QUITTANCE_DATABASE_STATEMENT_TIMEOUT_MS',
    positive,
    'ms',
    'A statement that runs longer is cancelled by PostgreSQL and the step is retried as a whole.',
    '10000',
  ),
  redisUrl: setting(
    'QUITTANCE_REDIS_URL',
    url,
    'redis URL',
    'Velocity windows and rate limits. May be down: both fall back, and no decision about money rests on it.',
  ),

  temporalAddress: setting('QUITTANCE_TEMPORAL_ADDRESS', text, 'host:port', 'Temporal frontend (gRPC).'),
  temporalNamespace: setting('QUITTANCE_TEMPORAL_NAMESPACE', text, 'name', 'Temporal namespace.', 'default'),
} as const satisfies Record<string, Setting<unknown>>;
