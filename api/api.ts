import { setMaxListeners } from 'node:events';
import { EVENT_VERIFIERS } from '../activities/acquirers/event-verifiers.ts';
import type { Config } from '../platform/config.ts';
import { createPool } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import { createPayloadSealing } from '../platform/payload-codec/index.ts';
import type { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import type { RunningProcess } from '../platform/process.ts';
import { createTemporalClient } from '../platform/temporal.ts';
import { createApp } from './app.ts';
import { createRing } from './ring.ts';
import { listen } from './server.ts';
import { createVaultStage } from './vault.ts';

/** Of the grace, left for writing the last answers (ms). */
const LAST_ANSWERS_MS = 2_000;

/** Starts the merchant API. It listens also while PostgreSQL, Temporal or the vault is away. */
export async function startApi(
  config: Config<(typeof PROCESS_SETTINGS.api)[number]>,
  logger: Logger,
): Promise<RunningProcess> {
  const pool = createPool(
    {
      url: config.databaseUrl,
      poolSize: config.databasePoolSize,
      statementTimeoutMs: config.databaseStatementTimeoutMs,
      role: 'api',
    },
    logger,
  );
  const payloads = createPayloadSealing(config, pool, logger);
  const temporal = createTemporalClient({
    address: config.temporalAddress,
    namespace: config.temporalNamespace,
    identity: `api@${process.pid}`,
    dataConverter: payloads.dataConverter,
    retries: false,
  });
  const vault = createVaultStage({ url: config.vaultUrl, secret: config.vaultCallerSecret });
  const leaving = new AbortController();
  // One listener for each request that waits.
  setMaxListeners(0, leaving.signal);
  const healthy = async (): Promise<boolean> => (await pool.query('select')).rowCount === 1;

  const app = createApp({
    database: pool,
    vault,
    ring: createRing(temporal, logger),
    hurry: leaving.signal,
    fingerprintSecret: config.fingerprintSecret,
    waitMs: config.apiWaitMs,
    now: Date.now,
    logger,
    healthy,
    eventSources: new Map(
      config.acquirerEventSecrets.map(({ acquirer, wire, secrets }) => [
        acquirer,
        { verify: EVENT_VERIFIERS[wire], secrets },
      ]),
    ),
  });
  const server = await listen(app, config.apiPort, config.listenHost);
  logger.info('api_listening', { port: server.port });

  return {
    healthy,
    async stop() {
      const patience = setTimeout(
        () => {
          leaving.abort();
        },
        Math.max(0, config.shutdownGraceMs - LAST_ANSWERS_MS),
      );
      await server.close(config.shutdownGraceMs);
      clearTimeout(patience);
      await Promise.allSettled([temporal.close(), vault.close()]);
      payloads.close();
      await pool.end();
    },
  };
}
