import { idFloor } from '../lists/id-floor.ts';
import { Problem } from '../problem.ts';

/** How long events are told: from their own time on, by their ids. */
export interface EventRetention {
  readonly eventRetentionDays: number;
  /** Epoch ms. */
  readonly now: () => number;
}

const DAY_MS = 86_400_000;

/** No event that is still told has an id that sorts before this. */
export function oldestEvent({ eventRetentionDays, now }: EventRetention): string {
  return idFloor('evt', now() - eventRetentionDays * DAY_MS);
}

/**
 * Whether an event, by its id alone, is older than events are told: the answer is the same while its month
 * is still in the database, when it is archived, and where there never was such an event.
 */
export function isExpired(event: string, retention: EventRetention): boolean {
  return event < oldestEvent(retention);
}

/** @throws Problem `event_expired` */
export function refuseExpired(event: string, retention: EventRetention): void {
  if (!isExpired(event, retention)) return;
  throw new Problem(
    'event_expired',
    `${event} is older than ${retention.eventRetentionDays} days, and events are told for as long as that: ask for what it was about`,
  );
}
