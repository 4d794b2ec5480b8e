import { Redis } from 'ioredis';
import type { Logger } from './logger.ts';

/**
 * A Redis client that gives up quickly: no money decision rests on Redis, so a caller is told at once
 * that it is gone and falls back. Reconnects in the background, at most every 2 s.
 */
export function createRedis(url: string, logger: Logger): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    commandTimeout: 250,
    retryStrategy: (times) => Math.min(times * 100, 2_000),
  });
  let down = false;
  redis.on('ready', () => {
    if (down) logger.info('redis_back');
    down = false;
  });
  redis.on('error', (error: Error) => {
    if (!down) logger.warn('redis_down', { error: error.message });
    down = true;
  });
  return redis;
}
