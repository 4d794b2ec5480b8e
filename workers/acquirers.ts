import { createAdyenActivities, createAdyenClient } from '../activities/acquirers/adyen/index.ts';
import type { CallDependencies } from '../activities/acquirers/calls.ts';
import { createAttemptStore } from '../activities/acquirers/attempts.ts';
import { createHttpConnections } from '../activities/acquirers/http.ts';
import {
  createIso8583Activities,
  createIso8583Verification,
  createLinkPool,
  createStrays,
  readLinkTls,
} from '../activities/acquirers/iso8583/index.ts';
import { createSettlement } from '../activities/acquirers/settle.ts';
import { createVerificationAttemptStore } from '../activities/acquirers/verification-attempts.ts';
import { createStripeActivities, createStripeClient } from '../activities/acquirers/stripe/index.ts';
import { createKnock } from '../activities/back-office/temporal.ts';
import { createCardSource, createVaultClient } from '../activities/vault/index.ts';
import { loadConfig } from '../platform/config.ts';
import { createPool, databaseOptionsOf } from '../platform/database.ts';
import { armCrashPoints } from '../platform/crash-orders.ts';
import { createLogger } from '../platform/logger.ts';
import { startTracing } from '../platform/tracing/start-tracing.ts';
import { createPayloadSealing } from '../platform/payload-codec/index.ts';
import { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import { runProcess, serveHealth } from '../platform/process.ts';
import { createTemporalClient } from '../platform/temporal.ts';
import { ACQUIRER_NAMES_END } from '../vault/contract.ts';
import { unnamedAcquirers } from './acquirer-names.ts';
import { createWorkerMetrics } from './metrics.ts';
import { followTlsFiles, tlsFilesOf } from '../platform/tls.ts';
import { registerCertificate } from '../platform/tls-metrics.ts';
import { ACQUIRER_POOL } from './pool-settings.ts';
import { startPool } from './pool.ts';

/** The acquirer pool: one queue and one set of slots per acquirer. The only worker that sees a card number. */
const config = loadConfig(PROCESS_SETTINGS.acquirers);
const logger = createLogger('acquirers', config.logLevel);
const stopTracing = await startTracing({ endpoint: config.otlpEndpoint, service: 'acquirers' });

/** An outage shorter than this is waited out before anything is sent (ms). */
const LINK_WAIT_MS = 2_000;

await runProcess(logger, { ...config, last: stopTracing }, async () => {
  const metrics = await createWorkerMetrics('acquirers');
  armCrashPoints('acquirers', config, config.databaseUrl);
  const database = createPool(databaseOptionsOf(config, 'acquirers'), logger);
  const tls = await followTlsFiles(tlsFilesOf(config), logger);
  registerCertificate(metrics.registry, tls);
  const serves = [...config.acquirerLinks, ...config.acquirerEndpoints].map(({ acquirer }) => acquirer);
  const lookAtNames = (): void => {
    const unnamed = unnamedAcquirers(tls.current().certificate, serves);
    if (unnamed.length > 0)
      logger.error('acquirer_certificate_lacks_names', {
        acquirers: unnamed,
        certificate: config.tlsCertificateFile,
        meaning: `the vault gives this worker no card for them: issue its certificate with a DNS name <acquirer>${ACQUIRER_NAMES_END} for each`,
      });
  };
  lookAtNames();
  tls.onChange(lookAtNames);
  const vault = createVaultClient({ url: config.vaultUrl, tls });
  const payloads = createPayloadSealing(config, database, logger, metrics.registry);
  const temporal = createTemporalClient({
    address: config.temporalAddress,
    namespace: config.temporalNamespace,
    identity: `acquirers@${process.pid}`,
    dataConverter: payloads.dataConverter,
    retries: false,
    tracing: config.otlpEndpoint !== null,
  });
  const knock = createKnock(temporal.client);
  const cards = createCardSource(vault);
  const shared: CallDependencies = {
    store: createAttemptStore(database),
    cards,
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
  // Files that cannot be used are found at the start, not by the first payment.
  for (const { tls: files } of config.acquirerLinks) if (files !== undefined) await readLinkTls(files);
  const links = new Map(
    config.acquirerLinks.map((link) => [
      link.acquirer,
      createLinkPool({ ...link, logger, onStray: (reply) => void takeStray(link.acquirer, reply) }),
    ]),
  );
  const wire = {
    ...shared,
    poolOf: (acquirer: string) => links.get(acquirer),
    callLimitMs: config.acquirerCallLimitMs,
    linkWaitMs: LINK_WAIT_MS,
  };
  const iso8583 = {
    ...createIso8583Activities(wire),
    ...createIso8583Verification({ ...wire, cards, verifications: createVerificationAttemptStore(database) }),
  };
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
          ...ACQUIRER_POOL,
          slots: { ...ACQUIRER_POOL.slots, activities: config.acquirerCallSlots },
          logger,
          coreMetrics: metrics.coreAddress,
          tracing: config.otlpEndpoint !== null,
          shutdownGraceMs: config.shutdownGraceMs,
        }),
    ),
  );

  const healthy = async (): Promise<boolean> =>
    (await Promise.all(pools.map((pool) => pool.healthy()))).every(Boolean);
  const closeHealth = await serveHealth(config, healthy, metrics);
  return {
    healthy,
    async stop() {
      await Promise.all(pools.map((pool) => pool.stop()));
      await Promise.all([...links.values()].map((link) => link.drain(config.acquirerCallLimitMs)));
      for (const { http } of apis) http.close();
      await closeHealth();
      payloads.close();
      tls.close();
      await Promise.all([temporal.close(), vault.close(), database.end()]);
    },
  };
});
