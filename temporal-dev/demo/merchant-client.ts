import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

const paymentSchema = z.looseObject({
  id: z.string(),
  object: z.literal('payment'),
  status: z.string(),
  amount_captured: z.number(),
  amount_refunded: z.number(),
  acquirer: z.object({ id: z.string(), reference: z.string().nullable() }).nullable(),
  decline_code: z.string().nullable(),
  failure_code: z.string().nullable(),
  version: z.number(),
});

const detailSchema = paymentSchema.extend({
  ledger: z.array(z.looseObject({ id: z.union([z.string(), z.number()]), event: z.string() })),
  attempts: z.array(z.looseObject({ rrn: z.string().nullish(), kind: z.string() })),
});
export type PaymentDetail = z.infer<typeof detailSchema>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The exact bytes as text. */
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** Speaks to the merchant API as a merchant does: HTTP, a key, and nothing else. */
export function createMerchantClient(api: string, apiKey: string) {
  async function send(
    method: 'GET' | 'POST',
    path: string,
    body: unknown,
    idempotencyKey: string | null,
  ): Promise<Answer> {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(40_000),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: JSON.parse(text) as Record<string, unknown>,
    };
  }

  const get = (path: string) => send('GET', path, undefined, null);
  const payment = async (id: string): Promise<PaymentDetail> =>
    detailSchema.parse((await get(`/v1/payments/${id}`)).body);

  return {
    get,
    payment,
    post: (path: string, body: unknown, idempotencyKey: string = crypto.randomUUID()) =>
      send('POST', path, body, idempotencyKey),

    /** Waits until the payment is no longer processing. @throws Error after the deadline (ms) */
    async settled(id: string, deadlineMs: number): Promise<PaymentDetail> {
      const end = Date.now() + deadlineMs;
      for (;;) {
        const detail = await payment(id);
        if (detail.status !== 'processing') return detail;
        if (Date.now() > end) throw new Error(`${id} is still processing after ${deadlineMs} ms`);
        await delay(100);
      }
    },
  };
}

export type MerchantClient = ReturnType<typeof createMerchantClient>;
