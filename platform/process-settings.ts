import type { SettingName } from './config.ts';

const everyProcess = ['logLevel', 'shutdownGraceMs'] as const;
const mainDatabase = ['databaseUrl', 'databasePoolSize', 'databaseStatementTimeoutMs'] as const;
const temporal = ['temporalAddress', 'temporalNamespace'] as const;
const kms = ['kmsEndpoint', 'kmsRegion', 'kmsKeyId', 'kmsAccessKeyId', 'kmsSecretAccessKey'] as const;
const vaultCaller = ['vaultUrl', 'vaultCallerSecret'] as const;
const dataKeys = ['dataKeyMaxAgeMs', 'dataKeyMaxUses', 'dataKeyGraceMs'] as const;
/** Who speaks with Temporal seals what it says. */
const sealedTemporal = [...temporal, ...kms, ...dataKeys] as const;
const worker = [...everyProcess, 'healthPort', ...mainDatabase, ...sealedTemporal] as const;

/**
 * The settings of each process: what its composition root loads, what the supervisor gives it, and
 * what docker-compose.yml sets. A process never gets a secret that is not listed for it.
 */
export const PROCESS_SETTINGS = {
  vault: [
    ...everyProcess,
    'listenHost',
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
  ],
  api: [
    ...everyProcess,
    'listenHost',
    'apiPort',
    'apiWaitMs',
    'fingerprintSecret',
    'acquirerEventSecrets',
    ...mainDatabase,
    ...sealedTemporal,
    ...vaultCaller,
  ],
  gateway: [
    ...everyProcess,
    'listenHost',
    'gatewayPort',
    'gatewayOrigin',
    'gatewaySecret',
    'gatewaySessionMs',
    'gatewayTrustedProxies',
    'temporalWebUrl',
    'temporalNamespace',
    ...mainDatabase,
    ...kms,
    ...dataKeys,
  ],
  payments: [...worker, 'redisUrl', ...vaultCaller, 'authorizationValidityMs'],
  acquirers: [
    ...worker,
    ...vaultCaller,
    'acquirerLinks',
    'acquirerEndpoints',
    'acquirerCallLimitMs',
    'acquirerCallSlots',
  ],
  webhooks: [...worker, 'webhookDispatchIntervalMs', 'webhookAllowPrivate'],
  'back-office': [
    ...worker,
    'relayAfterMs',
    'keeperIntervalMs',
    'sealIntervalMs',
    'sealHeadFile',
    'adoptAfterMs',
  ],
} as const satisfies Record<string, readonly SettingName[]>;

export type ProcessRole = keyof typeof PROCESS_SETTINGS;
