import { setTimeout as delay } from 'node:timers/promises';
import { AccessTokenError } from './access-token.ts';
import type { Credentials } from './credentials.ts';
import { ConnectionError, ProblemError, UnexpectedAnswerError } from './errors.ts';
import { isPassing, pauseBefore, retryAfterOf, RETRIES } from './retry.ts';
import { messagesOf } from './server-sent-events.ts';
import type { Event, Problem } from './types.ts';

export interface StreamOptions {
  /** Where to go on: `position` of the last event that was taken, or the id of an event. From now on unless told. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told once of each connection when the stream is open, with the position that it is read from. */
  readonly onOpen?: (position: string) => void;
  /** Told before it is opened again. */
  readonly onRetry?: (why: string, pauseMs: number) => void;
}

/** An event and where it stands: keep the position to go on behind it later. */
export interface StreamedEvent {
  readonly event: Event;
  /** The very bytes of the event, as webhook endpoints are sent them. */
  readonly body: string;
  readonly position: string;
}

interface Source {
  readonly baseUrl: string;
  readonly credentials: Credentials;
}

/** The API says something every 10 s; a connection that is silent for longer than this is dead (ms). */
const SILENCE_MS = 35_000;
/** Under this (ms) an end is a failure. */
const SHORT_MS = 5_000;
const PATIENT = {
  ...RETRIES,
  attempts: Number.POSITIVE_INFINITY,
  longestRetryAfterMs: Number.POSITIVE_INFINITY,
};

/**
 * Events as they happen, each once and in the order in which they were committed: a connection that
 * ends is opened again behind the last event. Goes on until `signal` is aborted.
 * @throws ProblemError when the API says no for good.
 */
export async function* streamEvents(
  { baseUrl, credentials }: Source,
  { after, signal, onOpen = () => undefined, onRetry = () => undefined }: StreamOptions = {},
): AsyncGenerator<StreamedEvent, void> {
  const url = `${baseUrl.replace(/\/+$/, '')}/v1/events/stream`;
  let position = after ?? null;
  let failures = 0;
  let renewed = false;
  while (signal?.aborted !== true) {
    const connection = new AbortController();
    const end = (): void => {
      connection.abort();
    };
    signal?.addEventListener('abort', end, { once: true });
    let silence = setTimeout(end, SILENCE_MS);
    const began = performance.now();
    let failure: Error;
    let retryAfterMs: number | null = null;
    let headers: Record<string, string> = {};
    try {
      headers = await credentials.prove({
        method: 'GET',
        url,
        headers: {
          accept: 'text/event-stream',
          ...(position === null ? {} : { 'last-event-id': position }),
        },
      });
      const response = await fetch(url, {
        headers,
        redirect: 'manual',
        signal: connection.signal,
      });
      if (response.status !== 200 || response.body === null) {
        retryAfterMs = retryAfterOf(response.headers.get('retry-after'), Date.now());
        throw await refusalOf(response, retryAfterMs);
      }
      let told = false;
      for await (const { id, data } of messagesOf(response.body, () => {
        clearTimeout(silence);
        silence = setTimeout(end, SILENCE_MS);
      })) {
        if (!told) onOpen(id ?? position ?? '');
        told = true;
        renewed = false;
        failures = 0;
        if (data !== null) yield { event: JSON.parse(data) as Event, body: data, position: id ?? '' };
        if (id !== null) position = id;
      }
      // A stream has its time, and ends whole; one that ends at once is no stream.
      if (performance.now() - began > SHORT_MS) continue;
      failure = new ConnectionError('the stream ended', null);
    } catch (error) {
      if (error instanceof AccessTokenError) throw error;
      if (error instanceof ProblemError && !isPassing(error.status, retryAfterMs)) {
        // A token that ended sooner than it said: once, another one.
        if (error.status !== 401 || renewed || !credentials.renewed(headers)) throw error;
        renewed = true;
        continue;
      }
      failure = error instanceof Error ? error : new Error(String(error));
    } finally {
      clearTimeout(silence);
      signal?.removeEventListener('abort', end);
      connection.abort();
    }
    if (isAborted(signal)) return;
    failures += 1;
    const pause = pauseBefore(PATIENT, failures, retryAfterMs, Math.random()) ?? RETRIES.longestPauseMs;
    onRetry(failure.message, pause);
    await delay(pause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

async function refusalOf(response: Response, retryAfterMs: number | null): Promise<Error> {
  const text = await response.text();
  const media = response.headers.get('content-type') ?? '';
  return media.startsWith('application/problem+json')
    ? new ProblemError(JSON.parse(text) as Problem, retryAfterMs, null)
    : new UnexpectedAnswerError(response.status, `the stream was answered ${response.status}`, null);
}
