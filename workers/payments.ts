import {
  createBlockLeases,
  createIso8583Planner,
  createNumberBlocks,
} from '../activities/acquirers/iso8583/index.ts';
import { createAdyenPlanner } from '../activities/acquirers/adyen/index.ts';
import { createStripePlanner } from '../activities/acquirers/stripe/index.ts';
import { createFraudActivities } from '../activities/fraud/index.ts';
import { createLedgerActivities } from '../activities/ledger/index.ts';
import { createRetries } from '../activities/ledger/retries.ts';
import { createTableRates } from '../activities/ledger/table-rates.ts';
import {
  BREAKER_PREFIX,
  createBreakers,
  createObserver,
  createRedisState,
  createRoutingActivities,
  createStatistics,
} from '../activities/routing/index.ts';
import { createVaultActivities, createVaultClient } from '../activities/vault/index.ts';
import { loadConfig } from '../platform/config.ts';
import { createPool, databaseOptionsOf } from '../platform/database.ts';
import { createLogger } from '../platform/logger.ts';
import { createPayloadSealing } from '../platform/payload-codec/index.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import { runProcess, serveHealth } from '../platform/process.ts';
import { createRedis } from '../platform/redis.ts';
import { PAYMENTS_TASK_QUEUE } from '../workflows/payment/payment.contract.ts';
import { startPool } from './pool.ts';

/** The payments pool: the workflows, and the steps that need only our own database, Redis and tokens. */
const config = loadConfig(PROCESS_SETTINGS.payments);
const logger = createLogger('payments', config.logLevel);

/** A breaker that nobody touched for so long begins anew. */
const BREAKER_KEEP_MS = 3_600_000;

await runProcess(logger, config.shutdownGraceMs, async () => {
  const database = createPool(databaseOptionsOf(config, 'payments'), logger);
  const redis = createRedis(config.redisUrl, logger);
  const vault = createVaultClient({ url: config.vaultUrl, secret: config.vaultCallerSecret });
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

  const payloads = createPayloadSealing(config, database, logger);
  const pool = await startPool({
    address: config.temporalAddress,
    namespace: config.temporalNamespace,
    dataConverter: payloads.dataConverter,
    taskQueue: PAYMENTS_TASK_QUEUE,
    activities: {
      ...createLedgerActivities({
        pool: database,
        planners,
        rates: createTableRates(database),
        authorizationValidityMs: config.authorizationValidityMs,
        retries: createRetries(logger),
        onConcluded: createObserver({ breakers, statistics, logger }),
      }),
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
    workflows: true,
    // A workflow task is a few ms of one core and waits for local activities: many may wait at once.
    slots: { workflowTasks: 100, activities: 1, localActivities: 100 },
    pollers: { workflowTasks: 4, activities: 0 },
    // Authorized payments sleep for days; what is not cached is replayed from its short history.
    maxCachedWorkflows: 2_000,
    logger,
    shutdownGraceMs: config.shutdownGraceMs,
  });

  const healthy = () => pool.healthy();
  const closeHealth = await serveHealth(config.healthPort, healthy);
  return {
    healthy,
    async stop() {
      await pool.stop();
      await closeHealth();
      redis.disconnect();
      payloads.close();
      await Promise.all([vault.close(), database.end()]);
    },
  };
});
