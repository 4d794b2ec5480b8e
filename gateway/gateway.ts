import type { Config } from '../platform/config.ts';
import { createPool, databaseOptionsOf } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import { createPayloadSealing } from '../platform/payload-codec/index.ts';
import type { PROCESS_SETTINGS } from '../platform/process-settings.ts';
import { serveHealth, type RunningProcess } from '../platform/process.ts';
import { createApp } from './app.ts';
import { createAudit } from './audit.ts';
import { createCodecServer } from './codec-server.ts';
import { createDesk } from './desk/desk.ts';
import { createDoorbell } from './desk/doorbell.ts';
import { createDeskStore } from './desk/store.ts';
import { createLogIn } from './login.ts';
import { createVisitMetrics } from './metrics.ts';
import { listen } from './server.ts';
import { createSessions } from './sessions.ts';
import { createTemporalWeb } from './temporal-web.ts';

/** Starts the operator gateway. It listens also while PostgreSQL, the key service or Temporal Web is away. */
export async function startGateway(
  config: Config<(typeof PROCESS_SETTINGS.gateway)[number]>,
  logger: Logger,
  now: () => number = Date.now,
): Promise<RunningProcess> {
  const pool = createPool(databaseOptionsOf(config, 'gateway'), logger);
  const metrics = createMetrics('gateway');
  const payloads = createPayloadSealing(config, pool, logger, metrics.registry);
  const web = createTemporalWeb(config.temporalWebUrl);
  const audit = createAudit(pool);
  const sessions = createSessions({
    pool,
    secret: config.gatewaySecret,
    lifeMs: config.gatewaySessionMs,
    now,
  });
  const store = createDeskStore(pool);
  const { temporalNamespace: namespace } = config;
  const doorbell = createDoorbell({ keyring: payloads.keyring, web, namespace, store, logger });
  const healthy = async (): Promise<boolean> => (await pool.query('select')).rowCount === 1;

  const app = createApp({
    origin: config.gatewayOrigin,
    namespace,
    sessionMs: config.gatewaySessionMs,
    trustedProxies: config.gatewayTrustedProxies,
    audit,
    sessions,
    logIn: createLogIn({ pool, audit, sessions }),
    codec: createCodecServer(payloads.keyring, audit),
    desk: createDesk({ store, doorbell, audit }),
    doorbell,
    web,
    logger,
    count: createVisitMetrics(metrics.registry),
    healthy,
    now,
  });
  // Where no operator's browser comes.
  const { healthHost, metricsPort: healthPort } = config;
  const closeMetrics =
    healthPort === null ? async () => {} : await serveHealth({ healthHost, healthPort }, healthy, metrics);
  const server = await listen(app, config.gatewayPort, config.listenHost);
  logger.info('gateway_listening', { port: server.port });

  return {
    healthy,
    async stop() {
      web.leave();
      await server.close(config.shutdownGraceMs);
      await closeMetrics();
      await web.close();
      payloads.close();
      await pool.end();
    },
  };
}
