import { z } from 'zod';

/**
 * Every setting of every process: one table, parsed once at start, frozen. Nothing else reads
 * `process.env`. A process names the keys it needs and gets exactly those, typed;
 * docs/configuration.md is made from this table.
 */
export interface Setting<T> {
  readonly env: string;
  readonly schema: z.ZodType<T>;
  /** Unit or form of the value, for the reader. */
  readonly unit: string;
  readonly about: string;
  /** Used when the variable is absent; null = the process will not start without it. */
  readonly fallback: string | null;
  /** Never printed. */
  readonly secret: boolean;
}

const text = z.string().min(1);
const port = z.coerce.number().int().min(0).max(65_535);
const positive = z.coerce.number().int().min(1);
const url = z.url();

/** A JSON text of that form. */
function json<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return text
    .transform((raw, context): unknown => {
      try {
        return JSON.parse(raw);
      } catch {
        context.addIssue('is not JSON');
        return z.NEVER;
      }
    })
    .pipe(schema);
}

export function setting<T>(
  env: string,
  schema: z.ZodType<T>,
  unit: string,
  about: string,
  fallback: string | null = null,
  secret = false,
): Setting<T> {
  return { env, schema, unit, about, fallback, secret };
}

export const SETTINGS = {
  logLevel: setting(
    'QUITTANCE_LOG_LEVEL',
    z.enum(['error', 'warn', 'info', 'debug']),
    'error|warn|info|debug',
    'What is logged to standard output, one JSON line an event.',
    'info',
  ),
  healthPort: setting(
    'QUITTANCE_HEALTH_PORT',
    port,
    'TCP port',
    'Where a process answers GET /healthz on 127.0.0.1 (workers; api, vault and gateway answer on their own port).',
  ),
  shutdownGraceMs: setting(
    'QUITTANCE_SHUTDOWN_GRACE_MS',
    positive,
    'ms',
    'How long a process that was asked to stop may finish what it has begun. Above the acquirer call limit, so that a drain loses no answer.',
    '20000',
  ),

  listenHost: setting(
    'QUITTANCE_LISTEN_HOST',
    text,
    'address',
    'The address of this machine on which api, vault and gateway listen. In a container 0.0.0.0; never more open than needed.',
    '127.0.0.1',
  ),

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

  kmsEndpoint: setting(
    'QUITTANCE_KMS_ENDPOINT',
    url,
    'URL',
    'Where the AWS KMS client calls. In production the regional endpoint; here the emulator.',
  ),
  kmsRegion: setting(
    'QUITTANCE_KMS_REGION',
    text,
    'AWS region',
    'Region the KMS client signs for.',
    'eu-west-1',
  ),
  kmsKeyId: setting(
    'QUITTANCE_KMS_KEY_ID',
    text,
    'key id or alias',
    'Master key that wraps the data keys of this process.',
  ),
  kmsAccessKeyId: setting(
    'QUITTANCE_KMS_ACCESS_KEY_ID',
    text.nullable(),
    'AWS access key id',
    'With its secret: the credentials of the KMS client. Empty = the AWS client looks for its own (role of the machine).',
    '',
  ),
  kmsSecretAccessKey: setting(
    'QUITTANCE_KMS_SECRET_ACCESS_KEY',
    text.nullable(),
    'AWS secret access key',
    'Belongs to the access key id.',
    '',
    true,
  ),
  dataKeyMaxAgeMs: setting(
    'QUITTANCE_DATA_KEY_MAX_AGE_MS',
    positive,
    'ms',
    'A cached data key older than this is asked of the KMS again, and a new one is taken for writing.',
    '3600000',
  ),
  dataKeyMaxUses: setting(
    'QUITTANCE_DATA_KEY_MAX_USES',
    positive,
    'count',
    'A new data key is taken for writing after this many encryptions. Far below the 2^32 that random nonces allow.',
    '100000',
  ),
  dataKeyGraceMs: setting(
    'QUITTANCE_DATA_KEY_GRACE_MS',
    positive,
    'ms',
    'How long a cached data key may still be used beyond its age while the KMS does not answer.',
    '14400000',
  ),

  vaultUrl: setting('QUITTANCE_VAULT_URL', url, 'URL', 'Where the vault service is.'),
  vaultCallerSecret: setting(
    'QUITTANCE_VAULT_CALLER_SECRET',
    z.string().min(32),
    'secret',
    'Proves to the vault which kind of caller this process is (api, payments, acquirers).',
    null,
    true,
  ),
  vaultDatabaseUrl: setting(
    'QUITTANCE_VAULT_DATABASE_URL',
    url,
    'postgres URL',
    'The vault service’s own database, with its own role. No other process has it.',
    null,
    true,
  ),
  vaultPort: setting('QUITTANCE_VAULT_PORT', port, 'TCP port', 'Where the vault service listens.'),
  vaultSecretApi: setting(
    'QUITTANCE_VAULT_SECRET_API',
    z.string().min(32),
    'secret',
    'Vault only: what the api presents; allows stage.',
    null,
    true,
  ),
  vaultSecretPayments: setting(
    'QUITTANCE_VAULT_SECRET_PAYMENTS',
    z.string().min(32),
    'secret',
    'Vault only: what the payments worker presents; allows tokenize and burn.',
    null,
    true,
  ),
  vaultSecretAcquirers: setting(
    'QUITTANCE_VAULT_SECRET_ACQUIRERS',
    z.string().min(32),
    'secret',
    'Vault only: what an acquirer worker presents; allows detokenize, release and burn.',
    null,
    true,
  ),
  cvvLifetimeMs: setting(
    'QUITTANCE_CVV_LIFETIME_MS',
    positive.max(3_600_000),
    'ms',
    'A staged CVV is destroyed at the latest after this (payment-rules: CVV and grants). The database refuses more than an hour.',
    '900000',
  ),
  stagingLifetimeMs: setting(
    'QUITTANCE_STAGING_LIFETIME_MS',
    positive,
    'ms',
    'A staged card that no payment took is destroyed after this. Above the longest authorize_by (24 h).',
    '172800000',
  ),

  apiPort: setting('QUITTANCE_API_PORT', port, 'TCP port', 'Where the merchant API listens.'),
  apiWaitMs: setting(
    'QUITTANCE_API_WAIT_MS',
    z.coerce.number().int().min(0).max(30_000),
    'ms',
    'How long a POST waits for the final result before it answers 202, where the request does not say (Prefer: wait).',
    '20000',
  ),
  fingerprintSecret: setting(
    'QUITTANCE_FINGERPRINT_SECRET',
    z.string().min(32),
    'secret',
    'Key of the HMAC over a request’s body that decides "same request again".',
    null,
    true,
  ),

  gatewayPort: setting('QUITTANCE_GATEWAY_PORT', port, 'TCP port', 'Where the operator gateway listens.'),
  gatewayOrigin: setting(
    'QUITTANCE_GATEWAY_ORIGIN',
    url.refine((value) => new URL(value).origin === value, 'is more than scheme, host and port'),
    'origin',
    'The one address by which operators’ browsers know the gateway, such as https://ops.example.com. What comes by another name is sent there; writes must come from a page of it; with https the cookie is Secure.',
  ),
  gatewaySecret: setting(
    'QUITTANCE_GATEWAY_SECRET',
    z.string().min(32),
    'secret',
    'Key of the HMAC over an operator’s cookie. Another one ends all sessions.',
    null,
    true,
  ),
  gatewaySessionMs: setting(
    'QUITTANCE_GATEWAY_SESSION_MS',
    positive.max(43_200_000),
    'ms',
    'How long a login is good for, whatever is done in it. At most twelve hours.',
    '7200000',
  ),
  gatewayTrustedProxies: setting(
    'QUITTANCE_GATEWAY_TRUSTED_PROXIES',
    z.coerce.number().int().min(0).max(8),
    'count',
    'How many proxies of ours stand before the gateway and say in X-Forwarded-For where a request comes from. 0 = none: the address of the socket counts.',
    '0',
  ),
  temporalWebUrl: setting(
    'QUITTANCE_TEMPORAL_WEB_URL',
    url,
    'URL',
    'Temporal Web itself, which the gateway stands before. It has no login of its own: nobody but the gateway should reach it.',
  ),

  acquirerLinks: setting(
    'QUITTANCE_ACQUIRER_LINKS',
    json(z.array(z.strictObject({ acquirer: text, host: text, port, connections: positive.max(64) }))),
    'JSON',
    'Acquirer worker: the ISO 8583 links it keeps, [{"acquirer":"…","host":"…","port":0,"connections":2}].',
  ),
  acquirerEndpoints: setting(
    'QUITTANCE_ACQUIRER_ENDPOINTS',
    json(
      z.array(
        z.strictObject({
          acquirer: text,
          wire: z.enum(['stripe', 'adyen']),
          url,
          apiKey: text,
          connections: positive.max(256),
        }),
      ),
    ),
    'JSON',
    'Acquirer worker: the HTTP APIs it calls, each with the secret key of its acquirer, [{"acquirer":"…","wire":"stripe","url":"https://api.stripe.com","apiKey":"sk_…","connections":50}]; wire stripe or adyen.',
    '[]',
    true,
  ),
  acquirerEventSecrets: setting(
    'QUITTANCE_ACQUIRER_EVENT_SECRETS',
    json(
      z.array(
        z.strictObject({
          acquirer: text,
          wire: z.enum(['adyen', 'stripe']),
          secrets: z.array(z.string().min(16)).min(1).max(3),
        }),
      ),
    ),
    'JSON',
    'Api: who may send events to /v1/acquirer-events/{acquirer}, and what they sign them with (adyen: HMAC keys, and basic:user:password where it authenticates as well); two secrets while they are changed, [{"acquirer":"…","wire":"stripe","secrets":["whsec_…"]}].',
    '[]',
    true,
  ),
  adoptAfterMs: setting(
    'QUITTANCE_ADOPT_AFTER_MS',
    positive,
    'ms',
    'What an acquirer tells of a payment of ours, and is no attempt of ours, is taken over after this long.',
    '900000',
  ),
  acquirerCallLimitMs: setting(
    'QUITTANCE_ACQUIRER_CALL_LIMIT_MS',
    positive,
    'ms',
    'How long an acquirer may take to answer before the outcome is ambiguous.',
    '8000',
  ),
  acquirerCallSlots: setting(
    'QUITTANCE_ACQUIRER_CALL_SLOTS',
    positive,
    'calls',
    'Calls under way at one acquirer at once: its bulkhead. Each acquirer has its own, so a slow one takes nothing from the others.',
    '200',
  ),

  relayAfterMs: setting(
    'QUITTANCE_RELAY_AFTER_MS',
    positive,
    'ms',
    'The relay rings again for a command that is pending longer than this.',
    '5000',
  ),
  keeperIntervalMs: setting(
    'QUITTANCE_KEEPER_INTERVAL_MS',
    positive,
    'ms',
    'How often the keeper looks for payments with something pending and no open run.',
    '10000',
  ),
  sealIntervalMs: setting(
    'QUITTANCE_SEAL_INTERVAL_MS',
    positive,
    'ms',
    'How often the sealer looks for committed ledger transactions that no seal covers yet.',
    '1000',
  ),
  sealHeadFile: setting(
    'QUITTANCE_SEAL_HEAD_FILE',
    text,
    'path',
    'The file that the head of the seal chain is appended to. Where whoever can write to the database cannot: a copy in the same hands proves nothing.',
  ),
  authorizationValidityMs: setting(
    'QUITTANCE_AUTHORIZATION_VALIDITY_MS',
    positive.nullable(),
    'ms',
    'Development only: every authorization is valid this long, instead of what the table of validities says.',
    '',
  ),
  webhookDispatchIntervalMs: setting(
    'QUITTANCE_WEBHOOK_DISPATCH_INTERVAL_MS',
    positive,
    'ms',
    'How often an idle dispatcher looks for committed events.',
    '200',
  ),
  webhookAllowPrivate: setting(
    'QUITTANCE_WEBHOOK_ALLOW_PRIVATE',
    z.enum(['true', 'false']).transform((value) => value === 'true'),
    'true|false',
    'Development only: webhooks may go to loopback and private addresses.',
    'false',
  ),
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof SETTINGS;
type ValueOf<N extends SettingName> = (typeof SETTINGS)[N] extends Setting<infer T> ? T : never;
export type Config<N extends SettingName> = Readonly<{ [K in N]: ValueOf<K> }>;

/** What is wrong with the environment, every setting at once, so that one restart mends all. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the named settings from `env` (default: the process environment), parsed and frozen.
 * @throws ConfigError that lists every missing or malformed variable; secret values are not shown.
 */
export function loadConfig<const N extends SettingName>(
  names: readonly N[],
  env: Environment = process.env,
): Config<N> {
  return loadSettings(SETTINGS, names, env);
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** As loadConfig, for a table other than SETTINGS (a development tool's own). */
export function loadSettings<Table extends Readonly<Record<string, Setting<unknown>>>, N extends keyof Table>(
  table: Table,
  names: readonly N[],
  env: Environment = process.env,
): Readonly<{ [K in N]: Table[K] extends Setting<infer T> ? T : never }> {
  const values: Partial<Record<N, unknown>> = {};
  const problems: string[] = [];
  for (const name of names) {
    const { env: variable, schema, unit, fallback, secret } = table[name] as Setting<unknown>;
    const raw = env[variable] ?? fallback;
    if (raw === null) {
      problems.push(`${variable} is not set (${unit})`);
      continue;
    }
    const parsed = schema.safeParse(raw === '' ? null : raw);
    if (parsed.success) values[name] = parsed.data;
    else
      problems.push(
        `${variable}=${secret ? '…' : raw} is not a valid ${unit}: ${parsed.error.issues[0]?.message ?? ''}`,
      );
  }
  if (problems.length > 0) throw new ConfigError(`configuration:\n  ${problems.join('\n  ')}`);
  return Object.freeze(values) as Readonly<{ [K in N]: Table[K] extends Setting<infer T> ? T : never }>;
}

/** The variables that are not ours (PATH, HOME, proxies …): what a program that we start may inherit. */
export function foreignEnvironment(env: Environment = process.env): Record<string, string> {
  const foreign: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !name.startsWith('QUITTANCE_')) foreign[name] = value;
  }
  return foreign;
}

/** Every variable, for a program of ours that reads its own settings. */
export function wholeEnvironment(): Environment {
  return process.env;
}

/** The named settings as they stand in `env`, unparsed, for a process that is started with them. */
export function presentSettings(
  names: readonly SettingName[],
  env: Environment = process.env,
): Record<string, string> {
  const present: Record<string, string> = {};
  for (const name of names) {
    const value = env[SETTINGS[name].env];
    if (value !== undefined) present[SETTINGS[name].env] = value;
  }
  return present;
}
