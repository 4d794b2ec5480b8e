import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { PROBLEMS, Problem, problemBody, type ProblemCode } from './problem.ts';

/** Headers, then the whole request, must arrive within these: a slow sender holds a socket, not a worker (ms). */
const HEADERS_LIMIT_MS = 10_000;
const REQUEST_LIMIT_MS = 20_000;
/** Above the idle limit of common load balancers, so that it is they who close. */
const IDLE_LIMIT_MS = 65_000;
/** How often the limits above are looked at. */
const CHECK_INTERVAL_MS = 2_000;
const HEADER_BYTES_MAX = 16 * 1_024;
const HEADERS_MAX = 100;

export interface HttpServer {
  readonly port: number;
  /** Takes no new connections, lets what is under way finish within `limitMs`, then cuts what is left. */
  close(limitMs: number): Promise<void>;
}

/** Listens on that address; port 0 = any free one. */
export async function listen(
  listener: RequestListener,
  port: number,
  host = '127.0.0.1',
): Promise<HttpServer> {
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      keepAliveTimeout: IDLE_LIMIT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    },
    listener,
  );
  server.maxHeadersCount = HEADERS_MAX;
  server.on('clientError', refuse);
  server.listen(port, host);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: (limitMs) => close(server, limitMs) };
}

async function close(server: Server, limitMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A socket that goes idle only now is not closed by the line above.
  const idle = setInterval(() => {
    server.closeIdleConnections();
  }, 50);
  const limit = setTimeout(() => {
    server.closeAllConnections();
  }, limitMs);
  await closed;
  clearInterval(idle);
  clearTimeout(limit);
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
