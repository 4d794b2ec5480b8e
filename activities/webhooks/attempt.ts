import { crashPoint } from '../../platform/crash-points.ts';
import { KmsUnavailable, Tampered, UnknownKey } from '../../platform/key-errors.ts';
import type { Logger } from '../../platform/logger.ts';
import { inSpan } from '../../platform/tracing/spans.ts';
import type { WebhookClient } from './client.ts';
import type { Signers } from './signers.ts';
import type { AttemptResult, SendableDelivery } from './store.ts';

export interface AttemptDependencies {
  readonly send: WebhookClient;
  readonly signers: Signers;
  readonly logger: Logger;
}

/**
 * Makes one attempt of a delivery, signed as Standard Webhooks says: `webhook-id` is the delivery's
 * own and the same in every attempt, the timestamp is that of the attempt. Not logged yet.
 * The secret before a roll signs as well while it can be opened; one that never can be keeps nothing from being sent.
 * @throws KmsUnavailable when a secret cannot be opened now, KmsRefused when the current one cannot: nothing was sent.
 */
export type MakeAttempt = (delivery: SendableDelivery) => Promise<AttemptResult>;

export function createAttempt(dependencies: AttemptDependencies): MakeAttempt {
  const attempt = attemptWith(dependencies);
  return (delivery) => {
    const { delivery: id, event, endpoint } = delivery;
    return inSpan(
      { name: 'deliver webhook', kind: 'client', attributes: { delivery: id, event, endpoint } },
      () => attempt(delivery),
    );
  };
}

function attemptWith({ send, signers, logger }: AttemptDependencies): MakeAttempt {
  return async ({ merchant, delivery, endpoint, target, version, body }) => {
    const at = new Date();
    let signature: string;
    try {
      const owner = { merchant, id: endpoint };
      const current = await signers(owner, target.sealedSecret);
      const both = [current.sign(delivery, at, body)];
      // At most two: a receiver may still know the secret before.
      if (target.previousSecret !== null) {
        try {
          const previous = await signers(owner, target.previousSecret, 'previous');
          both.push(previous.sign(delivery, at, body));
        } catch (error) {
          // It passes, and whoever knows only that secret would refuse what the other one signs alone.
          if (error instanceof KmsUnavailable) throw error;
          // Whoever knows the new one already takes it.
          logger.error('previous_secret_not_opened', { merchant, endpoint, delivery, error });
        }
      }
      signature = both.join(' ');
    } catch (error) {
      if (error instanceof Tampered || error instanceof UnknownKey) {
        return {
          delivered: false,
          at,
          responseStatus: null,
          error: `the signing secret of ${endpoint} cannot be opened (${error.name}): give the endpoint a new secret`,
          ours: true,
          latencyMs: 0,
        };
      }
      throw error;
    }
    crashPoint('webhook-2xx', 'before');
    const { status, error, latencyMs } = await send({
      url: target.url,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Quittance-Webhooks/1',
        'quittance-version': version,
        'webhook-id': delivery,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': signature,
      },
      body,
    });
    if (error === null) crashPoint('webhook-2xx', 'after');
    return { delivered: error === null, at, responseStatus: status, error, ours: false, latencyMs };
  };
}
