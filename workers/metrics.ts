import { createServer } from 'node:net';
import { fetch } from 'undici';
import { createMetrics, type Metrics } from '../platform/metrics.ts';

/** The metrics of one worker process. */
export interface WorkerMetrics extends Metrics {
  /** Where the Temporal core of this process shows its own, for this process alone: host:port. */
  readonly coreAddress: string;
}

/** Reading from the core of the same process. */
const CORE_LIMIT_MS = 2_000;

/**
 * Ours and those of the Temporal core (slots, pollers, schedule-to-start, failed workflow tasks by
 * reason, sticky cache), which listens only on a port of its own: both on one page.
 */
export async function createWorkerMetrics(service: string): Promise<WorkerMetrics> {
  const metrics = createMetrics(service);
  const coreAddress = `127.0.0.1:${await freePort()}`;
  metrics.also(async () => {
    const answer = await fetch(`http://${coreAddress}/metrics`, {
      signal: AbortSignal.timeout(CORE_LIMIT_MS),
    });
    return answer.ok ? answer.text() : '';
  });
  return { ...metrics, coreAddress };
}

/** Nobody else can take it within the moment until the core listens, but by chance: then this process starts again. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return address.port;
}
