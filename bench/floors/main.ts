/**
 * One process of the floors: the bench starts it with an IPC channel, tells it what it is, and hears when it
 * is ready. It ends with its channel.
 */
import { createPool } from '../../platform/database.ts';
import { createLogger } from '../../platform/logger.ts';
import { createPayloadSealing } from '../../platform/payload-codec/index.ts';
import { createTemporalClient } from '../../platform/temporal.ts';
import { createWorkerMetrics } from '../../workers/metrics.ts';
import { ACQUIRER_POOL, PAYMENTS_POOL } from '../../workers/pool-settings.ts';
import { startPool } from '../../workers/pool.ts';
import { serveFloors } from './api.ts';
import { FLOOR_ACQUIRER_QUEUE, FLOOR_QUEUE, USUAL_QUEUE, type FloorActivities } from './contract.ts';
import type { FloorOrder, FloorReady } from './order.ts';
import { serveReceiver } from './receiver.ts';

const GRACE_MS = 2_000;
const logger = createLogger('bench', 'error');

process.once('message', (order: FloorOrder) => {
  begin(order).then(
    (port) => process.send?.({ port } satisfies FloorReady),
    (error: unknown) => {
      logger.error('floor_failed', { role: order.role, error });
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit(0));

async function begin(order: FloorOrder): Promise<number | null> {
  if (order.role === 'receiver') return serveReceiver();
  const { address, namespace } = order;
  const database = createPool(
    { url: order.databaseUrl, poolSize: 2, statementTimeoutMs: 10_000, role: 'bench' },
    logger,
  );
  // The codec is ours: what goes to Temporal is sealed, in the floors too.
  const { dataConverter } = createPayloadSealing(order.payloads, database, logger);
  const activities: FloorActivities = { step: async (input) => input };
  const shared = {
    address,
    namespace,
    dataConverter,
    activities,
    bundle: order.bundle,
    logger,
    // As ours: the core counts, whoever reads it.
    coreMetrics: (await createWorkerMetrics('bench')).coreAddress,
    shutdownGraceMs: GRACE_MS,
  };
  switch (order.role) {
    case 'api':
      return serveFloors(
        createTemporalClient({
          address,
          namespace,
          dataConverter,
          identity: `bench@${process.pid}`,
          retries: false,
        }),
      );
    case 'payments':
      await startPool({ ...shared, ...PAYMENTS_POOL, taskQueue: FLOOR_QUEUE });
      return null;
    case 'acquirer':
      await startPool({
        ...shared,
        ...ACQUIRER_POOL,
        slots: { ...ACQUIRER_POOL.slots, activities: 200 },
        taskQueue: FLOOR_ACQUIRER_QUEUE,
      });
      return null;
    case 'usual':
      await startPool({
        ...shared,
        ...PAYMENTS_POOL,
        slots: { ...PAYMENTS_POOL.slots, activities: 200 },
        pollers: { ...PAYMENTS_POOL.pollers, activities: ACQUIRER_POOL.pollers.activities },
        taskQueue: USUAL_QUEUE,
      });
      return null;
  }
}
