import {
  createBlockLeases,
  createIso8583Planner,
  createNumberBlocks,
} from '../activities/acquirers/iso8583/index.ts';
import { createAdyenPlanner } from '../activities/acquirers/adyen/index.ts';
import { createStripePlanner } from '../activities/acquirers/stripe/index.ts';
import { createVerificationActivities } from '../activities/card-verifications/index.ts';
import { createFraudActivities } from '../activities/fraud/index.ts';
import { createLedgerActivities } from '../activities/ledger/index.ts';
import { createRetries, registerRetries } from '../activities/ledger/retries.ts';
import { createTableRates } from '../activities/ledger/table-rates.ts';
import {
  BREAKER_PREFIX,
  createAcquirerMetrics,
  createBreakers,
  createObserver,
  createRedisState,
  createRoutingActivities,
  createStatistics,
} from '../activities/routing/index.ts';
import {
  createFencing,
  createGranting,
  createAttemptSigner,
  createGrantSigner,
  createVaultActivities,
  createVaultClient,
  createVerificationFencing,
  createVerificationGranting,
} from '../activities/vault/index.ts';
import { loadConfig } from '../platform/config.ts';
import { createPool, databaseOptionsOf } from '../platform/database.ts';
import { armCrashPoints } from '../platform/crash-orders.ts';
import { createKmsSigningKey } from '../platform/kms-signing.ts';
import { kmsOptionsOf } from '../platform/kms.ts';
import { createLogger } from '../platform/logger.ts';
import { startTracing } from '../platform/tracing/start-tracing.ts';
import { createPayloadSealing } from '../platform/payload-codec/index.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import { runProcess, serveHealth } from '../platform/process.ts';
import { createRedis } from '../platform/redis.ts';
import { followTlsFiles, tlsFilesOf } from '../platform/tls.ts';
import { registerCertificate } from '../platform/tls-metrics.ts';
import { PAYMENTS_TASK_QUEUE } from '../workflows/payment/payment.contract.ts';
import { createWorkerMetrics } from './metrics.ts';
import { PAYMENTS_POOL } from './pool-settings.ts';
import { startPool } from './pool.ts';

/** The payments pool: the workflows, and the steps that need only our own database, Redis and tokens. */
const config = loadConfig(PROCESS_SETTINGS.payments);
const logger = createLogger('payments', config.logLevel);
const stopTracing = await startTracing({ endpoint: config.otlpEndpoint, service: 'payments' });

/** A breaker that nobody touched for so long begins anew. */
const BREAKER_KEEP_MS = 3_600_000;

await runProcess(logger, { ...config, last: stopTracing }, async () => {
  const metrics = await createWorkerMetrics('payments');
  armCrashPoints('payments', config, config.databaseUrl);
  const database = createPool(databaseOptionsOf(config, 'payments'), logger);
  const redis = createRedis(config.redisUrl, logger);
  const tls = await followTlsFiles(tlsFilesOf(config), logger);
  registerCertificate(metrics.registry, tls);
  const vault = createVaultClient({ url: config.vaultUrl, tls });
  const grantKey = createKmsSigningKey({ ...kmsOptionsOf(config), keyId: config.grantKeyId });
  const signer = createGrantSigner({
    kms: grantKey,
    logger,
    worker: `payments-${process.pid}`,
    lifetimeMs: config.grantLifetimeMs,
    now: Date.now,
  });
  const attemptSigner = createAttemptSigner(signer, database);
  const planners = {
    iso8583: createIso8583Planner({ blocks: createNumberBlocks(createBlockLeases(database)) }),
    stripe: createStripePlanner(),
    adyen: createAdyenPlanner(),
  };
  const breakers = createBreakers({
    shared: createRedisState(redis, BREAKER_PREFIX, BREAKER_KEEP_MS),
    logger,
  });
  const statistics = createStatistics(redis);

  const observe = createObserver({ breakers, statistics, logger });
  const count = createAcquirerMetrics(metrics.registry, breakers);
  const retries = createRetries(logger);
  registerRetries(metrics.registry, retries);

  const payloads = createPayloadSealing(config, database, logger, metrics.registry);
  const pool = await startPool({
    address: config.temporalAddress,
    namespace: config.temporalNamespace,
    dataConverter: payloads.dataConverter,
    taskQueue: PAYMENTS_TASK_QUEUE,
    deployment: 'payments',
    registry: metrics.registry,
    activities: {
      ...createGranting(
        createFencing(
          createLedgerActivities({
            pool: database,
            planners,
            rates: createTableRates(database),
            authorizationValidityMs: config.authorizationValidityMs,
            retries,
            onConcluded(ended) {
              observe(ended);
              count(ended);
            },
          }),
          vault,
          logger,
        ),
        attemptSigner,
      ),
      ...createVerificationGranting(
        createVerificationFencing(createVerificationActivities({ pool: database, planners }), vault, logger),
        attemptSigner,
      ),
      ...createVaultActivities(vault),
      ...createRoutingActivities({
        pool: database,
        breakers,
        statistics,
        capabilitiesOf: (wire) =>
          Object.values(planners).find(({ capabilities }) => capabilities.wire === wire)?.capabilities,
        logger,
      }),
      ...createFraudActivities({ pool: database, redis, logger }),
    },
    ...PAYMENTS_POOL,
    logger,
    coreMetrics: metrics.coreAddress,
    tracing: config.otlpEndpoint !== null,
    shutdownGraceMs: config.shutdownGraceMs,
  });

  const healthy = () => pool.healthy();
  const closeHealth = await serveHealth(config, healthy, metrics, () => pool.ready());
  return {
    healthy,
    async stop() {
      await pool.stop();
      await closeHealth();
      redis.disconnect();
      signer.close();
      grantKey.close();
      tls.close();
      payloads.close();
      await Promise.all([vault.close(), database.end()]);
    },
  };
});
