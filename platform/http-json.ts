import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';

/** How a service of ours says no; every answer that is not 2xx has this body. */
export interface ServiceProblem {
  readonly error: {
    readonly code: string;
    /** Never holds what was sent. */
    readonly message: string;
    /** True when the same request may succeed later, unchanged. */
    readonly retryable: boolean;
  };
}

export interface JsonClientOptions {
  /** Origin of the service. */
  readonly url: string;
  /** Sent as `Authorization: Bearer`. */
  readonly secret: string;
  /** Sockets kept open at most; requests beyond wait within their time limit. */
  readonly connections: number;
  /** From the call to the whole answer, waiting for a socket included (ms). */
  readonly timeoutMs: number;
  /** No answer, a half one, or one that says "later". */
  readonly unavailable: (message: string, cause: unknown) => Error;
  /** An answer that asking again will not change. */
  readonly refused: (status: number, code: string, message: string) => Error;
}

/** POSTs JSON to one service over kept-alive sockets. For requests that may be repeated (all of ours may). */
export interface JsonClient {
  /** Throws only what `unavailable` and `refused` make; neither carries the body that was sent. */
  post(path: string, body: unknown): Promise<unknown>;
  close(): Promise<void>;
}

const CONNECT_LIMIT_MS = 1_000;
/** Below the server's own limit for idle sockets, so that it is we who close them. */
const IDLE_LIMIT_MS = 30_000;
const ANSWER_BYTES_MAX = 64 * 1_024;
/** A kept-alive socket may have been closed by a restart without our knowing: one more try, on a new one. */
const TRIES = 2;
const TRY_PAUSE_MS = 25;
const SOCKET_ERRORS = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

export function createJsonClient(options: JsonClientOptions): JsonClient {
  const pool = new Pool(new URL(options.url).origin, {
    connections: options.connections,
    pipelining: 1,
    connect: { timeout: CONNECT_LIMIT_MS },
    keepAliveTimeout: IDLE_LIMIT_MS,
    keepAliveMaxTimeout: IDLE_LIMIT_MS,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    maxResponseSize: ANSWER_BYTES_MAX,
  });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${options.secret}` };

  async function once(
    path: string,
    body: string,
    signal: AbortSignal,
  ): Promise<{ status: number; text: string }> {
    const answer = await pool.request({ method: 'POST', path, headers, body, signal });
    return { status: answer.statusCode, text: await answer.body.text() };
  }

  async function withRetry(path: string, body: string): Promise<{ status: number; text: string }> {
    const signal = AbortSignal.timeout(options.timeoutMs);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(path, body, signal);
      } catch (error) {
        if (attempt >= TRIES || !SOCKET_ERRORS.has(codeOf(error))) {
          throw options.unavailable(`no answer from ${options.url}${path}: ${codeOf(error)}`, error);
        }
        await delay(TRY_PAUSE_MS);
      }
    }
  }

  return {
    async post(path, body) {
      const { status, text } = await withRetry(path, JSON.stringify(body));
      const answer = parse(text);
      if (status >= 200 && status < 300 && answer !== undefined) return answer;
      const problem = problemOf(answer);
      if (problem === null || problem.retryable) {
        throw options.unavailable(
          `${options.url}${path} answered ${status}: ${problem?.message ?? 'not our JSON'}`,
          null,
        );
      }
      throw options.refused(status, problem.code, problem.message);
    },
    close: () => pool.close(),
  };
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
