import { adyenEventReader } from './adyen/event-reports.ts';
import type { EventReader } from './events.ts';
import { stripeEventReader } from './stripe/event-reports.ts';

/** How the events of each wire are read (acquirers.wire); ISO 8583 hosts send none. */
export const EVENT_READERS: Readonly<Record<string, EventReader>> = {
  adyen: adyenEventReader,
  stripe: stripeEventReader,
};
