import { Webhook } from 'standardwebhooks';
import type { Event } from './types.ts';

/** It is not proven that this webhook comes from Quittance: answer 401 and do nothing. */
export class WebhookSignatureError extends Error {
  override readonly name = 'WebhookSignatureError';
}

/** Headers as `fetch` or `node:http` have them. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The event of a webhook, once its signature is proven (Standard Webhooks: over id, time and the very
 * bytes; at most five minutes old). The same event can come more than once: `webhook-id` says so.
 * @param body the raw body, not what a framework parsed of it.
 * @param secrets of the endpoint, `whsec_…`; more than one while it is rolled.
 * @throws WebhookSignatureError
 */
export function verifyWebhook(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  ...secrets: readonly [string, ...string[]]
): Event {
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
  const signed = Object.fromEntries(
    ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, headerOf(headers, name)]),
  );
  let cause: unknown;
  for (const secret of secrets) {
    try {
      return new Webhook(secret).verify(text, signed) as Event;
    } catch (error) {
      cause = error;
    }
  }
  throw new WebhookSignatureError(
    `the webhook ${signed['webhook-id'] ?? ''} is not proven to be ours (${cause instanceof Error ? cause.message : 'no secret'}): check that the secret is that of this endpoint, and that the body is the raw one`,
    { cause },
  );
}

/** The headers of a webhook: what a sender puts beside the body. */
export function signWebhook(
  body: string,
  id: string,
  secret: string,
  at: Date,
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
}

function headerOf(headers: WebhookHeaders, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}
