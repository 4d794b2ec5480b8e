import type { SettingName } from './config.ts';

const everyProcess = ['logLevel', 'shutdownGraceMs', 'plainHosts'] as const;
/** Who takes part in a payment's trace. */
const traced = ['otlpEndpoint'] as const;
const mainDatabase = ['databaseUrl', 'databasePoolSize', 'databaseStatementTimeoutMs'] as const;
const temporal = ['temporalAddress', 'temporalNamespace'] as const;
const kms = ['kmsEndpoint', 'kmsRegion', 'kmsKeyId', 'kmsAccessKeyId', 'kmsSecretAccessKey'] as const;
const tls = ['tlsCertificateFile', 'tlsKeyFile', 'tlsAuthorityFile'] as const;
const vaultCaller = ['vaultUrl', ...tls] as const;
const dataKeys = ['dataKeyMaxAgeMs', 'dataKeyMaxUses', 'dataKeyGraceMs'] as const;
/** Who speaks with Temporal seals what it says. */
const sealedTemporal = [...temporal, ...kms, ...dataKeys] as const;
/** Where exported histories are. */
export const historyStore = [
  'historyExportFolder',
  'historyExportBucket',
  'historyExportEndpoint',
  'historyExportRegion',
  'historyExportPrefix',
  'historyExportAccessKeyId',
  'historyExportSecretAccessKey',
  'historyExportPathStyle',
  'historyExportEncryption',
] as const;
/** Who has to do with a payment can be told where to die (platform/crash-points.ts). */
const breakable = ['crashPointsFolder'] as const;
const worker = [
  ...everyProcess,
  ...traced,
  ...breakable,
  'healthHost',
  'healthPort',
  ...mainDatabase,
  ...sealedTemporal,
] as const;

/**
 * The settings of each process: what its composition root loads, what the supervisor gives it, and
 * what docker-compose.yml sets. A process never gets a secret that is not listed for it.
 */
export const PROCESS_SETTINGS = {
  vault: [
    ...everyProcess,
    ...traced,
    'healthHost',
    'healthPort',
    ...breakable,
    'listenHost',
    'vaultPort',
    'vaultDatabaseUrl',
    'databasePoolSize',
    'databaseStatementTimeoutMs',
    ...kms,
    ...dataKeys,
    ...tls,
    'grantKeysFile',
    'vaultUnnamedAcquirers',
    'vaultCallerRate',
    'vaultMerchantRate',
    'vaultAlarmFailures',
    'vaultAlarmMerchantTokens',
    'vaultAlarmCallerTokens',
    'vaultAlarmLockMs',
    'vaultAlarmCellCards',
    'cvvLifetimeMs',
    'stagingLifetimeMs',
    'cardUnusedDays',
    'sealIntervalMs',
    'sealHeadFile',
    'cardTokenLifetimeMs',
    'vaultPublicPort',
    'vaultPublicCertificate',
    'vaultPublicKey',
    'vaultPublicPerKey',
    'vaultPublicPerAddress',
    'vaultPublicTrustedProxies',
  ],
  api: [
    ...everyProcess,
    ...traced,
    'healthHost',
    'metricsPort',
    ...breakable,
    'listenHost',
    'apiPort',
    'apiWaitMs',
    'redisUrl',
    'apiRate',
    'apiAtOnce',
    'apiPlaces',
    'apiTrustedProxies',
    'eventRetentionDays',
    'fingerprintSecret',
    'apiKeySecret',
    'apiIssuer',
    'acquirerEventSecrets',
    'webhookAllowPrivate',
    ...mainDatabase,
    ...sealedTemporal,
    ...vaultCaller,
  ],
  gateway: [
    ...everyProcess,
    'healthHost',
    'metricsPort',
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
  payments: [
    ...worker,
    'redisUrl',
    ...vaultCaller,
    'grantKeyId',
    'grantLifetimeMs',
    'authorizationValidityMs',
  ],
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
    ...vaultCaller,
    'cardNeededDays',
    'relayAfterMs',
    'keeperIntervalMs',
    'sealIntervalMs',
    'sealHeadFile',
    'adoptAfterMs',
    ...historyStore,
  ],
} as const satisfies Record<string, readonly SettingName[]>;

export type ProcessRole = keyof typeof PROCESS_SETTINGS;
