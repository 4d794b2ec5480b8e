import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Headers, then the whole request, must arrive within these (ms). An answer may take longer: a history waits for its next event. */
const HEADERS_LIMIT_MS = 10_000;
const REQUEST_LIMIT_MS = 20_000;
/** Above the idle limit of common load balancers, so that it is they who close. */
const IDLE_LIMIT_MS = 65_000;
const HEADER_BYTES_MAX = 16 * 1_024;

export interface HttpServer {
  readonly port: number;
  /** Takes no new connections, lets what is under way finish within `limitMs`, then cuts what is left. */
  close(limitMs: number): Promise<void>;
}

/** Listens on that address; port 0 = any free one. */
export async function listen(listener: RequestListener, port: number, host: string): Promise<HttpServer> {
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      keepAliveTimeout: IDLE_LIMIT_MS,
    },
    listener,
  );
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close(limitMs) {
      const closed = once(server, 'close');
      server.close();
      const idle = setInterval(() => {
        server.closeIdleConnections();
      }, 50);
      const limit = setTimeout(() => {
        server.closeAllConnections();
      }, limitMs);
      await closed;
      clearInterval(idle);
      clearTimeout(limit);
    },
  };
}
