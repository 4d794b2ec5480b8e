import { createAttemptStore } from '../activities/acquirers/attempts.ts';
import { EVENT_READERS } from '../activities/acquirers/event-readers.ts';
import { createEventRelay } from '../activities/acquirers/event-relay.ts';
import { createDueFunds } from '../activities/back-office/due-funds.ts';
import { createHeadFile } from '../activities/back-office/head-file.ts';
import { createKeeper } from '../activities/back-office/keeper.ts';
import { createPartitionKeeper } from '../activities/back-office/partitions.ts';
import { pendingPayments } from '../activities/back-office/pending-payments.ts';
import { createRelay } from '../activities/back-office/relay.ts';
import { retryingDeliveries } from '../activities/back-office/retrying-deliveries.ts';
import { createSealer } from '../activities/back-office/sealer.ts';
import { createHasOpenRun, createKnock } from '../activities/back-office/temporal.ts';
import { createFundsMover } from '../activities/ledger/move-funds.ts';
import { takeTold } from '../activities/ledger/told.ts';
import { createDeliveryStarter } from '../activities/webhooks/start-delivery.ts';
import { loadConfig } from '../platform/config.ts';
import { createPool } from '../platform/database.ts';
import { every } from '../platform/every.ts';
import { createLogger } from '../platform/logger.ts';
import { createPayloadSealing } from '../platform/payload-codec/index.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import { runProcess, serveHealth } from '../platform/process.ts';
import { createTemporalClient } from '../platform/temporal.ts';

/**
 * The back office: the relay rings again for what is overdue, another one works off what acquirers tell, the keeper starts what has no run, the
 * sealer follows the ledger, funds become available when they are due, and the months to come get their
 * partitions.
 */
const config = loadConfig(PROCESS_SETTINGS['back-office']);
const logger = createLogger('back-office', config.logLevel);

const RELAY_INTERVAL_MS = 1_000;
/** Asking Temporal: at once, and in a second. */
const KEEPER_PACE = { concurrency: 16, perSecond: 200 };

/** A look at an index that holds nothing but what waits. */
const FUNDS_INTERVAL_MS = 1_000;
/** Captures read at once, and payments worked on at once. */
const FUNDS_PACE = { page: 500, concurrency: 4 };

/** Transactions of one seal: some 100 ms of the database's time, and 32 bytes each for the verifier. */
const SEAL_BATCH = 5_000;

/** A look at an index that holds nothing but what waits. An item that is worked on is nobody else's for so long. */
const EVENTS_INTERVAL_MS = 250;
const EVENTS_PACE = { page: 100, concurrency: 8, leaseMs: 30_000 };

/** Half a year ahead: so long may this job be away before a month has no partition. */
const PARTITIONS = { ahead: 6, intervalMs: 3_600_000 };

await runProcess(logger, config.shutdownGraceMs, async () => {
  const database = createPool(
    {
      url: config.databaseUrl,
      poolSize: config.databasePoolSize,
      statementTimeoutMs: config.databaseStatementTimeoutMs,
      role: 'back-office',
    },
    logger,
  );
  const payloads = createPayloadSealing(config, database, logger);
  const temporal = createTemporalClient({
    address: config.temporalAddress,
    namespace: config.temporalNamespace,
    identity: `back-office@${process.pid}`,
    dataConverter: payloads.dataConverter,
    retries: false,
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

  const stopping = new AbortController();
  const { signal } = stopping;
  const loops = [
    every({ name: 'relay', intervalMs: RELAY_INTERVAL_MS, signal, logger }, relay),
    every({ name: 'payment_keeper', intervalMs: keeperIntervalMs, signal, logger }, keepPayments),
    every({ name: 'delivery_keeper', intervalMs: keeperIntervalMs, signal, logger }, keepDeliveries),
    every({ name: 'funds', intervalMs: FUNDS_INTERVAL_MS, signal, logger }, (running) => moveFunds(running)),
    every({ name: 'acquirer_events', intervalMs: EVENTS_INTERVAL_MS, signal, logger }, relayEvents),
    every({ name: 'sealer', intervalMs: sealIntervalMs, signal, logger }, seal),
    every({ name: 'partitions', intervalMs: PARTITIONS.intervalMs, signal, logger }, keepPartitions),
  ];

  // The loops go on through outages of the database and of Temporal: alive is healthy.
  const healthy = () => Promise.resolve(true);
  const closeHealth = await serveHealth(config.healthPort, healthy);
  return {
    healthy,
    async stop() {
      stopping.abort();
      await Promise.all(loops);
      await closeHealth();
      payloads.close();
      await Promise.all([temporal.close(), database.end()]);
    },
  };
});
