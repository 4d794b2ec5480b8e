import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';

const eventSchema = z.object({
  id: z.string(),
  type: z.string(),
  data: z.object({ payment: z.object({ id: z.string(), status: z.string() }) }),
});

export interface ReceivedEvent {
  /** The webhook-id header: the same however often it is sent. */
  readonly webhookId: string;
  readonly type: string;
  readonly payment: string;
}

export interface WebhookReceiver {
  /** Without a path. */
  readonly origin: string;
  /** How many came with a wrong signature, or were no events. */
  readonly refused: () => number;
  close(): Promise<void>;
}

/**
 * Merchants' webhook receivers: every signature is checked on the raw bytes before they are read, and
 * 2xx is answered once the event is taken.
 * @param secretOf the secret of the endpoint with that path.
 */
export async function startWebhookReceiver(
  secretOf: (path: string) => string,
  take: (event: ReceivedEvent) => void | Promise<void>,
): Promise<WebhookReceiver> {
  let refused = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      let event: ReceivedEvent;
      try {
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        const { type, data } = eventSchema.parse(
          new Webhook(secretOf(request.url ?? '')).verify(Buffer.concat(chunks).toString('utf8'), headers),
        );
        event = { webhookId: headers['webhook-id'] ?? '', type, payment: data.payment.id };
      } catch {
        refused += 1;
        response.writeHead(401).end();
        return;
      }
      void Promise.resolve(take(event)).then(() => response.writeHead(204).end());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    refused: () => refused,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
