import { createHash } from 'node:crypto';

/** What is asked for; `read` is any GET. */
export const REQUEST_KINDS = ['create', 'confirm', 'capture', 'cancel', 'refund', 'read'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** A request that was understood as far as its path goes. */
export interface ApiRequest {
  readonly kind: RequestKind;
  readonly path: string;
  /** Of the path, or payment_intent of the body: the intent it is about. */
  readonly intent: string | null;
  /** Of the path. */
  readonly refund: string | null;
  readonly merchantAccount: string;
  readonly key: string | null;
  readonly params: URLSearchParams;
  readonly bodyHash: string;
}

const ROUTES: readonly { readonly method: string; readonly path: RegExp; readonly kind: RequestKind }[] = [
  { method: 'POST', path: /^\/v1\/payment_intents$/, kind: 'create' },
  { method: 'POST', path: /^\/v1\/payment_intents\/(?<intent>\w+)\/confirm$/, kind: 'confirm' },
  { method: 'POST', path: /^\/v1\/payment_intents\/(?<intent>\w+)\/capture$/, kind: 'capture' },
  { method: 'POST', path: /^\/v1\/payment_intents\/(?<intent>\w+)\/cancel$/, kind: 'cancel' },
  { method: 'GET', path: /^\/v1\/payment_intents\/(?<intent>\w+)$/, kind: 'read' },
  { method: 'POST', path: /^\/v1\/refunds$/, kind: 'refund' },
  { method: 'GET', path: /^\/v1\/refunds$/, kind: 'read' },
  { method: 'GET', path: /^\/v1\/refunds\/(?<refund>\w+)$/, kind: 'read' },
];

/** Null when there is no such endpoint. */
export function readRequest(
  method: string,
  url: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
): ApiRequest | null {
  const { pathname, searchParams } = new URL(url, 'http://simulator');
  const route = ROUTES.find((one) => one.method === method && one.path.test(pathname));
  if (route === undefined) return null;
  const params = method === 'GET' ? searchParams : new URLSearchParams(body);
  const named = route.path.exec(pathname)?.groups ?? {};
  return {
    kind: route.kind,
    path: pathname,
    intent: named['intent'] ?? params.get('payment_intent'),
    refund: named['refund'] ?? null,
    merchantAccount: textOf(headers['stripe-account']) ?? 'platform',
    key: textOf(headers['idempotency-key']),
    params,
    bodyHash: createHash('sha256').update(`${method} ${pathname}\n${body}`).digest('hex'),
  };
}

function textOf(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && header !== '' ? header : null;
}

/** `metadata[attempt]=…` of the body. */
export function metadataOf(params: URLSearchParams): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of params) {
    const key = /^metadata\[(\w+)\]$/.exec(name)?.[1];
    if (key !== undefined) metadata[key] = value;
  }
  return metadata;
}
