import { ApplicationFailure } from '@temporalio/activity';
import type {
  DeliveryRecordActivities,
  DeliveryRef,
  WebhookActivities,
} from '../../workflows/ports/webhooks.ts';
import type { Logger } from '../../platform/logger.ts';
import type { MakeAttempt } from './attempt.ts';
import { createEndpointJudge } from './failing.ts';
import type { DeliveryStore, SendableDelivery } from './store.ts';

export interface WebhookActivityDependencies {
  readonly store: DeliveryStore;
  readonly attempt: MakeAttempt;
  readonly logger: Logger;
  /** Attempts of one endpoint at once: a slow one does not use up the slots of the others. */
  readonly attemptsPerEndpoint: number;
  /** Told of each delivery that failed for good. */
  readonly onFailed: () => void;
}

/** After this an attempt that found its endpoint busy is tried again. */
const BUSY_PAUSE = '5 s';
/** And one that is behind another event of its payment. */
const TURN_PAUSE = '30 s';

/** The activities of workflows/ports/webhooks.ts: what follows a first attempt that failed. */
export function createWebhookActivities({
  store,
  attempt,
  logger,
  attemptsPerEndpoint,
  onFailed,
}: WebhookActivityDependencies): WebhookActivities & DeliveryRecordActivities {
  const judge = createEndpointJudge(store, logger);
  const running = new Map<string, number>();

  async function inTurn<T>(endpoint: string, work: () => Promise<T>): Promise<T> {
    const before = running.get(endpoint) ?? 0;
    if (before >= attemptsPerEndpoint) {
      throw ApplicationFailure.create({
        type: 'EndpointBusy',
        message: `endpoint ${endpoint} has ${before} attempts under way: this one waits`,
        nextRetryDelay: BUSY_PAUSE,
      });
    }
    running.set(endpoint, before + 1);
    try {
      return await work();
    } finally {
      const now = (running.get(endpoint) ?? 1) - 1;
      if (now === 0) running.delete(endpoint);
      else running.set(endpoint, now);
    }
  }

  /** What is to be sent; null when nothing is any more. One whose endpoint is disabled or gone ends here. */
  async function sendable(ref: DeliveryRef): Promise<SendableDelivery | null> {
    for (;;) {
      const delivery = await store.find(ref);
      if (delivery === null) throw missing(ref);
      if (delivery.state !== 'pending' && delivery.state !== 'retrying') return null;
      if (delivery.target !== null && delivery.behind === null) return delivery;
      if (delivery.target !== null)
        throw ApplicationFailure.create({
          type: 'DeliveryOutOfTurn',
          message: `${ref.delivery} waits: an event of the same payment that comes before it is ${delivery.behind}`,
          nextRetryDelay: TURN_PAUSE,
        });
      // Where it is enabled meanwhile it stays open: look again.
      await store.end(ref);
    }
  }

  return {
    async deliver(ref) {
      const delivery = await sendable(ref);
      if (delivery === null) return { concluded: true };
      return inTurn(delivery.endpoint, async () => {
        const result = await attempt(delivery);
        const { state, attempts, failing } = await store.record(ref, result);
        await judge(delivery, failing);
        if (state === 'delivered') return { concluded: true };
        return { concluded: false, attempts, reason: result.error ?? 'not delivered' };
      });
    },

    async deliveryProgress(ref) {
      const progress = await store.progress(ref);
      if (progress === null) throw missing(ref);
      return progress;
    },

    async abandonDelivery(ref) {
      if (await store.abandon(ref)) onFailed();
    },
  };
}

function missing({ merchant, delivery }: DeliveryRef): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `delivery ${delivery} of ${merchant} does not exist`,
    'DeliveryNotFound',
  );
}
