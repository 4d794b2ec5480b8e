import type { Redis } from 'ioredis';
import type { KeyHolder } from '../auth/api-key.ts';
import { Problem } from '../problem.ts';
import { createSlots } from '../slots.ts';
import type { CallClass } from './load.ts';
import { TIERS, type Tier } from './tiers.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

export interface LimitsOptions {
  readonly redis: Redis;
  /** Calls of one merchant and class in a second, on the standard tier. */
  readonly perSecond: number;
  /** Calls of one merchant under way at once in this process, on the standard tier. */
  readonly atOnce: number;
  /** Monotonic, in ms. */
  readonly now: () => number;
}

export type LimitHeaders = Readonly<Record<string, string>>;

/** What a merchant may ask, and how much of it at once. */
export interface Limits {
  /** @throws Problem `rate_limited` with when to come again. */
  rate(holder: Pick<KeyHolder, 'merchant' | 'mode' | 'tier'>, kind: CallClass): Promise<LimitHeaders>;
  /**
   * Takes one of the merchant's places in this process, and answers how to give it back.
   * @throws Problem `too_many_at_once`
   */
  place(holder: Pick<KeyHolder, 'merchant' | 'tier'>): () => void;
}

const AT_ONCE_RETRY_S = '1';

export function createLimits({ redis, perSecond, atOnce, now }: LimitsOptions): Limits {
  const bucketOf = (tier: Tier): TokenBucket => createTokenBucket(redis, perSecond * TIERS[tier], now);
  const buckets = {
    standard: bucketOf('standard'),
    plus: bucketOf('plus'),
    high: bucketOf('high'),
  } as const satisfies Record<Tier, TokenBucket>;
  const places = createSlots({
    perMerchant: atOnce,
    // All merchants together: see load.ts.
    perProcess: Infinity,
    refuse: (_own, most) =>
      new Problem(
        'too_many_at_once',
        `${most} calls with keys of this merchant are under way: wait for one to be answered, then send this again`,
        { headers: { 'retry-after': AT_ONCE_RETRY_S } },
      ),
  });

  return {
    async rate({ merchant, mode, tier }, kind) {
      const quota = perSecond * TIERS[tier];
      // Another tier, another bucket: a merchant that is given more does not begin with what it has used up.
      const { allowed, remaining, waitMs } = await buckets[tier].take(`${tier}:${kind}:${mode}:${merchant}`);
      const seconds = Math.ceil(waitMs / 1_000);
      const headers = {
        'ratelimit-policy': `"${kind}";q=${quota};w=1`,
        ratelimit: `"${kind}";r=${remaining};t=${seconds}`,
      };
      if (allowed) return headers;
      throw new Problem(
        'rate_limited',
        `more than ${quota} ${kind} calls a second came with keys of this merchant: send it again in ${Math.max(1, seconds)} s, with the same Idempotency-Key`,
        { headers: { ...headers, 'retry-after': String(Math.max(1, seconds)) } },
      );
    },
    place({ merchant, tier }) {
      return places.take(merchant, atOnce * TIERS[tier]);
    },
  };
}
