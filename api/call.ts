import type { Request, RequestHandler, Response } from 'express';
import type pg from 'pg';
import type { PaymentId } from '../workflows/domain/ids.ts';
import { authenticate, type Credential } from './auth/api-key.ts';
import { readJson } from './body.ts';
import type { Query } from './query.ts';
import { sendStream, type StreamedReply } from './streamed-reply.ts';

/** What one request has come to know of itself, for its log line. */
export interface Trace {
  readonly requestId: string;
  readonly startedAt: number;
  /** Pattern, never the address itself: that is the sender's text. */
  route: string;
  credential: Credential | null;
  payment: PaymentId | null;
}

/** One authenticated request. */
export interface Call {
  readonly credential: Credential;
  readonly params: Readonly<Record<string, string>>;
  /** Parameters of the address; see parseQuery. */
  readonly query: Query;
  readonly headers: Request['headers'];
  /** Method and pattern: `POST /v1/payments/:payment/void`. */
  readonly route: string;
  /** Reads the body; see readJson. */
  readonly json: () => Promise<unknown>;
  /** Tells the log which payment this is about. */
  readonly about: (payment: PaymentId) => void;
}

/** What goes back: the bytes of the body, and headers beyond the ones that every answer has. */
export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Express pattern. */
  readonly path: string;
  readonly handle: (call: Call) => Promise<Reply | StreamedReply>;
}

/** The express handler of a route: who asks comes first, then the route itself. */
export function serve({ method, path, handle }: Route, database: Pick<pg.Pool, 'query'>): RequestHandler {
  const route = `${method} ${path}`;
  return async (request, response) => {
    const trace = traceOf(response);
    trace.route = path;
    const credential = await authenticate(database, request.headers.authorization);
    trace.credential = credential;
    const reply = await handle({
      credential,
      params: request.params as Record<string, string>,
      query: request.query as Query,
      headers: request.headers,
      route,
      json: () => readJson(request, response),
      about: (payment) => {
        trace.payment = payment;
      },
    });
    if ('chunks' in reply) await sendStream(response, reply);
    else sendReply(response, reply);
  };
}

/** Problem documents from 400 on, JSON below; the body's bytes as they are. */
export function sendReply(response: Response, { status, body, headers = {} }: Reply): void {
  const bytes = Buffer.from(body, 'utf8');
  response.writeHead(status, {
    'content-type': status >= 400 ? 'application/problem+json' : 'application/json',
    'content-length': bytes.byteLength,
    ...headers,
  });
  response.end(bytes);
}

export function traceOf(response: Response): Trace {
  return (response.locals as { trace: Trace }).trace;
}
