import { createAttempt } from '../activities/webhooks/attempt.ts';
import { createWebhookClient } from '../activities/webhooks/client.ts';
import { createDispatcher } from '../activities/webhooks/dispatcher.ts';
import { createEgressAgent } from '../activities/webhooks/egress.ts';
import { createWebhookActivities } from '../activities/webhooks/index.ts';
import { registerFailed, registerUnmade } from '../activities/webhooks/metrics.ts';
import { createSigners } from '../activities/webhooks/signers.ts';
import { createDeliveryStarter } from '../activities/webhooks/start-delivery.ts';
import { createDeliveryStore } from '../activities/webhooks/store.ts';
import { loadConfig } from '../platform/config.ts';
import { createPool, databaseOptionsOf } from '../platform/database.ts';
import { createKms, kmsOptionsOf } from '../platform/kms.ts';
import { armCrashPoints } from '../platform/crash-orders.ts';
import { createLogger } from '../platform/logger.ts';
import { startTracing } from '../platform/tracing/start-tracing.ts';
import { createPayloadSealing } from '../platform/payload-codec/index.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import { runProcess, serveHealth } from '../platform/process.ts';
import { openSecret } from '../platform/sealed-secret.ts';
import { createTemporalClient } from '../platform/temporal.ts';
import { WEBHOOKS_TASK_QUEUE } from '../workflows/webhook-delivery/webhook-delivery.contract.ts';
import { createWorkerMetrics } from './metrics.ts';
import { startPool } from './pool.ts';

/** The webhooks pool: first attempts by the dispatcher, the others by delivery workflows. */
const config = loadConfig(PROCESS_SETTINGS.webhooks);
const logger = createLogger('webhooks', config.logLevel);
const stopTracing = await startTracing({ endpoint: config.otlpEndpoint, service: 'webhooks' });

/** A receiver that needs longer than this should answer first and work afterwards. */
const ATTEMPT_LIMIT_MS = 15_000;
const LEASE_MS = 60_000;
/** Of one endpoint at once, by the dispatcher and by workflows each. */
const PER_ENDPOINT = 8;

await runProcess(logger, { ...config, last: stopTracing }, async () => {
  const metrics = await createWorkerMetrics('webhooks');
  armCrashPoints('webhooks', config, config.databaseUrl);
  const database = createPool(databaseOptionsOf(config, 'webhooks'), logger);
  const kms = createKms(kmsOptionsOf(config));
  const payloads = createPayloadSealing(config, database, logger, metrics.registry);
  const temporal = createTemporalClient({
    address: config.temporalAddress,
    namespace: config.temporalNamespace,
    identity: `webhooks@${process.pid}`,
    dataConverter: payloads.dataConverter,
    retries: false,
    tracing: config.otlpEndpoint !== null,
  });
  const agent = createEgressAgent({
    allowPrivate: config.webhookAllowPrivate,
    connectLimitMs: 5_000,
    connectionsPerOrigin: 2 * PER_ENDPOINT,
  });
  const store = createDeliveryStore(database, { logger, unmade: registerUnmade(metrics.registry) });
  const attempt = createAttempt({
    send: createWebhookClient({ agent, limitMs: ATTEMPT_LIMIT_MS, bodyBytesMax: 16_384 }),
    signers: createSigners({
      open: (owner, sealed) => openSecret(kms, owner, sealed),
      maxAgeMs: config.dataKeyMaxAgeMs,
      graceMs: config.dataKeyGraceMs,
      capacity: 10_000,
      now: () => performance.now(),
    }),
    logger,
  });

  const pool = await startPool({
    address: config.temporalAddress,
    namespace: config.temporalNamespace,
    dataConverter: payloads.dataConverter,
    taskQueue: WEBHOOKS_TASK_QUEUE,
    deployment: 'webhooks',
    registry: metrics.registry,
    activities: createWebhookActivities({
      store,
      attempt,
      logger,
      attemptsPerEndpoint: PER_ENDPOINT,
      onFailed: registerFailed(metrics.registry),
    }),
    workflows: true,
    slots: { workflowTasks: 20, activities: 64, localActivities: 20 },
    pollers: { workflowTasks: 2, activities: 2 },
    // A delivery sleeps for hours between two tasks: few are worth keeping.
    maxCachedWorkflows: 200,
    logger,
    coreMetrics: metrics.coreAddress,
    tracing: config.otlpEndpoint !== null,
    shutdownGraceMs: config.shutdownGraceMs,
  });

  const dispatcher = createDispatcher({
    store,
    attempt,
    startDelivery: createDeliveryStarter(temporal.client),
    logger,
    intervalMs: config.webhookDispatchIntervalMs,
    batch: 50,
    leaseMs: LEASE_MS,
    // Until the answer, and its record.
    attemptMs: ATTEMPT_LIMIT_MS + 5_000,
    postponeMs: 5_000,
    lanes: { running: 128, runningPerLane: PER_ENDPOINT, waitingPerLane: 2 * PER_ENDPOINT, total: 512 },
  });
  const stopping = new AbortController();
  const dispatching = dispatcher.run(stopping.signal);

  const healthy = () => pool.healthy();
  const closeHealth = await serveHealth(config, healthy, metrics, () => pool.ready());
  return {
    healthy,
    async stop() {
      stopping.abort();
      await Promise.all([dispatching, pool.stop()]);
      await closeHealth();
      await Promise.all([agent.destroy(), temporal.close(), database.end()]);
      kms.close();
      payloads.close();
    },
  };
});
