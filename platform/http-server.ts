import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a sender may take; a slow one holds a socket, not a worker. An answer may take longer. */
export const REQUEST_LIMITS = {
  maxHeaderSize: 16 * 1_024,
  /** Headers, then the whole request, must arrive within these (ms). */
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  /** Above the idle limit of common load balancers, so that it is they who close (ms). */
  keepAliveTimeout: 65_000,
} as const;

export interface HttpServer {
  readonly port: number;
  /** Takes no new connections, lets what is under way finish within `limitMs`, then cuts what is left. */
  close(limitMs: number): Promise<void>;
}

/** Listens on that address; port 0 = any free one. */
export async function listenOn(server: Server, port: number, host: string): Promise<HttpServer> {
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
