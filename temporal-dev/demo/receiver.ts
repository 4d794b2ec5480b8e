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

export interface Receiver {
  readonly url: string;
  /** Whose signature was right, in order of arrival. */
  readonly received: readonly ReceivedEvent[];
  /** How many came with a wrong signature. */
  readonly refused: () => number;
  close(): Promise<void>;
}

/** A merchant's webhook receiver: checks every signature on the raw bytes before it reads them. */
export async function startReceiver(secretOf: () => string): Promise<Receiver> {
  const received: ReceivedEvent[] = [];
  let refused = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      try {
        const text = Buffer.concat(chunks).toString('utf8');
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        const event = eventSchema.parse(new Webhook(secretOf()).verify(text, headers));
        received.push({
          webhookId: headers['webhook-id'] ?? '',
          type: event.type,
          payment: event.data.payment.id,
        });
        response.writeHead(204).end();
      } catch {
        refused += 1;
        response.writeHead(401).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    received,
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
