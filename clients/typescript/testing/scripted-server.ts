import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What one request is answered; after the last step of the script the last one goes on. */
export type Step = (response: ServerResponse, request: Arrived) => void;

/** Takes the request as a whole, and breaks the connection instead of answering. */
export const cut: Step = (response) => {
  response.destroy();
};

/** Breaks the connection in the middle of the answer. */
export const half: Step = (response) => {
  response.writeHead(201, { 'content-type': 'application/json', 'content-length': 100 });
  response.write('{"id":"pay_', () => {
    response.destroy();
  });
};

export const answer =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Step =>
  (response) => {
    response.writeHead(status, {
      'content-type': status >= 400 ? 'application/problem+json' : 'application/json',
      ...headers,
    });
    response.end(body === undefined ? '' : JSON.stringify(body));
  };

export const problem = (status: number, code: string, headers: Readonly<Record<string, string>> = {}): Step =>
  answer(
    status,
    { type: `/problems/${code}`, title: code, status, code, detail: 'told by a test', request_id: 'req_1' },
    headers,
  );

/** A server on a socket of this machine that does what the script says. */
export async function scriptedServer(...script: readonly Step[]) {
  const arrived: Arrived[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, url, headers, body: Buffer.concat(pieces).toString('utf8') };
      const step = script[Math.min(arrived.length, script.length - 1)] ?? cut;
      arrived.push(one);
      step(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
