import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface Received {
  readonly id: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** Requests that came and were not answered yet. */
  waiting(): number;
  /** Checks signature and timestamp of everything received, with the library that merchants use. */
  verifyAll(secret: string): void;
  close(): Promise<void>;
}

/** A merchant's receiver on a socket; `answer` says how it behaves. */
export async function startReceiver(
  answer: (response: ServerResponse, received: Received) => void = (response) =>
    response.writeHead(204).end(),
): Promise<Receiver> {
  const received: Received[] = [];
  let waiting = 0;
  const server = createServer((request, response) => {
    waiting += 1;
    response.once('close', () => {
      waiting -= 1;
    });
    void read(request).then((whole) => {
      received.push(whole);
      answer(response, whole);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    waiting: () => waiting,
    verifyAll(secret) {
      const webhook = new Webhook(secret);
      for (const { body, headers } of received) webhook.verify(body, { ...headers });
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

async function read(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  return { id: headers['webhook-id'] ?? '', body: Buffer.concat(chunks).toString(), headers };
}
