import { Redis } from 'ioredis';
import { BREAKER_PREFIX } from '../activities/routing/breakers.ts';
import type { RunFile } from './run-file.ts';

/** Takes back what the simulators were told to do wrong and have not done. */
export async function clearFaults({ acquirers }: Pick<RunFile, 'acquirers'>): Promise<void> {
  for (const { control } of acquirers)
    await fetch(`${control}/faults`, { method: 'DELETE', signal: AbortSignal.timeout(5_000) });
}

/**
 * Closes the breaker of that acquirer, or all of them, as if nothing had gone wrong there: workers keep them
 * nowhere else, but for the time in which Redis does not answer.
 */
export async function closeBreakers({ redis: url }: Pick<RunFile, 'redis'>, acquirer = '*'): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    const keys = await redis.keys(`${BREAKER_PREFIX}${acquirer}`);
    if (keys.length > 0) await redis.del(keys);
  } finally {
    redis.disconnect();
  }
}
