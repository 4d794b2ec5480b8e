import { setTimeout as delay } from 'node:timers/promises';
import { AccessTokenError } from './access-token.ts';
import { createCredentials, type CredentialOptions, type Credentials } from './credentials.ts';
import { ConnectionError, isProblem, ProblemError, UnexpectedAnswerError } from './errors.ts';
import { searchOf, type QueryParameters } from './query.ts';
import { isPassing, pauseBefore, retryAfterOf, RETRIES, type RetryPolicy } from './retry.ts';
import type { Outgoing } from './signing.ts';
import type { Problem } from './types.ts';

export type TransportOptions = ConnectionOptions & CredentialOptions;

interface ConnectionOptions {
  /** Of the API, such as https://api.quittance.example; without a path. */
  readonly baseUrl: string;
  /** The dated version that answers are to have; that of the key unless told. */
  readonly version?: string;
  /** For one attempt, answer included (ms); longer than the API waits for an outcome, which is at most 30 s. */
  readonly timeoutMs?: number;
  readonly retries?: Partial<RetryPolicy>;
  /** Told before each repeat: what went wrong, and the pause (ms). */
  readonly onRetry?: (why: string, pauseMs: number) => void;
}

/** What can be said about any request. */
export interface RequestOptions {
  /**
   * Ends the request; what it asked for may have been done. A request with a key, of which something may
   * have been sent, then ends with a ConnectionError that has the key; any other with the signal's reason.
   */
  readonly signal?: AbortSignal | undefined;
}

/** What can be said about a request that changes something. */
export interface ChangeOptions extends RequestOptions {
  /** A new one for each request unless it is given; every repeat of the request has the same. */
  readonly idempotencyKey?: string | undefined;
  /** How long the API may wait for the outcome before it answers 202 (s, at most 30); 0 = not at all. */
  readonly wait?: number | undefined;
}

export interface Request extends ChangeOptions {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: QueryParameters | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** An answer below 400. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  /** The exact text. */
  readonly text: string;
  readonly body: Body;
}

/** Sends requests until they are answered; see {@link createTransport}. */
export type Transport = <Body>(request: Request) => Promise<Answer<Body>>;

/** For one attempt, unless told (ms). */
export const TIMEOUT_MS = 45_000;

/**
 * Sends a request, and again while no answer comes or the answer passes (429, 5xx, 409 with
 * Retry-After): the same bytes under the same key, so that it is done once.
 * @throws ProblemError when the API says no. @throws ConnectionError when no attempt was answered, the
 * caller ended what has a key, or only its repeat was refused (`cause`): the attempt before may have been done.
 * @throws UnexpectedAnswerError when something else answered. @throws AccessTokenError when the OAuth client
 * gets no token.
 */
export function createTransport(
  options: TransportOptions,
  credentials: Credentials = credentialsOf(options),
): Transport {
  const { baseUrl, version, timeoutMs = TIMEOUT_MS, retries = {}, onRetry = () => undefined } = options;
  const policy = { ...RETRIES, ...retries };
  const origin = originOf(baseUrl);

  return async <Body>(request: Request): Promise<Answer<Body>> => {
    const { method, path, query = {}, body, signal, wait } = request;
    const key = method === 'POST' ? (request.idempotencyKey ?? crypto.randomUUID()) : null;
    // Made once: a repeat with other bytes would be another request under the same key.
    const sent = {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(version === undefined ? {} : { 'quittance-version': version }),
        ...(key === null ? {} : { 'idempotency-key': key }),
        ...(wait === undefined ? {} : { prefer: `wait=${wait}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const outgoing = { ...sent, url: `${origin}${path}${searchOf(query)}` };
    const { url } = outgoing;
    let renewed = false;
    /** Of the last attempt that may have been done. */
    let unsettled: Error | null = null;

    signal?.throwIfAborted();
    for (let made = 1; ; made += 1) {
      const outcome = await attempt<Body>(outgoing, credentials, timeoutMs, signal, key);
      if ('answer' in outcome) return outcome.answer;
      // Who it is comes first: nothing was done. Once, for a token that ended sooner than it said.
      if (outcome.status === 401 && !renewed && credentials.renewed(outcome.headers)) {
        renewed = true;
        made -= 1;
        continue;
      }
      // Gone already, by an attempt of ours whose answer was lost.
      if (method === 'DELETE' && unsettled !== null && outcome.status === 404)
        return { status: 204, headers: new Headers(), text: '', body: undefined as Body };
      const pause = outcome.passing ? pauseBefore(policy, made, outcome.retryAfterMs, Math.random()) : null;
      if (pause === null)
        throw key !== null && unsettled !== null && isBeforeItsKey(outcome)
          ? stillUnknown(`${method} ${url}`, key, unsettled, outcome.error)
          : outcome.error;
      if (outcome.maybeDone) unsettled = outcome.error;
      onRetry(outcome.error.message, pause);
      await delay(pause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
      if (signal?.aborted === true) throw endedBy(signal, `${method} ${url}`, key);
    }
  };
}

const originOf = (baseUrl: string): string => baseUrl.replace(/\/+$/, '');

/** What proves the requests of a client: one for all of them, so that they share its access token. */
export function credentialsOf(options: TransportOptions): Credentials {
  return createCredentials(originOf(options.baseUrl), options, options.timeoutMs ?? TIMEOUT_MS);
}

interface Failed {
  readonly error: Error;
  readonly passing: boolean;
  /** What was asked for may have been done by this attempt. */
  readonly maybeDone: boolean;
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  /** Of the attempt. */
  readonly headers: Readonly<Record<string, string>>;
}

async function attempt<Body>(
  outgoing: Outgoing,
  credentials: Credentials,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  key: string | null,
): Promise<{ readonly answer: Answer<Body> } | Failed> {
  const { method, url, body } = outgoing;
  let sent: Record<string, string> = {};
  let response: Response;
  let text: string;
  try {
    sent = await credentials.prove(outgoing);
    const timeout = AbortSignal.timeout(timeoutMs);
    response = await fetch(url, {
      method,
      headers: sent,
      ...(body === undefined ? {} : { body }),
      // Followed, a POST would become a GET elsewhere.
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    text = await response.text();
  } catch (cause) {
    if (signal?.aborted === true) throw endedBy(signal, `${method} ${url}`, key);
    const unanswered = { status: null, retryAfterMs: null, headers: sent };
    if (cause instanceof AccessTokenError)
      return { error: cause, passing: false, maybeDone: false, ...unanswered };
    // Of the access token: the request itself was not sent.
    if (cause instanceof ConnectionError) {
      const error = new ConnectionError(cause.message, key, { cause });
      return { error, passing: true, maybeDone: false, ...unanswered };
    }
    const error = new ConnectionError(
      `${method} ${url} was not answered (${reasonOf(cause)})${key === null ? '' : ': it may have been done; send it again with the same Idempotency-Key'}`,
      key,
      { cause },
    );
    return { error, passing: true, maybeDone: true, ...unanswered };
  }
  const { status, headers } = response;
  const retryAfterMs = retryAfterOf(headers.get('retry-after'), Date.now());
  const media = (headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';
  const parsed = media.endsWith('json') ? parse(text) : undefined;
  if (status < 300 && (parsed !== undefined || status === 204))
    return { answer: { status, headers, text, body: parsed as Body } };
  const error =
    status >= 400 && media === 'application/problem+json' && parsed !== undefined
      ? new ProblemError(parsed as Problem, retryAfterMs, key)
      : new UnexpectedAnswerError(
          status,
          `${method} ${url} was answered ${status} with ${media === '' ? 'no media type' : media}, which is no answer of this API: check its address`,
          key,
        );
  const passing = isPassing(status, retryAfterMs);
  const maybeDone = passing && !isBeforeItsKey({ error, status });
  return { error, passing, maybeDone, status, retryAfterMs, headers: sent };
}

/**
 * Refused by who asks, or by how much is asked: nothing was done by that attempt, and nothing is said of those
 * before it, for their key was not looked at.
 */
function isBeforeItsKey({ error, status }: Pick<Failed, 'error' | 'status'>): boolean {
  return (
    error instanceof AccessTokenError ||
    status === 401 ||
    status === 403 ||
    status === 429 ||
    isProblem(error, 'overloaded')
  );
}

/** A refusal of a repeat is no refusal of what was sent before it. */
function stillUnknown(what: string, key: string, earlier: Error, refusal: Error): ConnectionError {
  return new ConnectionError(
    `${what} may have been done by an earlier attempt (${earlier.message}), and its repeat was refused: ${refusal.message}; send it again later with the same Idempotency-Key`,
    key,
    { cause: refusal },
  );
}

/** What a request ends with that its caller ended when something was sent: its key is how to learn what became of it. */
function endedBy(signal: AbortSignal, what: string, key: string | null): unknown {
  const cause: unknown = signal.reason;
  if (key === null) return cause;
  return new ConnectionError(
    `${what} was ended by its caller (aborted): it may have been done; send it again with the same Idempotency-Key`,
    key,
    { cause },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What fetch wraps is what tells. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? cause.message || cause.name : error.message;
}
