import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { inSpan, traceCarrier } from './tracing/spans.ts';
import { TLS_VERSION, uriOf, type TlsSource } from './tls.ts';

/** How a service of ours says no; every answer that is not 2xx has this body. */
export interface ServiceProblem {
  readonly error: {
    readonly code: string;
    /** Never holds what was sent. */
    readonly message: string;
    /** True when the same request may succeed later, unchanged. */
    readonly retryable: boolean;
    /** Of a 429: that the caller itself asks too much, not somebody for whom it asks. */
    readonly ofCaller?: true;
  };
}

/** The service does what is asked of it (429), but not now: too much of it was, for whoever it is asked. */
export interface TooMany {
  /** As the service says (s); 1 where it does not. */
  readonly retryAfterS: number;
}

export interface JsonClientOptions {
  /** Origin of the service. */
  readonly url: string;
  /** Who this process is, and whom the service must be; left out, the service is spoken to in the clear. */
  readonly tls?: {
    readonly source: TlsSource;
    /** The URI in the service's certificate. Its address is not looked at: it may be behind any. */
    readonly server: string;
  };
  /** Sockets kept open at most; requests beyond wait within their time limit. */
  readonly connections: number;
  /** From the call to the whole answer, waiting for a socket included (ms). */
  readonly timeoutMs: number;
  /**
   * No answer, a half one, or one that says "later": then `tooMany` says whether because too much was asked; not by
   * this caller as such: that is as if the service were away.
   */
  readonly unavailable: (message: string, cause: unknown, tooMany: TooMany | null) => Error;
  /** An answer that asking again will not change. */
  readonly refused: (status: number, code: string, message: string) => Error;
}

/**
 * POSTs JSON to one service over kept-alive sockets, with the trace that is under way (`traceparent`). For requests that may be repeated (all of ours may).
 * Once the certificate was renewed, new sockets use the new one; those under way finish on the old.
 */
export interface JsonClient {
  /** Throws only what `unavailable` and `refused` make; neither carries the body that was sent. */
  post(path: string, body: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** Handshakes included: after a restart a busy machine makes dozens of them at once. */
const CONNECT_LIMIT_MS = 4_000;
/** Below the server's own limit for idle sockets, so that it is we who close them. */
const IDLE_LIMIT_MS = 30_000;
const ANSWER_BYTES_MAX = 64 * 1_024;
/** A kept-alive socket may have been closed by a restart without our knowing: one more try, on a new one. */
const TRIES = 2;
const TRY_PAUSE_MS = 25;
const SOCKET_ERRORS = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

interface Answer {
  readonly status: number;
  readonly retryAfterS: number;
  readonly text: string;
}

export function createJsonClient(options: JsonClientOptions): JsonClient {
  const newPool = (): Pool =>
    new Pool(new URL(options.url).origin, {
      connections: options.connections,
      pipelining: 1,
      connect: { timeout: CONNECT_LIMIT_MS, ...tlsOptions(options.tls) },
      keepAliveTimeout: IDLE_LIMIT_MS,
      keepAliveMaxTimeout: IDLE_LIMIT_MS,
      headersTimeout: options.timeoutMs,
      bodyTimeout: options.timeoutMs,
      maxResponseSize: ANSWER_BYTES_MAX,
    });
  let pool = newPool();
  const draining = new Set<Promise<void>>();
  let closed = false;
  options.tls?.source.onChange(() => {
    if (closed) return;
    const old = pool;
    pool = newPool();
    const drained = old
      .close()
      .catch(() => undefined)
      .then(() => void draining.delete(drained));
    draining.add(drained);
  });

  async function once(path: string, body: string, signal: AbortSignal): Promise<Answer> {
    const headers = { ...traceCarrier(), 'content-type': 'application/json' };
    const answer = await pool.request({ method: 'POST', path, headers, body, signal });
    const { 'retry-after': retryAfter } = answer.headers;
    return {
      status: answer.statusCode,
      retryAfterS: Number(/^\d{1,6}$/.exec(String(retryAfter))?.[0] ?? 1),
      text: await answer.body.text(),
    };
  }

  async function withRetry(path: string, body: string): Promise<Answer> {
    const signal = AbortSignal.timeout(options.timeoutMs);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(path, body, signal);
      } catch (error) {
        if (attempt >= TRIES || !SOCKET_ERRORS.has(codeOf(error))) {
          throw options.unavailable(`no answer from ${options.url}${path}: ${codeOf(error)}`, error, null);
        }
        await delay(TRY_PAUSE_MS);
      }
    }
  }

  return {
    async post(path, body) {
      const { status, retryAfterS, text } = await inSpan(
        { name: `call ${path}`, kind: 'client', attributes: { 'url.path': path } },
        () => withRetry(path, JSON.stringify(body)),
      );
      const answer = parse(text);
      if (status >= 200 && status < 300 && answer !== undefined) return answer;
      const problem = problemOf(answer);
      if (problem === null || problem.retryable) {
        throw options.unavailable(
          `${options.url}${path} answered ${status}: ${problem?.message ?? 'not our JSON'}`,
          null,
          status === 429 && problem !== null && problem.ofCaller !== true ? { retryAfterS } : null,
        );
      }
      throw options.refused(status, problem.code, problem.message);
    },
    async close() {
      closed = true;
      await Promise.all([pool.close(), ...draining]);
    },
  };
}

/** TLS 1.3, both sides with certificates, no resumption: every socket proves both sides anew. */
function tlsOptions(tls: JsonClientOptions['tls']) {
  if (tls === undefined) return {};
  const { certificate, key, authority } = tls.source.current();
  return {
    cert: certificate,
    key,
    ca: authority,
    minVersion: TLS_VERSION,
    maxCachedSessions: 0,
    checkServerIdentity: (_host: string, { subjectaltname }: { readonly subjectaltname?: string }) =>
      uriOf(subjectaltname) === tls.server
        ? undefined
        : Object.assign(new Error(`whoever answers has no certificate of ${tls.server}`), {
            code: 'WRONG_SERVER',
          }),
  } as const;
}

/** The parsed text, or undefined: the parser's own error would quote what it read. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function problemOf(answer: unknown): ServiceProblem['error'] | null {
  const error = (answer as Partial<ServiceProblem> | null | undefined)?.error;
  return typeof error?.code === 'string' && typeof error.retryable === 'boolean' ? error : null;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
