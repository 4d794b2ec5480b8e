import { createAttemptStore } from '../activities/acquirers/attempts.ts';
import { EVENT_READERS } from '../activities/acquirers/event-readers.ts';
import { createEventRelay } from '../activities/acquirers/event-relay.ts';
import { registerBacklog } from '../activities/back-office/backlog.ts';
import { createDueFunds } from '../activities/back-office/due-funds.ts';
import { createHistoryExport } from '../activities/back-office/history-export/export-histories.ts';
import { registerExported } from '../activities/back-office/history-export/metrics.ts';
import { historyStoreOf } from '../platform/object-store/history-store.ts';
import { createHeadFile } from '../platform/seals/head-file.ts';
import { createCardRetention } from '../activities/back-office/card-retention.ts';
import { createEscalation } from '../activities/back-office/escalation.ts';
import { createKeeper } from '../activities/back-office/keeper.ts';
import { platformKeys } from '../activities/back-office/key-rotation/platform-keys.ts';
import { createPartitionKeeper } from '../activities/back-office/partitions.ts';
import { pendingPayments } from '../activities/back-office/pending-payments.ts';
import { pendingVerifications } from '../activities/back-office/pending-verifications.ts';
import { createRelay } from '../activities/back-office/relay.ts';
import { retryingDeliveries } from '../activities/back-office/retrying-deliveries.ts';
import { ensureSchedules } from '../activities/back-office/schedules.ts';
import { createSealer } from '../activities/back-office/sealer.ts';
import { createHasOpenRun, createKnock } from '../activities/back-office/temporal.ts';
import { createUpkeepActivities } from '../activities/back-office/upkeep.ts';
import { createFundsMover } from '../activities/ledger/move-funds.ts';
import { takeTold } from '../activities/ledger/told.ts';
import { createVaultClient } from '../activities/vault/client.ts';
import { createDeliveryEnder } from '../activities/webhooks/end-deliveries.ts';
import { createDeliveryStarter } from '../activities/webhooks/start-delivery.ts';
import { loadConfig, SETTINGS } from '../platform/config.ts';
import { createPool, databaseOptionsOf } from '../platform/database.ts';
import { every } from '../platform/every.ts';
import { createRotationRecords, poolQuery } from '../platform/key-rotation/records.ts';
import { createRotate } from '../platform/key-rotation/rotation.ts';
import { kmsOptionsOf } from '../platform/kms.ts';
import { armCrashPoints } from '../platform/crash-orders.ts';
import { createLogger } from '../platform/logger.ts';
import { startTracing } from '../platform/tracing/start-tracing.ts';
import { createMasterKeys } from '../platform/master-keys.ts';
import { createPayloadSealing } from '../platform/payload-codec/index.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import { runProcess, serveHealth } from '../platform/process.ts';
import { createTemporalClient } from '../platform/temporal.ts';
import { followTlsFiles, tlsFilesOf } from '../platform/tls.ts';
import { registerCertificate } from '../platform/tls-metrics.ts';
import { BACK_OFFICE_TASK_QUEUE } from '../workflows/upkeep/upkeep.contract.ts';
import { createWorkerMetrics } from './metrics.ts';
import { startPool, type RunningPool } from './pool.ts';

/**
 * The back office: the relay rings again for what is overdue, another one works off what acquirers tell, the keeper starts what has no run, the
 * sealer follows the ledger, funds become available when they are due, what waits too long for a
 * person is escalated, and the months to come get their partitions. By the calendar (Temporal schedules)
 * keys are rotated, cards that nobody needs destroyed, and the histories of finished payments kept for
 * later than Temporal does.
 */
const config = loadConfig(PROCESS_SETTINGS['back-office']);
const logger = createLogger('back-office', config.logLevel);
const stopTracing = await startTracing({ endpoint: config.otlpEndpoint, service: 'back-office' });

const RELAY_INTERVAL_MS = 1_000;
/** Asking Temporal: at once, and in a second. */
const KEEPER_PACE = { concurrency: 16, perSecond: 200 };

/** An index that holds nothing but what is open, for ten minutes at most. */
const VERIFICATIONS_INTERVAL_MS = 5_000;
/** Of endpoints that are disabled or gone. */
const DELIVERIES_ENDED_AT_ONCE = 500;

/** A look at an index that holds nothing but what waits. */
const FUNDS_INTERVAL_MS = 1_000;
/** Captures read at once, and payments worked on at once. */
const FUNDS_PACE = { page: 500, concurrency: 4 };

/** Transactions of one seal: some 100 ms of the database's time, and 32 bytes each for the verifier. */
const SEAL_BATCH = 5_000;

/** A look at an index that holds nothing but what waits. An item that is worked on is nobody else's for so long. */
const EVENTS_INTERVAL_MS = 250;
const EVENTS_PACE = { page: 100, concurrency: 8, leaseMs: 30_000 };

/** Two indexes that hold nothing but what waits for a person; it waits for hours. */
const ESCALATION_INTERVAL_MS = 10_000;
const ESCALATION_PAGE = 500;

/** Half a year ahead: so long may this job be away before a month has no partition. */
const PARTITIONS = { ahead: 6, intervalMs: 3_600_000 };

/** Keys of one batch, and calls of the key service at once. */
const ROTATION_PACE = { batch: 50, concurrency: 4 };
/** Until the worker of what runs by the calendar is there. */
const UPKEEP_START_INTERVAL_MS = 5_000;
const SCHEDULES_INTERVAL_MS = 60_000;
const DAY_MS = 86_400_000;
/** Visibility is seconds behind; what it tells later than that is found in the overlap. */
const EXPORT_PACE = { settleMs: 60_000, overlapMs: 600_000, concurrency: 8 };

await runProcess(logger, { ...config, last: stopTracing }, async () => {
  armCrashPoints('back-office', config, config.databaseUrl);
  const database = createPool(databaseOptionsOf(config, 'back-office'), logger);
  const metrics = await createWorkerMetrics('back-office');
  registerBacklog(metrics.registry, database, Date.now);
  const payloads = createPayloadSealing(config, database, logger, metrics.registry);
  const temporal = createTemporalClient({
    address: config.temporalAddress,
    namespace: config.temporalNamespace,
    identity: `back-office@${process.pid}`,
    dataConverter: payloads.dataConverter,
    retries: false,
    tracing: config.otlpEndpoint !== null,
  });
  const knock = createKnock(temporal.client);
  const hasOpenRun = createHasOpenRun(temporal.client);
  const { keeperIntervalMs, relayAfterMs, sealIntervalMs } = config;

  const relay = createRelay({
    pool: database,
    knock,
    logger,
    afterMs: relayAfterMs,
    page: 500,
    concurrency: 16,
  });
  const keepPayments = createKeeper({
    rows: pendingPayments(database, knock, keeperIntervalMs),
    hasOpenRun,
    logger,
    event: 'keeper_restarted_payment',
    ...KEEPER_PACE,
  });
  const keepDeliveries = createKeeper({
    rows: retryingDeliveries(database, createDeliveryStarter(temporal.client), keeperIntervalMs),
    hasOpenRun,
    logger,
    event: 'keeper_restarted_delivery',
    ...KEEPER_PACE,
  });

  const keepVerifications = createKeeper({
    rows: pendingVerifications(database, temporal.client, relayAfterMs),
    hasOpenRun,
    logger,
    event: 'keeper_started_verification',
    ...KEEPER_PACE,
  });
  const endDeliveries = createDeliveryEnder({ pool: database, logger, page: DELIVERIES_ENDED_AT_ONCE });

  const seal = createSealer({
    pool: database,
    publisher: createHeadFile(config.sealHeadFile),
    logger,
    batch: SEAL_BATCH,
  });

  const moveFunds = createDueFunds({
    pool: database,
    move: createFundsMover(database),
    logger,
    ...FUNDS_PACE,
  });
  const keepPartitions = createPartitionKeeper({ pool: database, logger, ahead: PARTITIONS.ahead });

  const escalate = createEscalation({ pool: database, logger, page: ESCALATION_PAGE });

  const relayEvents = createEventRelay({
    pool: database,
    readers: EVENT_READERS,
    store: createAttemptStore(database),
    take: (about, told) => takeTold(database, about, told),
    knock,
    logger,
    adoptAfterMs: config.adoptAfterMs,
    ...EVENTS_PACE,
  });

  const tls = await followTlsFiles(tlsFilesOf(config), logger);
  registerCertificate(metrics.registry, tls);
  const vault = createVaultClient({ url: config.vaultUrl, tls });
  const masterKeys = createMasterKeys(kmsOptionsOf(config));
  const query = poolQuery(database);
  const histories = historyStoreOf(config);
  if (histories === null)
    throw new Error(
      `nobody said where histories are exported to: set ${SETTINGS.historyExportBucket.env} or ${SETTINGS.historyExportFolder.env}`,
    );
  const upkeep = createUpkeepActivities({
    rotateVault: (rotation, after) => vault.rekey({ rotation, after }),
    rotatePlatform: createRotate({
      masterKeys,
      records: createRotationRecords(query, 'public'),
      places: platformKeys(query),
      logger,
      ...ROTATION_PACE,
    }),
    retainCards: createCardRetention({
      vault,
      pool: database,
      logger,
      neededMs: config.cardNeededDays * DAY_MS,
    }),
    exportHistories: createHistoryExport({
      client: temporal.client,
      pool: database,
      store: histories,
      logger,
      count: registerExported(metrics.registry),
      ...EXPORT_PACE,
    }),
    logger,
  });

  const stopping = new AbortController();
  const { signal } = stopping;
  // The loops do not wait for Temporal, and neither does what runs by the calendar end them.
  let pool: RunningPool | null = null;
  const startUpkeep = async (): Promise<void> => {
    if (pool !== null) return;
    pool = await startPool({
      address: config.temporalAddress,
      namespace: config.temporalNamespace,
      dataConverter: payloads.dataConverter,
      taskQueue: BACK_OFFICE_TASK_QUEUE,
      deployment: 'back-office',
      registry: metrics.registry,
      activities: upkeep,
      workflows: true,
      slots: { workflowTasks: 2, activities: 4, localActivities: 1 },
      pollers: { workflowTasks: 2, activities: 1 },
      maxCachedWorkflows: 10,
      logger,
      coreMetrics: metrics.coreAddress,
      tracing: config.otlpEndpoint !== null,
      shutdownGraceMs: config.shutdownGraceMs,
    });
  };
  const loops = [
    every({ name: 'relay', intervalMs: RELAY_INTERVAL_MS, signal, logger }, relay),
    every({ name: 'payment_keeper', intervalMs: keeperIntervalMs, signal, logger }, keepPayments),
    every({ name: 'delivery_keeper', intervalMs: keeperIntervalMs, signal, logger }, keepDeliveries),
    every(
      { name: 'verification_keeper', intervalMs: VERIFICATIONS_INTERVAL_MS, signal, logger },
      keepVerifications,
    ),
    every({ name: 'delivery_ender', intervalMs: keeperIntervalMs, signal, logger }, endDeliveries),
    every({ name: 'funds', intervalMs: FUNDS_INTERVAL_MS, signal, logger }, (running) => moveFunds(running)),
    every({ name: 'acquirer_events', intervalMs: EVENTS_INTERVAL_MS, signal, logger }, relayEvents),
    every({ name: 'escalation', intervalMs: ESCALATION_INTERVAL_MS, signal, logger }, escalate),
    every({ name: 'sealer', intervalMs: sealIntervalMs, signal, logger }, seal),
    every({ name: 'upkeep', intervalMs: UPKEEP_START_INTERVAL_MS, signal, logger }, startUpkeep),
    // Again and again: a Temporal that lost its state has lost them, too.
    every({ name: 'schedules', intervalMs: SCHEDULES_INTERVAL_MS, signal, logger }, () =>
      ensureSchedules(temporal.client),
    ),
    every({ name: 'partitions', intervalMs: PARTITIONS.intervalMs, signal, logger }, keepPartitions),
  ];

  // The loops go on through outages of the database and of Temporal: alive is healthy.
  const healthy = () => Promise.resolve(true);
  const closeHealth = await serveHealth(config, healthy, metrics, async () => (await pool?.ready()) === true);
  return {
    healthy,
    async stop() {
      stopping.abort();
      await Promise.all(loops);
      await pool?.stop();
      await closeHealth();
      payloads.close();
      masterKeys.close();
      histories.close();
      tls.close();
      await Promise.all([temporal.close(), vault.close(), database.end()]);
    },
  };
});
