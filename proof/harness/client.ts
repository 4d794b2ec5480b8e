import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from './random.ts';
import type { ClientLog, Exchange } from '../check/client-log.ts';

export interface MerchantAccess {
  readonly merchant: string;
  readonly apiKey: string;
}

export interface FinalAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A merchant's client that writes down every exchange, and repeats under the same key what got no answer. */
export interface RecordingClient {
  /** Null when no final answer came before the deadline: then it is not known how it ended. */
  ask(kind: Exchange['kind'], path: string, body: unknown, key: string): Promise<FinalAnswer | null>;
  read(payment: string): Promise<void>;
}

/** How long one request may take before it is given up and repeated (ms). */
const REQUEST_MS = 12_000;
/** Before a request is repeated, doubled each time: who never waits keeps down what is just coming back. */
const PAUSE_MS = 250;
const PAUSE_MAX_MS = 4_000;
const CUT_ONE_IN = 10;
const CUT_WITHIN_MS = 400;
/** Answers after which the same request is sent again: nothing is decided by them. */
const COME_BACK: ReadonlySet<number> = new Set([202, 408, 429, 500, 502, 503, 504]);

export function createRecordingClient(
  api: string,
  { merchant, apiKey }: MerchantAccess,
  log: ClientLog,
  deadline: () => number,
  random: Random,
): RecordingClient {
  async function exchange(
    kind: Exchange['kind'],
    method: 'GET' | 'POST',
    path: string,
    key: string | null,
    body: unknown,
  ): Promise<{ status: number; text: string } | null> {
    const asked = new Date().toISOString();
    let answer: { status: number; text: string } | null = null;
    // Now and then the client itself loses its connection, at any moment of its request.
    const limitMs = random.whole(CUT_ONE_IN) === 0 ? 1 + random.whole(CUT_WITHIN_MS) : REQUEST_MS;
    try {
      const response = await fetch(`${api}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(key === null
            ? {}
            : { 'content-type': 'application/json', 'idempotency-key': key, prefer: 'wait=8' }),
        },
        ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(limitMs),
      });
      answer = { status: response.status, text: await response.text() };
    } catch {
      // Cut, refused or too late: what became of it is found out by asking again.
    }
    log.write({
      merchant,
      mode: 'test',
      kind,
      path,
      key,
      asked_at: asked,
      ended_at: new Date().toISOString(),
      status: answer?.status ?? null,
      body: answer?.text ?? null,
    });
    return answer;
  }

  return {
    async ask(kind, path, body, key) {
      for (let pauseMs = PAUSE_MS; Date.now() < deadline(); pauseMs = Math.min(2 * pauseMs, PAUSE_MAX_MS)) {
        const answer = await exchange(kind, 'POST', path, key, body);
        if (answer !== null && !COME_BACK.has(answer.status)) {
          const parsed = parse(answer.text);
          if (parsed !== null && parsed['code'] !== 'request_in_progress')
            return { status: answer.status, body: parsed };
        }
        await delay(pauseMs);
      }
      return null;
    },
    async read(payment) {
      await exchange('read', 'GET', `/v1/payments/${payment}`, null, null);
    },
  };
}

function parse(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}
