import { newId } from '../../platform/new-id.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Delivery, DeliveryStore, FailingEndpoint } from './store.ts';

const HOUR_MS = 3_600_000;

/** An endpoint of which every attempt fails is told of after the first, and disabled after the second (ms). */
export const FAILING_LIMITS = { tellAfterMs: 24 * HOUR_MS, disableAfterMs: 5 * 24 * HOUR_MS } as const;

/**
 * Whether something is to be done about an endpoint, as far as this attempt saw it; the database decides,
 * by the same rule and with the row locked. Nobody is disabled who was not told a day before.
 */
export function isDue({ forMs, toldMs }: FailingEndpoint): boolean {
  const { tellAfterMs, disableAfterMs } = FAILING_LIMITS;
  return toldMs === null ? forMs >= tellAfterMs : forMs >= disableAfterMs && toldMs >= tellAfterMs;
}

/**
 * Looks at an endpoint after a failed attempt. Never rejects: what it could not do is due at the next
 * failed attempt as well.
 */
export type JudgeEndpoint = (delivery: Delivery, failing: FailingEndpoint | null) => Promise<void>;

export function createEndpointJudge(store: Pick<DeliveryStore, 'judge'>, logger: Logger): JudgeEndpoint {
  return async ({ merchant, endpoint }, failing) => {
    if (failing === null || !isDue(failing)) return;
    const fields = { merchant, endpoint, failing_hours: Math.floor(failing.forMs / HOUR_MS) };
    try {
      const verdict = await store.judge({ merchant, endpoint }, newId('evt'), FAILING_LIMITS);
      if (verdict === 'told') logger.info('webhook_endpoint_failing', fields);
      if (verdict === 'disabled') logger.warn('webhook_endpoint_disabled', fields);
    } catch (error) {
      logger.warn('webhook_endpoint_not_judged', { ...fields, error });
    }
  };
}
