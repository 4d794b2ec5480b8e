import type { Redis } from 'ioredis';

/** Where processes share small texts under keys, each replaced only by who saw it last. */
export interface SharedState {
  /** In the order of the keys; null where there is nothing. */
  get(keys: readonly string[]): Promise<readonly (string | null)[]>;
  /** False when `before` is not there any more. */
  replace(key: string, before: string | null, after: string): Promise<boolean>;
}

const REPLACE = `
  local now = redis.call('get', KEYS[1])
  if (now or '') ~= ARGV[1] then return 0 end
  redis.call('set', KEYS[1], ARGV[2], 'px', ARGV[3])
  return 1`;

/** Shared by all processes with this Redis. Its errors pass through, after the client's command timeout at the latest. */
export function createRedisState(redis: Redis, prefix: string, keepMs: number): SharedState {
  const name = (key: string): string => `${prefix}${key}`;
  return {
    get: (keys) => (keys.length === 0 ? Promise.resolve([]) : redis.mget(keys.map(name))),
    async replace(key, before, after) {
      return (await redis.eval(REPLACE, 1, name(key), before ?? '', after, keepMs)) === 1;
    },
  };
}

/** This process's own. */
export function createLocalState(): SharedState {
  const texts = new Map<string, string>();
  return {
    get: (keys) => Promise.resolve(keys.map((key) => texts.get(key) ?? null)),
    replace(key, before, after) {
      if ((texts.get(key) ?? null) !== before) return Promise.resolve(false);
      texts.set(key, after);
      return Promise.resolve(true);
    },
  };
}
