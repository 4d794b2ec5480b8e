import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyWebhook, type Event, type Quittance } from '../../clients/typescript/index.ts';

/** A webhook that arrived, with its signature proven. */
export interface Webhook {
  readonly id: string;
  readonly event: Event;
  readonly signature: string;
}

export interface Receiver {
  readonly url: string;
  /** The first webhook that fits. @throws Error when the receiver is closed before it came. */
  first(fits: (event: Event) => boolean): Promise<Webhook>;
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 1_048_576;

/**
 * An endpoint on this machine, registered for as long as it is open. What is not signed with its secret
 * is answered 401 and is not shown.
 */
export async function openReceiver(client: Quittance): Promise<Receiver> {
  let secret: string | null = null;
  const arrived: Webhook[] = [];
  let look = (): void => undefined;
  let giveUp = (): void => undefined;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    let size = 0;
    request.on('data', (piece: Buffer) => {
      size += piece.byteLength;
      if (size > BODY_BYTES_MAX) request.destroy();
      else pieces.push(piece);
    });
    request.on('end', () => {
      try {
        const event = verifyWebhook(Buffer.concat(pieces), request.headers, secret ?? 'whsec_');
        const { 'webhook-id': id, 'webhook-signature': signature } = request.headers;
        arrived.push({ id: String(id), event, signature: String(signature) });
      } catch {
        response.writeHead(401).end();
        return;
      }
      response.writeHead(204).end();
      look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
  const closeServer = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => {
        resolve();
      });
    });
  let endpoint: string;
  try {
    const made = await client.webhookEndpoints.create({ url, description: 'quittance trigger --receive' });
    ({ id: endpoint, secret } = made);
  } catch (error) {
    await closeServer();
    throw error;
  }
  return {
    url,
    first: (fits) =>
      new Promise((resolve, reject) => {
        look = () => {
          const found = arrived.find(({ event }) => fits(event));
          if (found !== undefined) resolve(found);
        };
        giveUp = () => {
          reject(new Error(`no such webhook came to ${url}`));
        };
        look();
      }),
    async close() {
      giveUp();
      await closeServer();
      await client.webhookEndpoints.delete(endpoint);
    },
  };
}
