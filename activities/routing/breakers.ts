import { z } from 'zod';
import type { Logger } from '../../platform/logger.ts';
import {
  BREAKER_OPTIONS,
  breakerAfter,
  breakerView,
  CLOSED,
  takeProbe,
  type BreakerOptions,
  type BreakerState,
  type BreakerView,
  type EndedCall,
} from '../../workflows/domain/route/breaker.ts';
import { createLocalState, type SharedState } from './shared-state.ts';

export interface BreakerDependencies {
  /** Where the processes share their breakers. When it fails each goes on with its own. */
  readonly shared: SharedState;
  readonly logger: Logger;
  /** Epoch ms. */
  readonly now?: () => number;
  readonly options?: BreakerOptions;
}

/** One circuit breaker an acquirer (workflows/domain/route/breaker.ts). None of these throws. */
export interface Breakers {
  view(acquirers: readonly string[]): Promise<ReadonlyMap<string, BreakerView>>;
  /** Lets a probe through a half-open breaker; false when another was faster. */
  takeProbe(acquirer: string): Promise<boolean>;
  report(acquirer: string, call: EndedCall): Promise<void>;
}

/** Where the breakers are in Redis. */
export const BREAKER_PREFIX = 'route:breaker:';

/** How often a change is tried that others made first. Losing one count of many changes nothing. */
const REPLACE_LIMIT = 5;
/** After the shared place failed it is left alone for so long (ms): a hanging Redis costs one timeout, not one a payment. */
const SHARED_PAUSE_MS = 1_000;

export function createBreakers({
  shared,
  logger,
  now = Date.now,
  options = BREAKER_OPTIONS,
}: BreakerDependencies): Breakers {
  const local = createLocalState();
  let sharedAgainAt = 0;

  async function inState<T>(run: (state: SharedState) => Promise<T>): Promise<T> {
    if (now() >= sharedAgainAt) {
      try {
        return await run(shared);
      } catch (error) {
        sharedAgainAt = now() + SHARED_PAUSE_MS;
        logger.warn('breakers_not_shared', { error });
      }
    }
    return run(local);
  }

  /** The state before and after; null when it stays, or when others were faster each time. */
  async function change(
    acquirer: string,
    next: (state: BreakerState) => BreakerState | null,
  ): Promise<{ readonly before: BreakerState; readonly after: BreakerState } | null> {
    return inState(async (state) => {
      for (let tries = 0; tries < REPLACE_LIMIT; tries += 1) {
        const [text = null] = await state.get([acquirer]);
        const before = parseBreaker(text);
        const after = next(before);
        if (after === null || after === before) return null;
        if (await state.replace(acquirer, text, JSON.stringify(after))) return { before, after };
      }
      return null;
    });
  }

  return {
    async view(acquirers) {
      const texts = await inState((state) => state.get(acquirers));
      return new Map(
        acquirers.map((acquirer, place) => [
          acquirer,
          breakerView(parseBreaker(texts[place] ?? null), now(), options),
        ]),
      );
    },

    takeProbe: async (acquirer) =>
      (await change(acquirer, (state) => takeProbe(state, now(), options))) !== null,

    async report(acquirer, call) {
      const changed = await change(acquirer, (state) => breakerAfter(state, call, now(), options));
      if (changed === null) return;
      const { before, after } = changed;
      if (after.state === 'open' && (before.state !== 'open' || before.since !== after.since)) {
        logger.warn('breaker_opened', {
          acquirer,
          reason: after.reason,
          open_ms: (after.until ?? 0) - after.since,
        });
      }
      if (after.state === 'closed' && before.state !== 'closed') logger.info('breaker_closed', { acquirer });
    },
  };
}

const count = z.int().nonnegative();

const breakerSchema = z.object({
  state: z.enum(['closed', 'open', 'half_open']),
  since: z.number(),
  until: z.number().nullable(),
  reason: z.string().nullable(),
  opened: count,
  streak: count,
  slices: z.array(z.tuple([z.int(), count, count])),
  probes: z.array(z.number()),
  wellProbes: count,
}) satisfies z.ZodType<BreakerState>;

/**
 * Our own text; whatever else is there counts as a breaker that has seen nothing, and is written over
 * with the next change. What does not throw here must not throw later: nobody would replace it.
 */
export function parseBreaker(text: string | null): BreakerState {
  if (text === null) return CLOSED;
  try {
    return breakerSchema.parse(JSON.parse(text));
  } catch {
    return CLOSED;
  }
}
