import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type Stripe from 'stripe';

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

export interface HttpConnections {
  /** The client that the library makes one call with. */
  forCall(limits: CallLimits): Stripe.HttpClient;
  close(): void;
}

const CONNECT_LIMIT_MS = 2_000;
/** Below what servers keep an idle connection: it is we who close it, and never write into a closed one. */
const IDLE_LIMIT_MS = 5_000;
const ANSWER_BYTES_MAX = 1_048_576;

/**
 * Kept-alive connections to one HTTP API, under the library. Its own client writes as soon as it is
 * called and leaves open whether anything was written when it fails; it also sends a request again by
 * itself when a connection was closed (ECONNRESET, EPIPE), whatever `maxNetworkRetries` says. This one
 * asks for leave when the connection stands, writes at most once, and says afterwards whether it wrote.
 */
export function createHttpConnections(connections: number): HttpConnections {
  const options = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections };
  const agents = {
    http: new http.Agent({ ...options, timeout: IDLE_LIMIT_MS }),
    https: new https.Agent({ ...options, timeout: IDLE_LIMIT_MS }),
  };

  return {
    forCall: (limits) => ({
      getClientName: () => 'quittance',
      makeRequest: (host, port, path, method, headers, body, protocol) => {
        const secure = protocol !== 'http';
        const request = (secure ? https : http).request({
          host,
          port,
          path,
          method,
          headers: headers as http.OutgoingHttpHeaders,
          agent: secure ? agents.https : agents.http,
        });
        return exchange(request, body, limits);
      },
    }),
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

type HttpResponse = Awaited<ReturnType<Stripe.HttpClient['makeRequest']>>;

function exchange(
  request: http.ClientRequest,
  body: string,
  { refuseWrite, limitMs }: CallLimits,
): Promise<HttpResponse> {
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
        written = true;
        request.end(body);
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
        resolve(wholeResponse(response, Buffer.concat(chunks).toString('utf8')));
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

function wholeResponse({ statusCode = 0, headers }: http.IncomingMessage, text: string): HttpResponse {
  return {
    getStatusCode: () => statusCode,
    getHeaders: () => headers as Record<string, string>,
    getRawResponse: () => ({}),
    toStream: () => {
      throw new Error('no request of ours is streamed');
    },
    toJSON: async () => {
      const value: unknown = JSON.parse(text);
      // The library sets properties on what it gets; on a number that would end the process.
      if (typeof value !== 'object' || value === null) throw new SyntaxError('the answer is no JSON object');
      return value;
    },
  };
}
