import { createHash, createHmac, randomUUID } from 'node:crypto';

/** What requests are signed with: `POST /v1/signing-secrets`. */
export interface SigningOptions {
  /** Id of the signing secret, `sgs_…`. */
  readonly keyId: string;
  /** Its text, `rss_test_…` or `rss_live_…`. */
  readonly secret: string;
}

/** One attempt of a request, as it will be sent. */
export interface Outgoing {
  readonly method: string;
  readonly url: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * The headers by which a request is signed (RFC 9421, RFC 9530), with a nonce of its own: an attempt that
 * is repeated is signed anew.
 * @param now epoch ms.
 */
export function signatureHeaders(
  { keyId, secret }: SigningOptions,
  { method, url, headers, body }: Outgoing,
  now: number,
): Record<string, string> {
  const { pathname, search } = new URL(url);
  const digest: Record<string, string> =
    body === undefined
      ? {}
      : { 'content-digest': `sha-256=:${createHash('sha256').update(body).digest('base64')}:` };
  const all = { ...headers, ...digest };
  const covered: (readonly [name: string, value: string])[] = [
    ['@method', method],
    ['@path', pathname],
    ['@query', search === '' ? '?' : search],
    ...['authorization', 'content-digest', 'idempotency-key'].flatMap((name) => {
      const value = all[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  ];
  const input = `(${covered.map(([name]) => `"${name}"`).join(' ')});created=${Math.floor(now / 1_000)};nonce="${randomUUID()}";keyid="${keyId}";alg="hmac-sha256"`;
  const base = [...covered.map(([name, value]) => `"${name}": ${value}`), `"@signature-params": ${input}`];
  const signature = createHmac('sha256', secret).update(base.join('\n')).digest('base64');
  return { ...digest, 'signature-input': `sig=${input}`, signature: `sig=:${signature}:` };
}
