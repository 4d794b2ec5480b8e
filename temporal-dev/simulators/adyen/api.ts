import type { Api, Problem } from '../http/wire-server.ts';
import type { Authority } from './authority.ts';
import type { AdyenEntry } from './journal-entry.ts';
import { renderProblem } from './render.ts';
import { readRequest, type ApiRequest } from './request.ts';

const problem = (status: number, errorCode: string, message: string): Problem => ({
  status,
  reply: renderProblem(status, errorCode, message),
});

interface ApiOptions {
  /** Every request must carry it. */
  readonly apiKey: string;
  readonly comparesSecurityCode: boolean;
  /** Runs when the line is on the disk, before the answer leaves. */
  readonly executed: (entry: AdyenEntry) => Promise<void>;
}

/** Adyen's Checkout API over that authority. */
export function adyenApi(
  authority: Authority,
  { apiKey, comparesSecurityCode, executed }: ApiOptions,
): Api<ApiRequest, AdyenEntry> {
  return {
    read: (...parts) => readRequest(comparesSecurityCode, ...parts),
    authorized: (headers) => headers['x-api-key'] === apiKey,
    problems: {
      unauthorized: problem(401, '000', 'HTTP Status Response - Unauthorized'),
      not_found: problem(404, '000', 'Not Found'),
      rate_limited: problem(429, '000', 'Too many requests'),
      in_progress: {
        ...problem(422, '704', 'request already processed or in progress'),
        headers: { 'transient-error': 'true' },
      },
    },
    turnedAway: (code) => problem(422, code, 'not valid, as it was scripted'),
    handle: (...parts) => authority.handle(...parts),
    headersOf: ({ key }) => (key === null ? {} : { 'idempotency-key': key }),
    withAmount(reply, value) {
      const { amount } = reply as { amount?: object };
      return amount === undefined ? reply : { ...reply, amount: { ...amount, value } };
    },
    withReference: (reply) =>
      'merchantReference' in reply
        ? { ...reply, pspReference: OTHER, merchantReference: 'att_other' }
        : { ...reply, pspReference: OTHER, paymentPspReference: OTHER, reference: 'att_other' },
    executed: async ({ entry }) => {
      if (entry !== null) await executed(entry);
    },
  };
}

/** A name that nothing of ours has. */
const OTHER = 'SIMOTHER00000000';
