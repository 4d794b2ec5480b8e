import { request, type Agent } from 'undici';
import { scrubText } from '../../platform/scrub.ts';
import { EgressRefused } from './egress.ts';

/** One signed message, ready to go. */
interface WebhookMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface WebhookAnswer {
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;
  /** Why it counts as not delivered; null for 2xx. */
  readonly error: string | null;
  readonly latencyMs: number;
}

export interface WebhookClientOptions {
  /** From {@link createEgressAgent}: it decides where connections may go. */
  readonly agent: Agent;
  /** For the whole exchange, name resolution to the end of the body (ms). */
  readonly limitMs: number;
  /** How much of an answer's body is read before the connection is given up. */
  readonly bodyBytesMax: number;
}

export type WebhookClient = (message: WebhookMessage) => Promise<WebhookAnswer>;

/** An error text in the attempt log is at most this long. */
const ERROR_LENGTH_MAX = 300;

/**
 * Sends one message. Whatever the other side does is an answer, never an exception. The status line
 * decides; the body is read only to let the connection be used again. Redirects are not followed: a
 * signed message goes where the merchant registered it.
 */
export function createWebhookClient({ agent, limitMs, bodyBytesMax }: WebhookClientOptions): WebhookClient {
  return async ({ url, headers, body }) => {
    const began = performance.now();
    const answer = (status: number | null, error: string | null): WebhookAnswer => ({
      status,
      error: error === null ? null : scrubText(error.replace(/\s+/g, ' ')).slice(0, ERROR_LENGTH_MAX),
      latencyMs: Math.round(performance.now() - began),
    });
    const limit = AbortSignal.timeout(limitMs);
    try {
      refuseOddUrl(url);
      const response = await request(url, {
        method: 'POST',
        headers,
        body,
        dispatcher: agent,
        signal: limit,
      });
      await response.body.dump({ limit: bodyBytesMax });
      return answer(response.statusCode, statusError(response.statusCode));
    } catch (error) {
      return answer(null, limit.aborted ? `no answer within ${limitMs} ms` : errorText(error));
    }
  };
}

/** @throws EgressRefused for what a URL column may hold but a webhook may not go to. */
function refuseOddUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')) {
    throw new EgressRefused('the URL is not an http or https URL: register the endpoint again');
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new EgressRefused('the URL carries a user name or password: register the endpoint without them');
  }
}

function statusError(status: number): string | null {
  if (status >= 200 && status <= 299) return null;
  return status >= 300 && status <= 399 ? `HTTP ${status}: redirects are not followed` : `HTTP ${status}`;
}

function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof EgressRefused) return error.message;
  return 'code' in error && typeof error.code === 'string'
    ? `${error.code}: ${error.message}`
    : error.message;
}
