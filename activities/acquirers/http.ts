import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { crashPoint } from '../../platform/crash-points.ts';

/** Certainly no byte of the request left. Carries no `code`: the library sends again what has some. */
export class NotWritten extends Error {
  override readonly name = 'NotWritten';
}
/** The request was begun; what became of it is not known. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** What one call allows. */
export interface CallLimits {
  /** Asked when the connection stands, directly before the first byte; a reason means: do not write. */
  readonly refuseWrite: () => string | null;
  /** From the call to the whole answer (ms). */
  readonly limitMs: number;
}

/** One request, as it is written. */
export interface HttpRequest {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** With the query. */
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A whole answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface HttpConnections {
  /** Writes the request at most once. @throws NotWritten, NoAnswer */
  exchange(request: HttpRequest, limits: CallLimits): Promise<HttpAnswer>;
  close(): void;
}

const CONNECT_LIMIT_MS = 2_000;
/** Below what servers keep an idle connection: it is we who close it, and never write into a closed one. */
const IDLE_LIMIT_MS = 5_000;
const ANSWER_BYTES_MAX = 1_048_576;

/**
 * Kept-alive connections to one HTTP API, under the libraries. Their own clients write as soon as they
 * are called and leave open whether anything was written when they fail; Stripe's also sends a request
 * again by itself when a connection was closed (ECONNRESET, EPIPE), and Adyen's follows redirects. This
 * one asks for leave when the connection stands, writes at most once, and says afterwards whether it wrote.
 */
export function createHttpConnections(connections: number): HttpConnections {
  const options = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections };
  const agents = {
    http: new http.Agent({ ...options, timeout: IDLE_LIMIT_MS }),
    https: new https.Agent({ ...options, timeout: IDLE_LIMIT_MS }),
  };

  return {
    exchange({ secure, body, host, port, path, method, headers }, limits) {
      const request = (secure ? https : http).request({
        host,
        port,
        path,
        method,
        headers,
        agent: secure ? agents.https : agents.http,
      });
      return exchange(request, body, limits);
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function exchange(
  request: http.ClientRequest,
  body: string,
  { refuseWrite, limitMs }: CallLimits,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let written = false;
    const fail = (reason: string): void => {
      clearTimeout(connectLimit);
      clearTimeout(limit);
      reject(written ? new NoAnswer(reason) : new NotWritten(reason));
      request.destroy();
    };
    const limit = setTimeout(() => {
      fail(`no answer within ${limitMs} ms`);
    }, limitMs);
    const connectLimit = setTimeout(() => {
      if (!written) fail(`no connection within ${CONNECT_LIMIT_MS} ms`);
    }, CONNECT_LIMIT_MS);

    request.on('socket', (socket) => {
      whenConnected(socket, () => {
        if (request.destroyed) return;
        const refused = refuseWrite();
        if (refused !== null) {
          fail(refused);
          return;
        }
        crashPoint('bytes-to-acquirer', 'before');
        written = true;
        request.end(body);
        crashPoint('bytes-to-acquirer', 'after');
      });
    });
    request.on('error', (error) => {
      fail(error.message === '' ? 'the connection failed' : error.message);
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > ANSWER_BYTES_MAX) fail(`an answer of more than ${ANSWER_BYTES_MAX} bytes`);
        else chunks.push(chunk);
      });
      response.on('error', (error) => {
        fail(error.message);
      });
      response.on('close', () => {
        if (!response.complete) {
          fail('the connection was lost within the answer');
          return;
        }
        clearTimeout(connectLimit);
        clearTimeout(limit);
        crashPoint('answer-read', 'before');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
  });
}

/** Node writes nothing of a request before its first write or end; so the connection comes first. */
function whenConnected(socket: Socket, then: () => void): void {
  const handshake = 'secureConnecting' in socket && socket.secureConnecting === true;
  if (handshake) socket.once('secureConnect', then);
  else if (socket.connecting) socket.once('encrypted' in socket ? 'secureConnect' : 'connect', then);
  else then();
}
