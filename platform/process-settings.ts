import type { SettingName } from './config.ts';

const everyProcess = ['logLevel', 'shutdownGraceMs'] as const;
const mainDatabase = ['databaseUrl', 'databasePoolSize', 'databaseStatementTimeoutMs'] as const;
const temporal = ['temporalAddress', 'temporalNamespace'] as const;
const kms = [
  'kmsEndpoint',
  'kmsRegion',
  'kmsKeyId',
  'kmsAccessKeyId',
  'kmsSecretAccessKey',
  'dataKeyMaxAgeMs',
  'dataKeyMaxUses',
  'dataKeyGraceMs',
] as const;
const dataKeys = ['dataKeyMaxAgeMs', 'dataKeyMaxUses', 'dataKeyGraceMs'] as const;
const vaultCaller = ['vaultUrl', 'vaultCallerSecret'] as const;
const worker = [...everyProcess, 'healthPort', ...mainDatabase, ...temporal] as const;

/**
 * The settings of each process: what its composition root loads, what the supervisor gives it, and
 * what docker-compose.yml has to set. A process never gets a secret that is not listed for it.
 */
export const PROCESS_SETTINGS = {
  vault: [
    ...everyProcess,
    'vaultPort',
    'vaultDatabaseUrl',
    'databasePoolSize',
    'databaseStatementTimeoutMs',
    ...kms,
    ...dataKeys,
    'vaultSecretApi',
    'vaultSecretPayments',
    'vaultSecretAcquirers',
    'cvvLifetimeMs',
    'stagingLifetimeMs',
    'stagingLifetimeMs',
  ],
  api: [
    ...everyProcess,
    'apiPort',
    'apiWaitMs',
    'fingerprintSecret',
    ...mainDatabase,
    ...temporal,
    ...vaultCaller,
  ],
  payments: [...worker, 'redisUrl', ...vaultCaller, ...kms, 'authorizationValidityMs'],
  acquirers: [...worker, ...vaultCaller, ...kms, 'acquirerLinks', 'acquirerCallLimitMs'],
  webhooks: [...worker, ...kms, 'dataKeyMaxAgeMs', 'dataKeyGraceMs', 'webhookDispatchIntervalMs', 'webhookAllowPrivate'],
  'back-office': [...worker, ...kms, 'relayAfterMs', 'keeperIntervalMs'],
} as const satisfies Record<string, readonly SettingName[]>;

export type ProcessRole = keyof typeof PROCESS_SETTINGS;
