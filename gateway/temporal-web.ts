import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { Pool, type Dispatcher } from 'undici';
import { Problem } from './problem.ts';

export interface WebAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** Temporal Web itself, behind the gateway. */
export interface TemporalWeb {
  /** Passes a GET or HEAD on, and its answer back as it comes; `extra` headers go with the answer. */
  stream(request: Request, response: Response, extra: OutgoingHttpHeaders): Promise<void>;
  /** Passes a write on with that body; the answer whole. */
  send(request: Request, body: string): Promise<WebAnswer>;
  /** A write of our own, as Temporal's HTTP API takes it; the answer whole. */
  post(path: string, body: string): Promise<WebAnswer>;
  /** The JSON that a GET answers. */
  json(path: string): Promise<Readonly<Record<string, unknown>>>;
  /** Ends what is being looked at: a history is waited for up to a minute. Writes go on. */
  leave(): void;
  close(): Promise<void>;
}

const CONNECT_LIMIT_MS = 2_000;
/** A history is asked for with a wait of up to a minute for its next event. */
const HEADERS_LIMIT_MS = 75_000;
/** Between two pieces of a body. */
const BODY_LIMIT_MS = 30_000;
const IDLE_LIMIT_MS = 30_000;
/** A page asks for some tens of files at once. */
const CONNECTIONS = 128;
/** Of an answer that is read whole: to a write, or the settings. A query may answer much. */
const ANSWER_BYTES_MAX = 8 * 1_024 * 1_024;

/** What of a browser's request Temporal Web gets to see: no cookie, and no credential. */
const REQUEST_HEADERS = [
  'accept',
  'accept-encoding',
  'accept-language',
  'caller-type',
  'content-type',
  'if-modified-since',
  'if-none-match',
  'range',
  'user-agent',
] as const;
/** Of one connection (RFC 9110, 7.6.1): they are not passed on. */
const HOP_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  // Temporal Web's own cookie is between it and us.
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/**
 * Temporal Web takes writes that have a token in a cookie and in a header, the same in both: a foreign
 * site could not know it. Foreign sites are turned away here (oneOrigin); the token is ours.
 */
function foreignSiteToken(): Record<string, string> {
  const token = randomBytes(16).toString('hex');
  return { cookie: `_csrf=${token}`, 'x-csrf-token': token };
}

/** @param url where Temporal Web listens, which nobody but the gateway should reach. */
export function createTemporalWeb(url: string): TemporalWeb {
  const { origin } = new URL(url);
  const pool = new Pool(origin, {
    connections: CONNECTIONS,
    connect: { timeout: CONNECT_LIMIT_MS },
    headersTimeout: HEADERS_LIMIT_MS,
    bodyTimeout: BODY_LIMIT_MS,
    keepAliveTimeout: IDLE_LIMIT_MS,
    keepAliveMaxTimeout: IDLE_LIMIT_MS,
  });

  const leaving = new AbortController();
  // One listener for each answer under way.
  setMaxListeners(0, leaving.signal);

  async function ask(
    options: Pick<Dispatcher.RequestOptions, 'method' | 'path'> & Partial<Dispatcher.RequestOptions>,
  ): Promise<Dispatcher.ResponseData> {
    return pool.request(options).catch((error: unknown) => {
      throw unavailable(error);
    });
  }

  async function write(
    method: 'POST' | 'DELETE',
    path: string,
    headers: Record<string, string>,
    body: string,
  ): Promise<WebAnswer> {
    const answer = await ask({
      method,
      path,
      headers: {
        ...headers,
        ...foreignSiteToken(),
        'content-type': 'application/json',
        // The answer is read here.
        'accept-encoding': 'identity',
      },
      body,
    });
    return {
      status: answer.statusCode,
      headers: answerHeaders(answer.headers),
      body: await whole(answer.body),
    };
  }

  return {
    async stream(request, response, extra) {
      const left = new AbortController();
      response.once('close', () => {
        left.abort();
      });
      const answer = await ask({
        method: request.method === 'HEAD' ? 'HEAD' : 'GET',
        path: request.originalUrl,
        headers: requestHeaders(request.headers),
        signal: AbortSignal.any([left.signal, leaving.signal]),
      }).catch((error: unknown) => {
        if (!left.signal.aborted) throw error;
      });
      if (answer === undefined) return;
      const own = answerHeaders(answer.headers);
      response.writeHead(answer.statusCode, { ...own, ...extra, ...bothPolicies(own, extra) });
      await pipeline(answer.body, response).catch((error: unknown) => {
        // Half an answer is no answer: the browser sees a broken connection. It may as well have left.
        response.destroy();
        if (!left.signal.aborted) throw unavailable(error);
      });
    },
    send: (request, body) =>
      write(
        request.method === 'DELETE' ? 'DELETE' : 'POST',
        request.originalUrl,
        requestHeaders(request.headers),
        body,
      ),
    post: (path, body) => write('POST', path, { accept: 'application/json' }, body),
    async json(path) {
      const answer = await ask({ method: 'GET', path, headers: { accept: 'application/json' } });
      const text = (await whole(answer.body)).toString();
      if (answer.statusCode !== 200)
        throw unavailable(new Error(`GET ${path} answered ${answer.statusCode}`));
      try {
        return JSON.parse(text) as Readonly<Record<string, unknown>>;
      } catch (error) {
        throw unavailable(error);
      }
    },
    leave() {
      leaving.abort();
    },
    close: () => pool.destroy(),
  };
}

/**
 * Of two policies a browser keeps to both. Temporal Web's own must stay: its /render makes a page of what an
 * address says, markup included, and nothing but its policy keeps a script in there from running as the operator.
 */
function bothPolicies(web: OutgoingHttpHeaders, ours: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const policies = [web['content-security-policy'], ours['content-security-policy']].flat();
  return { 'content-security-policy': policies.filter((policy) => policy !== undefined).join(', ') };
}

function unavailable(cause: unknown): Problem {
  return new Problem(
    'web_unavailable',
    'Temporal Web did not answer the gateway; what was sent may have been done: look before you send it again',
    cause,
  );
}

function requestHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of REQUEST_HEADERS) {
    const value = headers[name];
    if (value !== undefined) passed[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return passed;
}

function answerHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const passed: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || HOP_HEADERS.has(name)) continue;
    passed[name] = value;
  }
  return passed;
}

async function whole(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > ANSWER_BYTES_MAX) throw new Error(`the answer is larger than ${ANSWER_BYTES_MAX} bytes`);
      pieces.push(piece);
    }
  } catch (error) {
    throw unavailable(error);
  }
  return Buffer.concat(pieces);
}
