import { loadConfig, SETTINGS } from '../platform/config.ts';
import { armCrashPoints } from '../platform/crash-orders.ts';
import { createLogger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import { runProcess, serveHealth } from '../platform/process.ts';
import { kmsOptionsOf } from '../platform/kms.ts';
import { tlsFilesOf } from '../platform/tls.ts';
import { startTracing } from '../platform/tracing/start-tracing.ts';
import { startVault } from './vault.ts';

/** Codes are not handed out after their limit whenever the sweeper comes; this only bounds how long they lie there. */
const SWEEP_INTERVAL_MS = 5_000;

const DAY_MS = 86_400_000;

const config = loadConfig(PROCESS_SETTINGS.vault);
const logger = createLogger('vault', config.logLevel);

/** What raises an alarm is counted over this long. */
const ALARM_WINDOW_MS = 60_000;

const stopTracing = await startTracing({ endpoint: config.otlpEndpoint, service: 'vault' });

await runProcess(logger, { ...config, last: stopTracing }, async () => {
  armCrashPoints('vault', config, config.vaultDatabaseUrl);
  const metrics = createMetrics('vault');
  if (config.vaultUnnamedAcquirers)
    logger.warn('vault_unnamed_acquirers_allowed', {
      setting: SETTINGS.vaultUnnamedAcquirers.env,
      meaning:
        'a worker whose certificate names no acquirers gets every card; take the setting away after the upgrade',
    });
  const vault = await startVault(
    {
      host: config.listenHost,
      port: config.vaultPort,
      databaseUrl: config.vaultDatabaseUrl,
      databasePoolSize: config.databasePoolSize,
      databaseStatementTimeoutMs: config.databaseStatementTimeoutMs,
      kms: kmsOptionsOf(config),
      tls: tlsFilesOf(config),
      grantKeysFile: config.grantKeysFile,
      allowsUnnamedAcquirers: config.vaultUnnamedAcquirers,
      tracing: config.otlpEndpoint !== null,
      limits: { perCaller: config.vaultCallerRate, perMerchant: config.vaultMerchantRate },
      alarms: {
        windowMs: ALARM_WINDOW_MS,
        failures: config.vaultAlarmFailures,
        tokensPerMerchant: config.vaultAlarmMerchantTokens,
        tokensPerCaller: config.vaultAlarmCallerTokens,
        lockMs: config.vaultAlarmLockMs,
        cellCards: config.vaultAlarmCellCards,
      },
      cvvLifetimeMs: config.cvvLifetimeMs,
      stagingLifetimeMs: config.stagingLifetimeMs,
      cardTokenLifetimeMs: config.cardTokenLifetimeMs,
      publicListener: {
        host: config.listenHost,
        port: config.vaultPublicPort,
        tls:
          config.vaultPublicCertificate === null || config.vaultPublicKey === null
            ? null
            : { certificate: config.vaultPublicCertificate, key: config.vaultPublicKey },
        perKeyAndMinute: config.vaultPublicPerKey,
        perAddressAndMinute: config.vaultPublicPerAddress,
        trustedProxies: config.vaultPublicTrustedProxies,
      },
      sweepIntervalMs: SWEEP_INTERVAL_MS,
      cardUnusedMs: config.cardUnusedDays * DAY_MS,
      seals: { intervalMs: config.sealIntervalMs, headFile: config.sealHeadFile },
      dataKeys: {
        maxAgeMs: config.dataKeyMaxAgeMs,
        maxUses: config.dataKeyMaxUses,
        graceMs: config.dataKeyGraceMs,
      },
    },
    logger,
    metrics.registry,
  );
  // Whoever watches over the process has no certificate.
  const closeHealth = await serveHealth(config, () => vault.healthy(), metrics);
  return {
    healthy: () => vault.healthy(),
    async stop() {
      await vault.stop();
      await closeHealth();
    },
  };
});
