import type { Api, Problem } from '../http/wire-server.ts';
import type { Authority } from './authority.ts';
import type { EventSender } from './events.ts';
import type { StripeEntry } from './journal-entry.ts';
import { renderProblem } from './render.ts';
import { readRequest, type ApiRequest } from './request.ts';

const problem = (status: number, code: string, message: string, type = 'invalid_request_error'): Problem => ({
  status,
  reply: renderProblem({ type, code, message }, null),
});

/** Stripe's API over that authority, which tells of what it did. @param apiKey every request must carry it */
export function stripeApi(
  authority: Authority,
  events: Pick<EventSender, 'emit'>,
  apiKey: string,
): Api<ApiRequest, StripeEntry> {
  return {
    read: readRequest,
    authorized: ({ authorization }) => authorization === `Bearer ${apiKey}`,
    problems: {
      unauthorized: problem(401, 'api_key_invalid', 'Invalid API Key provided'),
      not_found: problem(404, 'url_invalid', 'Unrecognized request URL'),
      rate_limited: problem(429, 'rate_limit', 'Too many requests hit the API too quickly.'),
      in_progress: problem(
        409,
        'idempotency_key_in_use',
        'There is currently another in-progress request using this key.',
        'idempotency_error',
      ),
    },
    turnedAway: (code) => problem(400, code, 'Not valid, as it was scripted.'),
    handle: (...parts) => authority.handle(...parts),
    executed: async ({ entry }) => {
      if (entry !== null) await events.emit(entry);
    },
    headersOf: ({ key }, replayed) => ({
      ...(key === null ? {} : { 'idempotency-key': key }),
      ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
    }),
    withAmount(reply, amount) {
      const named = ['amount', 'amount_capturable', 'amount_received'].filter(
        (name) => typeof reply[name] === 'number' && reply[name] !== 0,
      );
      return { ...reply, ...Object.fromEntries(named.map((name) => [name, amount])) };
    },
    withReference: (reply) => ({
      ...reply,
      ...(typeof reply['id'] === 'string' ? { id: `${reply['id']}other` } : {}),
      ...(typeof reply['payment_intent'] === 'string'
        ? { payment_intent: `${reply['payment_intent']}other` }
        : {}),
      metadata: { payment: 'pay_other', attempt: 'att_other' },
    }),
  };
}
