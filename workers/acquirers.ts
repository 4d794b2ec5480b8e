import { createAdyenActivities, createAdyenClient } from '../activities/acquirers/adyen/index.ts';
import type { CallDependencies } from '../activities/acquirers/calls.ts';
import { createAttemptStore } from '../activities/acquirers/attempts.ts';
import { createHttpConnections } from '../activities/acquirers/http.ts';
import {
  createIso8583Activities,
  createLinkPool,
  createStrays,
} from '../activities/acquirers/iso8583/index.ts';
import { createSettlement } from '../activities/acquirers/settle.ts';
import { createStripeActivities, createStripeClient } from '../activities/acquirers/stripe/index.ts';
import { createKnock } from '../activities/back-office/temporal.ts';
import { createCardSource, createVaultClient } from '../activities/vault/index.ts';
import { loadConfig } from '../platform/config.ts';
import { createPool, databaseOptionsOf } from '../platform/database.ts';
import { createLogger } from '../platform/logger.ts';
import { createPayloadSealing } from '../platform/payload-codec/index.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import { runProcess, serveHealth } from '../platform/process.ts';
import { createTemporalClient } from '../platform/temporal.ts';
import { startPool } from './pool.ts';

/** The acquirer pool: one queue and one set of slots per acquirer. The only worker that sees a card number. */
const config = loadConfig(PROCESS_SETTINGS.acquirers);
const logger = createLogger('acquirers', config.logLevel);

/** An outage shorter than this is waited out before anything is sent (ms). */
const LINK_WAIT_MS = 2_000;

await runProcess(logger, config.shutdownGraceMs, async () => {
  const database = createPool(databaseOptionsOf(config, 'acquirers'), logger);
  const vault = createVaultClient({ url: config.vaultUrl, secret: config.vaultCallerSecret });
  const payloads = createPayloadSealing(config, database, logger);
  const temporal = createTemporalClient({
    address: config.temporalAddress,
    namespace: config.temporalNamespace,
    identity: `acquirers@${process.pid}`,
    dataConverter: payloads.dataConverter,
    retries: false,
  });
  const knock = createKnock(temporal.client);
  const shared: CallDependencies = {
    store: createAttemptStore(database),
    cards: createCardSource(vault),
    logger,
    // The answer is in the attempt's row; a lost knock only means that the next inquiry finds it.
    onLateReply: (attempt) => {
      knock(attempt).catch((error: unknown) =>
        logger.warn('late_answer_knock_failed', { ...attempt, error }),
      );
    },
  };
  const settlement = createSettlement(shared);
  const takeStray = createStrays({
    pool: database,
    logger,
    async onLate(ref, answer) {
      const attempt = await shared.store.load(ref);
      if (attempt !== null) await settlement.late({ ref, attempt }, answer);
    },
  });
  const links = new Map(
    config.acquirerLinks.map((link) => [
      link.acquirer,
      createLinkPool({ ...link, logger, onStray: (reply) => void takeStray(link.acquirer, reply) }),
    ]),
  );
  const iso8583 = createIso8583Activities({
    ...shared,
    poolOf: (acquirer) => links.get(acquirer),
    callLimitMs: config.acquirerCallLimitMs,
    linkWaitMs: LINK_WAIT_MS,
  });
  const limitMs = config.acquirerCallLimitMs;
  const apis = config.acquirerEndpoints.map(({ acquirer, wire, connections, ...endpoint }) => {
    const http = createHttpConnections(connections);
    switch (wire) {
      case 'stripe': {
        const client = createStripeClient(endpoint, http, limitMs);
        return { acquirer, http, activities: createStripeActivities({ ...shared, client }) };
      }
      case 'adyen': {
        const client = createAdyenClient(endpoint, http, limitMs);
        return { acquirer, http, activities: createAdyenActivities({ ...shared, client }) };
      }
    }
  });

  const pools = await Promise.all(
    [...config.acquirerLinks.map(({ acquirer }) => ({ acquirer, activities: iso8583 })), ...apis].map(
      ({ acquirer, activities }) =>
        startPool({
          address: config.temporalAddress,
          namespace: config.temporalNamespace,
          dataConverter: payloads.dataConverter,
          taskQueue: `acquirer:${acquirer}`,
          activities,
          workflows: false,
          slots: { workflowTasks: 2, activities: config.acquirerCallSlots, localActivities: 1 },
          pollers: { workflowTasks: 2, activities: 4 },
          maxCachedWorkflows: 0,
          logger,
          shutdownGraceMs: config.shutdownGraceMs,
        }),
    ),
  );

  const healthy = async (): Promise<boolean> =>
    (await Promise.all(pools.map((pool) => pool.healthy()))).every(Boolean);
  const closeHealth = await serveHealth(config.healthPort, healthy);
  return {
    healthy,
    async stop() {
      await Promise.all(pools.map((pool) => pool.stop()));
      await Promise.all([...links.values()].map((link) => link.drain(config.acquirerCallLimitMs)));
      for (const { http } of apis) http.close();
      await closeHealth();
      payloads.close();
      await Promise.all([temporal.close(), vault.close(), database.end()]);
    },
  };
});
