import { pause } from '../../platform/every.ts';
import type { Logger } from '../../platform/logger.ts';
import { createOutage } from '../../platform/outage.ts';
import { goingOn } from '../../platform/tracing/spans.ts';
import type { MakeAttempt } from './attempt.ts';
import { createEndpointJudge } from './failing.ts';
import { Lanes, type LaneLimits } from './lanes.ts';
import type { StartDelivery } from './start-delivery.ts';
import type { Delivery, DeliveryStore, SendableDelivery } from './store.ts';

export interface DispatcherOptions {
  readonly store: DeliveryStore;
  readonly attempt: MakeAttempt;
  readonly startDelivery: StartDelivery;
  readonly logger: Logger;
  /** How often an idle dispatcher looks (ms); after a full batch it looks at once. */
  readonly intervalMs: number;
  /** Deliveries claimed at once. */
  readonly batch: number;
  /** A claimed delivery is this dispatcher's for so long (ms); then anybody may take it over. */
  readonly leaseMs: number;
  /** The longest that an attempt and its record take (ms): what has less left of its lease is not begun. */
  readonly attemptMs: number;
  /** What could not be attempted (no key service) is claimed again after this (ms). */
  readonly postponeMs: number;
  /** Lanes are endpoints. */
  readonly lanes: LaneLimits;
}

export interface Dispatcher {
  /**
   * Makes the first attempt of every committed delivery until the signal comes; then claims nothing
   * more, gives back what it has not begun, and resolves when what it has begun is recorded.
   */
  run(signal: AbortSignal): Promise<void>;
}

/** After this it is looked at again whose turn it is (ms). */
const TURN_PAUSE_MS = 1_000;

interface Claimed {
  readonly delivery: Delivery;
  /** Monotonic ms after which another dispatcher could be at it before this one is done. */
  readonly beginBy: number;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { store, attempt, startDelivery, logger, intervalMs, batch, leaseMs, attemptMs, postponeMs } =
    options;
  const judge = createEndpointJudge(store, logger);
  const claiming = createOutage('webhook_claim', logger);
  const attempting = createOutage('webhook_attempt', logger);
  const starting = createOutage('webhook_workflow_start', logger);

  /** First attempt and its record. True when its workflow is to go on with it. */
  async function firstAttempt(delivery: SendableDelivery): Promise<boolean> {
    const result = await attempt(delivery).catch(async (error: unknown) => {
      await store.postpone([delivery], postponeMs);
      throw error;
    });
    const { state, attempts, failing } = await store.record(delivery, result);
    await judge(delivery, failing);
    if (!result.delivered) {
      const { endpoint, event } = delivery;
      const { error, responseStatus } = result;
      logger.info('webhook_not_delivered', {
        delivery: delivery.delivery,
        endpoint,
        event_id: event,
        attempts,
        status: responseStatus,
        reason: error,
      });
    }
    return state === 'retrying';
  }

  /** First attempt, its record, and the workflow that goes on if it failed. Never rejects. */
  async function dispatch({ delivery, beginBy }: Claimed): Promise<void> {
    try {
      if (performance.now() > beginBy) {
        await store.postpone([delivery], 0);
        return;
      }
      if (delivery.target === null) {
        await store.end(delivery);
        // One that was enabled meanwhile is claimed again.
        await store.postpone([delivery], 0);
        return;
      }
      // Another event of its payment is being sent now: that is over soon.
      if (delivery.behind === 'pending') {
        await store.postpone([delivery], TURN_PAUSE_MS);
        return;
      }
      // Behind one that failed it waits in a workflow of its own, where it takes nobody's place.
      const goesOn =
        delivery.behind === 'retrying' ? await store.defer(delivery) : await firstAttempt(delivery);
      attempting.worked();
      if (!goesOn) return;
    } catch (error) {
      // The lease runs out, and somebody takes it up again.
      attempting.failed(error);
      return;
    }
    try {
      await startDelivery({ merchant: delivery.merchant, delivery: delivery.delivery });
      starting.worked();
    } catch (error) {
      // It is `retrying` in the database: the keeper starts it.
      starting.failed(error);
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    const lanes = new Lanes<Claimed>(options.lanes);
    const atWork = new Set<Promise<void>>();
    let heldBack: readonly string[] = [];
    let wake = (): void => undefined;

    function begin(): void {
      while (!signal.aborted) {
        const next = lanes.take();
        if (next === null) return;
        const { key, work } = next;
        const { traceparent } = work.delivery;
        // A part of what it tells of, and not of whatever made room for it.
        const working = goingOn(traceparent === null ? {} : { traceparent }, () => dispatch(work)).finally(
          () => {
            atWork.delete(working);
            lanes.done(key);
            begin();
            // A lane that was passed over can take more: look now, not at the next interval.
            if (heldBack.length > 0 && !heldBack.some((held) => lanes.full.includes(held))) wake();
          },
        );
        atWork.add(working);
      }
    }

    /** Claims what there is room for; true when there may be more. */
    async function claim(): Promise<boolean> {
      const limit = Math.min(batch, lanes.room);
      if (limit === 0) return false;
      const full = lanes.full;
      const beginBy = performance.now() + leaseMs - attemptMs;
      const claimed = await store.claim({ limit, leaseMs, except: full });
      const surplus = claimed.filter((delivery) => !lanes.offer(delivery.endpoint, { delivery, beginBy }));
      heldBack = lanes.full;
      begin();
      await store.postpone(surplus, 0);
      return claimed.length === limit;
    }

    while (!signal.aborted) {
      const more = await claim().then(
        (result) => {
          claiming.worked();
          return result;
        },
        (error: unknown) => {
          claiming.failed(error);
          return false;
        },
      );
      if (!more)
        await Promise.race([
          pause(intervalMs, signal),
          new Promise<void>((resolve) => {
            wake = resolve;
          }),
        ]);
    }

    const unbegun = lanes.drain().map(({ delivery }) => delivery);
    await store.postpone(unbegun, 0).catch((error: unknown) => {
      claiming.failed(error);
    });
    while (atWork.size > 0) await Promise.all(atWork);
  }

  return { run };
}
