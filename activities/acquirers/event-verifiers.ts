import { verifyAdyenEvents } from './adyen/events.ts';
import type { VerifyEvents } from './events.ts';
import { verifyStripeEvents } from './stripe/events.ts';

/** How the requests of each wire that sends events are proven; all that the api knows of acquirers. */
export const EVENT_VERIFIERS = {
  adyen: verifyAdyenEvents,
  stripe: verifyStripeEvents,
} as const satisfies Record<string, VerifyEvents>;
