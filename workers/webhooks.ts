import { createAttempt } from '../activities/webhooks/attempt.ts';
import { createWebhookClient } from '../activities/webhooks/client.ts';
import { createDispatcher } from '../activities/webhooks/dispatcher.ts';
import { createEgressAgent } from '../activities/webhooks/egress.ts';
import { createWebhookActivities } from '../activities/webhooks/index.ts';
import { createSigners } from '../activities/webhooks/signers.ts';
import { createDeliveryStarter } from '../activities/webhooks/start-delivery.ts';
import { createDeliveryStore } from '../activities/webhooks/store.ts';
import { loadConfig } from '../platform/config.ts';
import { createPool } from '../platform/database.ts';
import { createKms } from '../platform/kms.ts';
import { createLogger } from '../platform/logger.ts';
import { createPayloadSealing } from '../platform/payload-codec/index.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import { runProcess, serveHealth } from '../platform/process.ts';
import { openSecret } from '../platform/sealed-secret.ts';
import { createTemporalClient } from '../platform/temporal.ts';
import { WEBHOOKS_TASK_QUEUE } from '../workflows/webhook-delivery/webhook-delivery.contract.ts';
import { startPool } from './pool.ts';

/** The webhooks pool: first attempts by the dispatcher, the others by delivery workflows. */
const config = loadConfig(PROCESS_SETTINGS.webhooks);
const logger = createLogger('webhooks', config.logLevel);

/** A receiver that needs longer than this should answer first and work afterwards. */
const ATTEMPT_LIMIT_MS = 15_000;
const LEASE_MS = 60_000;
/** Of one endpoint at once, by the dispatcher and by workflows each. */
const PER_ENDPOINT = 8;

await runProcess(logger, config.shutdownGraceMs, async () => {
  const database = createPool(
    {
      url: config.databaseUrl,
      poolSize: config.databasePoolSize,
      statementTimeoutMs: config.databaseStatementTimeoutMs,
      role: 'webhooks',
    },
    logger,
  );
  const { kmsAccessKeyId: accessKeyId, kmsSecretAccessKey: secretAccessKey } = config;
  const kms = createKms({
    endpoint: config.kmsEndpoint,
    region: config.kmsRegion,
    keyId: config.kmsKeyId,
    credentials: accessKeyId === null || secretAccessKey === null ? null : { accessKeyId, secretAccessKey },
  });
  const payloads = createPayloadSealing(config, database, logger);
  const temporal = createTemporalClient({
    address: config.temporalAddress,
    namespace: config.temporalNamespace,
    identity: `webhooks@${process.pid}`,
    dataConverter: payloads.dataConverter,
    retries: false,
  });
  const agent = createEgressAgent({
    allowPrivate: config.webhookAllowPrivate,
    connectLimitMs: 5_000,
    connectionsPerOrigin: 2 * PER_ENDPOINT,
  });
  const store = createDeliveryStore(database);
  const attempt = createAttempt({
    send: createWebhookClient({ agent, limitMs: ATTEMPT_LIMIT_MS, bodyBytesMax: 16_384 }),
    signers: createSigners({
      open: (owner, sealed) => openSecret(kms, owner, sealed),
      maxAgeMs: config.dataKeyMaxAgeMs,
      graceMs: config.dataKeyGraceMs,
      capacity: 10_000,
      now: () => performance.now(),
    }),
  });

  const pool = await startPool({
    address: config.temporalAddress,
    namespace: config.temporalNamespace,
    dataConverter: payloads.dataConverter,
    taskQueue: WEBHOOKS_TASK_QUEUE,
    activities: createWebhookActivities({ store, attempt, attemptsPerEndpoint: PER_ENDPOINT }),
    workflows: true,
    slots: { workflowTasks: 20, activities: 64, localActivities: 20 },
    pollers: { workflowTasks: 2, activities: 2 },
    // A delivery sleeps for hours between two tasks: few are worth keeping.
    maxCachedWorkflows: 200,
    logger,
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
  const closeHealth = await serveHealth(config.healthPort, healthy);
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
