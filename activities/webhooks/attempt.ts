import { Tampered, UnknownKey } from '../../platform/key-errors.ts';
import type { WebhookClient } from './client.ts';
import type { Signers } from './signers.ts';
import type { AttemptResult, Delivery } from './store.ts';

export interface AttemptDependencies {
  readonly send: WebhookClient;
  readonly signers: Signers;
}

/**
 * Makes one attempt of a delivery, signed as Standard Webhooks says: `webhook-id` is the delivery's
 * own and the same in every attempt, the timestamp is that of the attempt. Not logged yet.
 * @throws KmsUnavailable or KmsRefused when the secret cannot be opened now: nothing was sent.
 */
export type MakeAttempt = (delivery: Delivery) => Promise<AttemptResult>;

export function createAttempt({ send, signers }: AttemptDependencies): MakeAttempt {
  return async ({ merchant, delivery, endpoint, target, body }) => {
    const at = new Date();
    const unsent = (error: string): AttemptResult => ({
      delivered: false,
      at,
      responseStatus: null,
      error,
      latencyMs: 0,
    });
    if (target === null) return unsent(`endpoint ${endpoint} does not exist any more`);
    if (!target.enabled) return unsent(`endpoint ${endpoint} is disabled: enable it to receive this event`);

    let signature: string;
    try {
      const signer = await signers({ merchant, id: endpoint }, target.sealedSecret);
      signature = signer.sign(delivery, at, body);
    } catch (error) {
      if (error instanceof Tampered || error instanceof UnknownKey) {
        return unsent(
          `the signing secret of ${endpoint} cannot be opened (${error.name}): give the endpoint a new secret`,
        );
      }
      throw error;
    }
    const { status, error, latencyMs } = await send({
      url: target.url,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Quittance-Webhooks/1',
        'webhook-id': delivery,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': signature,
      },
      body,
    });
    return { delivered: error === null, at, responseStatus: status, error, latencyMs };
  };
}
