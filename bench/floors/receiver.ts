import { createServer } from 'node:http';
import { listenOn } from '../../platform/http-server.ts';

/** A merchant's receiver that takes everything at once. */
export async function serveReceiver(): Promise<number> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(204).end());
  });
  return (await listenOn(server, 0, '127.0.0.1')).port;
}
