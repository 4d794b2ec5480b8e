import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

/** What is left in a bucket after it was asked. */
export interface BucketState {
  readonly allowed: boolean;
  /** Calls that may come at once. */
  readonly remaining: number;
  /** Until the bucket is full, or, when it was empty, until there is one again (ms). */
  readonly waitMs: number;
}

export interface TokenBucket {
  /** One round trip to Redis; none while it is gone. Never throws. */
  take(name: string): Promise<BucketState>;
}

/**
 * A bucket holds what comes in a second and fills evenly, by the clock of Redis. KEYS: the bucket.
 * ARGV: calls, (unused), size, seconds in which it fills. Answers what is taken out of it, and ms.
 * One that is full again is no key any more.
 */
const TOKEN_BUCKET = `
  local time = redis.call('time')
  local now = time[1] * 1000 + time[2] / 1000
  local size, fill = tonumber(ARGV[3]), ARGV[4] * 1000
  local kept = redis.call('hmget', KEYS[1], 'tokens', 'at')
  local tokens = size
  if kept[1] then tokens = math.min(size, kept[1] + math.max(0, now - kept[2]) * size / fill) end
  if tokens < tonumber(ARGV[1]) then return {size + 1, math.ceil((ARGV[1] - tokens) * fill / size)} end
  tokens = tokens - ARGV[1]
  redis.call('hset', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.3f', now))
  redis.call('pexpire', KEYS[1], fill)
  return {size - math.floor(tokens), math.ceil((size - tokens) * fill / size)}`;

/** After Redis did not answer it is left alone so long, so that calls do not wait for it one by one. */
const REDIS_PAUSE_MS = 1_000;

class Insurance extends RateLimiterMemory {
  onUse: () => void = () => undefined;
  override consume(...asked: Parameters<RateLimiterMemory['consume']>): Promise<RateLimiterRes> {
    this.onUse();
    return super.consume(...asked);
  }
}

/**
 * Buckets of one size, shared by all processes through Redis. While it is gone each process counts for
 * itself: a merchant then gets as much at each.
 * @param perSecond size of a bucket, and what comes into it in a second.
 */
export function createTokenBucket(redis: Redis, perSecond: number, now: () => number): TokenBucket {
  const own = { keyPrefix: 'rate', points: perSecond, duration: 1 };
  const insurance = new Insurance(own);
  const shared = new RateLimiterRedis({
    ...own,
    storeClient: redis,
    rejectIfRedisNotReady: true,
    customIncrTtlLuaScript: TOKEN_BUCKET,
    insuranceLimiter: insurance,
  });
  let pausedUntil = -Infinity;
  insurance.onUse = () => {
    pausedUntil = now() + REDIS_PAUSE_MS;
  };
  const limiterNow = () => (now() < pausedUntil ? memory : shared);
  // The insurance itself would lengthen the pause with every call.
  const memory = { consume: (name: string) => RateLimiterMemory.prototype.consume.call(insurance, name) };
  return {
    async take(name) {
      try {
        const { remainingPoints, msBeforeNext } = await limiterNow().consume(name);
        return { allowed: true, remaining: remainingPoints, waitMs: msBeforeNext };
      } catch (error) {
        if (error instanceof RateLimiterRes)
          return { allowed: false, remaining: 0, waitMs: error.msBeforeNext };
        throw error;
      }
    },
  };
}
