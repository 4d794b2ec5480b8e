import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface CanaryClient {
  /** Sends, and keeps whatever comes back; null when nothing came. A text is sent as it is; a path may be a whole address. */
  send(
    path: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Record<string, unknown> | null>;
  get(path: string): Promise<Record<string, unknown> | null>;
  /** Bytes on a socket, whether they are HTTP or not. */
  raw(text: string): Promise<void>;
}

/** How long nobody is waited for (ms): parts are away on purpose. */
const ANSWER_MS = 15_000;
const RAW_MS = 2_000;

/** A merchant that keeps the bytes of every answer in `kept`. */
export function createCanaryClient(api: string, apiKey: string, kept: Buffer[]): CanaryClient {
  async function ask(path: string, init: RequestInit): Promise<Record<string, unknown> | null> {
    try {
      const response = await fetch(new URL(path, api), { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
      const text = await response.text();
      kept.push(Buffer.from(`${JSON.stringify([...response.headers])}\n${text}`));
      return JSON.parse(text) as Record<string, unknown>;
    } catch {
      return null;
    }
  }
  return {
    send: (path, body, headers = {}) =>
      ask(path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${apiKey}`,
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
          prefer: 'wait=4',
          ...headers,
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    get: (path) => ask(path, { headers: { authorization: `Bearer ${apiKey}` } }),
    raw: (text) =>
      new Promise((resolve) => {
        const { hostname, port } = new URL(api);
        const socket = connect({ host: hostname, port: Number(port) });
        socket.on('data', (bytes) => kept.push(bytes));
        socket.on('error', () => undefined);
        socket.on('close', () => {
          resolve();
        });
        socket.setTimeout(RAW_MS, () => {
          socket.destroy();
        });
        socket.write(text);
      }),
  };
}

/** A merchant's webhook receiver that keeps headers and bodies, and refuses every third first: refusals are kept by the sender. */
export async function startKeepingReceiver(
  kept: Buffer[],
): Promise<{ readonly url: string; close(): Promise<void> }> {
  let count = 0;
  const server = createServer((request, response) => {
    kept.push(Buffer.from(JSON.stringify(request.headers)));
    request.on('data', (bytes: Buffer) => kept.push(bytes));
    request.on('end', () => {
      count += 1;
      response.writeHead(count % 3 === 0 ? 500 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
