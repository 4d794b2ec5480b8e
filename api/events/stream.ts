import { setTimeout as delay } from 'node:timers/promises';
import type { Credential } from '../auth/api-key.ts';
import { positionText, type EventFeed, type Start } from './feed.ts';

/** Times in ms. */
export interface StreamTimes {
  /** Between two looks for new events: the first after one, and the longest. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
  /** How long nothing may be said. */
  readonly heartbeatMs: number;
  /** After this the stream ends, whole: a reader comes back to whichever process there is. */
  readonly lifetimeMs: number;
}

export const STREAM_TIMES: StreamTimes = {
  pauseMs: 100,
  longestPauseMs: 1_000,
  heartbeatMs: 10_000,
  lifetimeMs: 10 * 60_000,
};

const PAGE = 200;
/** How long a reader waits before it comes back (ms), unless it knows better. */
const RETRY_MS = 1_000;

/**
 * A merchant's events as text/event-stream (WHATWG HTML, 9.2), in the order of the feed. Every message
 * says where the reader stands; it comes back with that as Last-Event-ID and goes on behind it. Ends
 * when `end` is aborted.
 * @param now epoch ms.
 * @throws what the feed throws: the reader sees a stream that is cut off.
 */
export async function* eventStream(
  feed: EventFeed,
  credential: Credential,
  from: Start,
  now: () => number,
  end: AbortSignal,
  { pauseMs, longestPauseMs, heartbeatMs, lifetimeMs }: StreamTimes,
): AsyncGenerator<string, void> {
  const started = performance.now();
  let { position } = from;
  let said = started;
  let pause = pauseMs;
  // A reader that is cut off before anything was read comes back to where it began, in its own words: said
  // anew, an old place would be as young as this moment, and a gap behind it would not be seen.
  yield `retry: ${RETRY_MS}\nid: ${from.said ?? positionText(position, now())}\n\n`;
  while (!end.aborted && performance.now() - started < lifetimeMs) {
    const page = await feed.after(credential, position, PAGE);
    ({ position } = page);
    if (page.events.length > 0) {
      yield page.events
        .map((event) => `id: ${positionText(event.position, now())}\ndata: ${event.body}\n\n`)
        .join('');
      said = performance.now();
      pause = pauseMs;
      continue;
    }
    if (performance.now() - said >= heartbeatMs) {
      yield `: nothing new\nid: ${positionText(position, now())}\n\n`;
      said = performance.now();
    } else {
      // Says nothing, and finds out whether the reader is still there.
      yield '';
    }
    await delay(pause, undefined, { signal: end }).catch(() => undefined);
    pause = Math.min(longestPauseMs, pause * 1.5);
  }
}
