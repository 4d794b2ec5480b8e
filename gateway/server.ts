import { createServer, type RequestListener } from 'node:http';
import { listenOn, REQUEST_LIMITS, type HttpServer } from '../platform/http-server.ts';

/** Listens on that address; port 0 = any free one. */
export function listen(listener: RequestListener, port: number, host: string): Promise<HttpServer> {
  return listenOn(createServer(REQUEST_LIMITS, listener), port, host);
}
