import {
  ActivityFailure,
  isCancellation,
  log,
  proxyActivities,
  proxyLocalActivities,
  sleep,
} from '@temporalio/workflow';
import type { DeliverResult, DeliveryRecordActivities, WebhookActivities } from '../ports/webhooks.ts';
import { ATTEMPTS_MAX, pauseAfter } from './schedule.ts';
import type { WebhookDeliveryInput } from './webhook-delivery.contract.ts';

/** Database only, idempotent by the delivery's row, tried until it succeeds. */
const record = proxyLocalActivities<DeliveryRecordActivities>({
  startToCloseTimeout: '15 s',
  localRetryThreshold: '10 s',
  retry: { initialInterval: '200 ms', backoffCoefficient: 2, maximumInterval: '30 s' },
});

/**
 * One attempt takes at most 15 s and its record; a lost worker is noticed after 30 s. What keeps an
 * attempt from being made is tried again here, where it costs no history: for about eight hours.
 */
const sending = (summary: string): WebhookActivities =>
  proxyActivities<WebhookActivities>({
    summary,
    startToCloseTimeout: '30 s',
    retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '5 min', maximumAttempts: 100 },
  });

/** Before an attempt that could not even be made is tried again. */
const PAUSE_AFTER_FAILURE = '15 min';

/**
 * A webhook that failed the first time, sent again until the endpoint takes it or the schedule ends.
 * Where it stands is in the delivery's row: a run that is repeated goes on from there, and one that
 * is lost is started again by the keeper.
 */
export async function webhookDelivery(ref: WebhookDeliveryInput): Promise<void> {
  let { concluded, attempts, sinceLastAttemptMs } = await record.deliveryProgress(ref);
  while (!concluded) {
    const pause = pauseAfter(ref.delivery, attempts);
    if (pause === null) return record.abandonDelivery(ref);
    const next = nextAttempt(attempts);
    if (pause > sinceLastAttemptMs)
      await sleep(pause - sinceLastAttemptMs, {
        summary: `${next} in ${inWords(pause - sinceLastAttemptMs)}`,
      });
    const result = await attempt(ref, `${next} of the webhook`);
    if (result === null) {
      // Nothing is known of it: look again.
      await sleep(PAUSE_AFTER_FAILURE, { summary: `${next} could not be made: look again` });
      ({ concluded, attempts, sinceLastAttemptMs } = await record.deliveryProgress(ref));
      continue;
    }
    if (result.concluded) return;
    attempts = result.attempts;
    sinceLastAttemptMs = 0;
  }
}

/** The next attempt in one line, as Temporal Web shows it of the activity and of the timer before it. */
const nextAttempt = (attempts: number): string => `attempt ${attempts + 1} of ${ATTEMPTS_MAX}`;

/** A time for people, in the unit that suits it: `5 s`, `31 min`, `2.1 h`. */
function inWords(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}

/** One attempt; null when it could not be made. */
async function attempt(ref: WebhookDeliveryInput, summary: string): Promise<DeliverResult | null> {
  try {
    return await sending(summary).deliver(ref);
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    log.error('webhook_attempt_not_made', { delivery: ref.delivery, error });
    return null;
  }
}
