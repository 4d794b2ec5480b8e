import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import type { ReceivedLine } from '../check/receiver-log.ts';

const eventSchema = z.looseObject({
  type: z.string(),
  data: z.looseObject({ payment: z.looseObject({ id: z.string() }) }),
});

export interface RecordingReceiver {
  /** One URL for each merchant, by its name. */
  readonly url: (merchant: string) => string;
  /** The secret of a merchant's endpoint, once it is known. */
  trust(merchant: string, secret: string): void;
  readonly refused: () => number;
  close(): Promise<void>;
}

/** Webhook receivers of all merchants: the line is written before 2xx is answered, repeats included. */
export async function startRecordingReceiver(path: string): Promise<RecordingReceiver> {
  const secrets = new Map<string, string>();
  const log = createWriteStream(path, { flags: 'a' });
  let refused = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      try {
        const secret = secrets.get(request.url?.slice(1) ?? '') ?? '';
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        const event = eventSchema.parse(
          new Webhook(secret).verify(Buffer.concat(chunks).toString('utf8'), headers),
        );
        const line: ReceivedLine = {
          at: new Date().toISOString(),
          webhook_id: headers['webhook-id'] ?? '',
          type: event.type,
          payment: event.data.payment.id,
        };
        log.write(`${JSON.stringify(line)}\n`, () => response.writeHead(204).end());
      } catch {
        refused += 1;
        response.writeHead(401).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (merchant) => `http://127.0.0.1:${port}/${merchant}`,
    trust: (merchant, secret) => {
      secrets.set(merchant, secret);
    },
    refused: () => refused,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          log.end(resolve);
        });
      }),
  };
}
