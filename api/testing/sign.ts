import { createHash, createHmac, randomUUID } from 'node:crypto';

/** A request as a test signs it; what is not said is as it has to be. */
export interface ToSign {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly keyid: string;
  readonly secret: string;
  readonly nonce?: string;
  /** Unix seconds. */
  readonly created?: number;
  readonly components?: readonly string[];
  readonly parameters?: string;
}

/**
 * The headers of a signed request, by nothing but HMAC and SHA-256 and the text of RFC 9421: a second hand,
 * so that a mistake in the first is seen.
 */
export function signed(wish: ToSign): Record<string, string> {
  const { method, target, body, keyid, secret, nonce = randomUUID() } = wish;
  const { created = Math.floor(Date.now() / 1_000), parameters = '' } = wish;
  const headers: Record<string, string> = {
    ...(body === undefined
      ? {}
      : { 'content-digest': `sha-256=:${createHash('sha256').update(body).digest('base64')}:` }),
    ...wish.headers,
  };
  const [path = '', query] = target.split(/\?(.*)/s);
  const values: Record<string, string> = {
    '@method': method,
    '@path': path,
    '@query': query === undefined ? '?' : `?${query}`,
    ...headers,
  };
  const covered = wish.components ?? [
    '@method',
    '@path',
    '@query',
    'authorization',
    ...['content-digest', 'idempotency-key'].filter((name) => headers[name] !== undefined),
  ];
  const input = `(${covered.map((name) => `"${name}"`).join(' ')});created=${created};nonce="${nonce}";keyid="${keyid}"${parameters}`;
  const base = [
    ...covered.map((name) => `"${name}": ${values[name] ?? ''}`),
    `"@signature-params": ${input}`,
  ].join('\n');
  return {
    ...headers,
    'signature-input': `sig=${input}`,
    signature: `sig=:${createHmac('sha256', secret).update(base).digest('base64')}:`,
  };
}
