import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';

export const REQUEST_KINDS = [
  'pay',
  'capture',
  'cancel',
  'refund',
  'reverse',
  'cancel_by_reference',
] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

const bodySchema = z.object({
  merchantAccount: z.string().default(''),
  reference: z.string().default(''),
  paymentReference: z.string().optional(),
  amount: z.object({ value: z.number().int(), currency: z.string() }).optional(),
  captureDelayHours: z.number().optional(),
  paymentMethod: z
    .object({
      number: z.string().optional(),
      expiryMonth: z.string().optional(),
      expiryYear: z.string().optional(),
      cvc: z.string().optional(),
      holderName: z.string().optional(),
    })
    .optional(),
  additionalData: z.record(z.string(), z.unknown()).optional(),
});
export type ApiBody = z.infer<typeof bodySchema>;

/** A request that was understood as far as its path goes. */
export interface ApiRequest {
  readonly kind: RequestKind;
  /** Of the path: pspReference of the payment it is about. */
  readonly payment: string | null;
  readonly merchantAccount: string;
  readonly key: string | null;
  /** Null when it is no body of this API. */
  readonly body: ApiBody | null;
  readonly bodyHash: string;
}

const ROUTES: readonly { readonly path: RegExp; readonly kind: RequestKind }[] = [
  { path: /^\/v\d+\/payments$/, kind: 'pay' },
  { path: /^\/v\d+\/payments\/(?<payment>\w+)\/captures$/, kind: 'capture' },
  { path: /^\/v\d+\/payments\/(?<payment>\w+)\/cancels$/, kind: 'cancel' },
  { path: /^\/v\d+\/payments\/(?<payment>\w+)\/refunds$/, kind: 'refund' },
  { path: /^\/v\d+\/payments\/(?<payment>\w+)\/reversals$/, kind: 'reverse' },
  { path: /^\/v\d+\/cancels$/, kind: 'cancel_by_reference' },
];

/**
 * Null when there is no such endpoint.
 * @param comparesSecurityCode whether a key with another security code, or without, is another request.
 */
export function readRequest(
  comparesSecurityCode: boolean,
  method: string,
  url: string,
  headers: IncomingHttpHeaders,
  text: string,
): ApiRequest | null {
  const { pathname } = new URL(url, 'http://simulator');
  const route = ROUTES.find(({ path }) => path.test(pathname));
  if (route === undefined || method !== 'POST') return null;
  const parsed = bodySchema.safeParse(jsonOf(text));
  const body = parsed.data ?? null;
  const compared = comparesSecurityCode ? text : text.replace(/"cvc":"\d+",?/, '').replace(/,}/g, '}');
  const key = headers['idempotency-key'];
  return {
    kind: route.kind,
    payment: route.path.exec(pathname)?.groups?.['payment'] ?? null,
    merchantAccount: body?.merchantAccount ?? '',
    key: typeof key === 'string' && key !== '' ? key : null,
    body,
    bodyHash: createHash('sha256').update(`${pathname}\n${compared}`).digest('hex'),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
