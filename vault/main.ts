import { loadConfig } from '../platform/config.ts';
import { createLogger } from '../platform/logger.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import { runProcess } from '../platform/process.ts';
import { kmsOptionsOf } from '../platform/kms.ts';
import { startVault } from './vault.ts';

/** Codes are not handed out after their limit whenever the sweeper comes; this only bounds how long they lie there. */
const SWEEP_INTERVAL_MS = 5_000;

const config = loadConfig(PROCESS_SETTINGS.vault);
const logger = createLogger('vault', config.logLevel);

await runProcess(logger, config.shutdownGraceMs, () =>
  startVault(
    {
      host: config.listenHost,
      port: config.vaultPort,
      databaseUrl: config.vaultDatabaseUrl,
      databasePoolSize: config.databasePoolSize,
      databaseStatementTimeoutMs: config.databaseStatementTimeoutMs,
      kms: kmsOptionsOf(config),
      secrets: {
        api: config.vaultSecretApi,
        payments: config.vaultSecretPayments,
        acquirers: config.vaultSecretAcquirers,
      },
      cvvLifetimeMs: config.cvvLifetimeMs,
      stagingLifetimeMs: config.stagingLifetimeMs,
      sweepIntervalMs: SWEEP_INTERVAL_MS,
      dataKeys: {
        maxAgeMs: config.dataKeyMaxAgeMs,
        maxUses: config.dataKeyMaxUses,
        graceMs: config.dataKeyGraceMs,
      },
    },
    logger,
  ),
);
