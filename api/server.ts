import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { listenOn, REQUEST_LIMITS, type HttpServer } from '../platform/http-server.ts';
import { PROBLEMS, Problem, problemBody, type ProblemCode } from './problem.ts';

/** What clients may take of a process; each of them is free to be slow, none to hold up the others. */
export const SERVER_LIMITS = {
  ...REQUEST_LIMITS,
  /** How often the limits of a request are looked at (ms): so much later it may be cut off. */
  connectionsCheckingInterval: 2_000,
  /**
   * A socket on which nothing moves is closed (ms): of somebody who takes nothing of the answer. Longer than an
   * answer is ever waited for (30 s); streams say something every 10 s. Idle ones have keepAliveTimeout.
   */
  stillMs: 60_000,
  /** What is beyond is not read. */
  headersMax: 100,
  /**
   * Sockets at once; more are closed as they come. An idle one takes some 15 KB and a file, and files that
   * are all taken by clients leave none for the database.
   */
  connectionsMax: 16_384,
} as const;

/** Deviations are for tests. */
export interface ListenOptions {
  readonly limits?: Readonly<Record<keyof typeof SERVER_LIMITS, number>>;
  /** Told of each connection that was closed because there were too many. */
  readonly onRefused?: () => void;
}

/** Listens on that address; port 0 = any free one. */
export async function listen(
  listener: RequestListener,
  port: number,
  host = '127.0.0.1',
  { limits = SERVER_LIMITS, onRefused = () => undefined }: ListenOptions = {},
): Promise<HttpServer> {
  const { stillMs, headersMax, connectionsMax, ...requests } = limits;
  const server = createServer(requests, listener);
  server.timeout = stillMs;
  server.maxHeadersCount = headersMax;
  server.maxConnections = connectionsMax;
  server.on('drop', onRefused);
  server.on('clientError', refuse);
  return listenOn(server, port, host);
}

/** What the HTTP parser refuses, and what it is called; everything else is malformed. */
const PARSER_CODES: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** Answers what never became a request; its text is not quoted, it may hold anything. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const code = PARSER_CODES[error.code ?? ''] ?? 'malformed_request';
  const requestId = `req_${randomUUID()}`;
  const body = problemBody(new Problem(code, 'the request could not be read as HTTP/1.1'), requestId);
  socket.end(
    [
      `HTTP/1.1 ${PROBLEMS[code].status} Refused`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `Request-Id: ${requestId}`,
      'Cache-Control: no-store',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
