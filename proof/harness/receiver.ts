import { createWriteStream } from 'node:fs';
import { startWebhookReceiver } from '../../temporal-dev/webhook-receiver.ts';
import type { ReceivedLine } from '../check/receiver-log.ts';

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
  const receiver = await startWebhookReceiver(
    (url) => secrets.get(url.slice(1)) ?? '',
    ({ webhookId, type, payment }) => {
      const line: ReceivedLine = { at: new Date().toISOString(), webhook_id: webhookId, type, payment };
      return new Promise((resolve) => {
        log.write(`${JSON.stringify(line)}\n`, () => {
          resolve();
        });
      });
    },
  );
  return {
    url: (merchant) => `${receiver.origin}/${merchant}`,
    trust: (merchant, secret) => {
      secrets.set(merchant, secret);
    },
    refused: receiver.refused,
    async close() {
      await receiver.close();
      await new Promise<void>((resolve) => {
        log.end(resolve);
      });
    },
  };
}
