import { setMaxListeners } from 'node:events';
import { EVENT_VERIFIERS } from '../activities/acquirers/event-verifiers.ts';
import type { Config } from '../platform/config.ts';
import { createPool, databaseOptionsOf } from '../platform/database.ts';
import { createKms, kmsOptionsOf } from '../platform/kms.ts';
import type { Logger } from '../platform/logger.ts';
import { createPayloadSealing } from '../platform/payload-codec/index.ts';
import type { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import { serveHealth, type RunningProcess } from '../platform/process.ts';
import { openSecret, sealSecret } from '../platform/sealed-secret.ts';
import { createTemporalClient } from '../platform/temporal.ts';
import { createMetrics } from '../platform/metrics.ts';
import { createRedis } from '../platform/redis.ts';
import { separateTenants } from '../platform/tenant-pool.ts';
import { followTlsFiles, tlsFilesOf } from '../platform/tls.ts';
import { registerCertificate } from '../platform/tls-metrics.ts';
import { createApp } from './app.ts';
import { createConnectionMetrics, createRequestMetrics } from './metrics.ts';
import { createRing } from './ring.ts';
import { createLimits } from './limits/limits.ts';
import { createLoad } from './limits/load.ts';
import { listen } from './server.ts';
import { createVaultStage } from './vault.ts';
import { createRunVerification } from './verifications/run.ts';

/** Of the grace, left for writing the last answers (ms). */
const LAST_ANSWERS_MS = 2_000;

/** Starts the merchant API. It listens also while PostgreSQL, Temporal or the vault is away. */
export async function startApi(
  config: Config<(typeof PROCESS_SETTINGS.api)[number]>,
  logger: Logger,
): Promise<RunningProcess> {
  const pool = createPool(databaseOptionsOf(config, 'api'), logger);
  const tenants = separateTenants(pool);
  const redis = createRedis(config.redisUrl, logger);
  const metrics = createMetrics('api');
  const kms = createKms(kmsOptionsOf(config));
  const payloads = createPayloadSealing(config, pool, logger, metrics.registry);
  const temporal = createTemporalClient({
    address: config.temporalAddress,
    namespace: config.temporalNamespace,
    identity: `api@${process.pid}`,
    dataConverter: payloads.dataConverter,
    retries: false,
    tracing: config.otlpEndpoint !== null,
  });
  const tls = await followTlsFiles(tlsFilesOf(config), logger);
  registerCertificate(metrics.registry, tls);
  const vault = createVaultStage({ url: config.vaultUrl, tls });
  const leaving = new AbortController();
  const streamsEnd = new AbortController();
  // One listener for each request that waits.
  setMaxListeners(0, leaving.signal, streamsEnd.signal);
  const healthy = async (): Promise<boolean> => (await pool.query('select')).rowCount === 1;

  const app = createApp({
    database: pool,
    tenants,
    load: createLoad(config.apiPlaces),
    limits: createLimits({
      redis,
      perSecond: config.apiRate,
      atOnce: config.apiAtOnce,
      now: () => performance.now(),
    }),
    keySecret: config.apiKeySecret,
    issuer: config.apiIssuer,
    trustedProxies: config.apiTrustedProxies,
    vault,
    secrets: {
      seal: (owner, secret) => sealSecret(kms, owner, secret),
      open: (owner, sealed) => openSecret(kms, owner, sealed),
    },
    allowPrivateWebhooks: config.webhookAllowPrivate,
    eventRetentionDays: config.eventRetentionDays,
    ring: createRing(temporal, logger),
    runVerification: createRunVerification(temporal, logger),
    hurry: leaving.signal,
    streamsEnd: streamsEnd.signal,
    fingerprintSecret: config.fingerprintSecret,
    waitMs: config.apiWaitMs,
    now: Date.now,
    logger,
    count: createRequestMetrics(metrics.registry),
    healthy,
    eventSources: new Map(
      config.acquirerEventSecrets.map(({ acquirer, wire, secrets }) => [
        acquirer,
        { verify: EVENT_VERIFIERS[wire], secrets },
      ]),
    ),
  });
  const { healthHost, metricsPort: healthPort } = config;
  const closeMetrics =
    healthPort === null ? async () => {} : await serveHealth({ healthHost, healthPort }, healthy, metrics);
  const server = await listen(app, config.apiPort, config.listenHost, {
    onRefused: createConnectionMetrics(metrics.registry),
  });
  logger.info('api_listening', { port: server.port });

  return {
    healthy,
    async stop() {
      // Streams would stay open as long as they are let.
      streamsEnd.abort();
      const patience = setTimeout(
        () => {
          leaving.abort();
        },
        Math.max(0, config.shutdownGraceMs - LAST_ANSWERS_MS),
      );
      await server.close(config.shutdownGraceMs);
      clearTimeout(patience);
      await Promise.allSettled([temporal.close(), vault.close()]);
      await closeMetrics();
      redis.disconnect();
      payloads.close();
      tls.close();
      kms.close();
      await pool.end();
    },
  };
}
