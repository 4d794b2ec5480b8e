import { ApplicationFailure } from '@temporalio/activity';
import type {
  DeliveryRecordActivities,
  DeliveryRef,
  WebhookActivities,
} from '../../workflows/ports/webhooks.ts';
import type { MakeAttempt } from './attempt.ts';
import type { DeliveryStore } from './store.ts';

export interface WebhookActivityDependencies {
  readonly store: DeliveryStore;
  readonly attempt: MakeAttempt;
  /** Attempts of one endpoint at once: a slow one does not use up the slots of the others. */
  readonly attemptsPerEndpoint: number;
}

/** After this an attempt that found its endpoint busy is tried again. */
const BUSY_PAUSE = '5 s';

/** The activities of workflows/ports/webhooks.ts: what follows a first attempt that failed. */
export function createWebhookActivities({
  store,
  attempt,
  attemptsPerEndpoint,
}: WebhookActivityDependencies): WebhookActivities & DeliveryRecordActivities {
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

  return {
    async deliver(ref) {
      const delivery = await store.find(ref);
      if (delivery === null) throw missing(ref);
      if (delivery.state === 'delivered' || delivery.state === 'failed') return { concluded: true };
      return inTurn(delivery.endpoint, async () => {
        const result = await attempt(delivery);
        const { state, attempts } = await store.record(ref, result);
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
      await store.abandon(ref);
    },
  };
}

function missing({ merchant, delivery }: DeliveryRef): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `delivery ${delivery} of ${merchant} does not exist`,
    'DeliveryNotFound',
  );
}
