import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signed, type ToSign } from '../testing/sign.ts';
import {
  acceptSignature,
  checkAge,
  checkSignature,
  claimedSignature,
  type SignedParts,
} from './signature.ts';
import { checkContentDigest } from './content-digest.ts';

// What is signed is what was sent, all of it that decides what is done, and nothing else holds.

const KEYID = 'sgs_01m7zayarkfvns26md8b9yyec3';
const SECRET = 'rss_test_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG';
const NOW = 1_900_000_000;
const BODY = '{"amount":1}';

const toSign = (changes: Partial<ToSign> = {}): ToSign => ({
  method: 'POST',
  target: '/v1/payments/pay_1/refunds?a=1&b=%2F',
  headers: { authorization: 'Bearer sk_test_1', 'idempotency-key': 'one' },
  body: BODY,
  keyid: KEYID,
  secret: SECRET,
  nonce: 'a nonce of 16 and more'.replaceAll(' ', '-'),
  created: NOW,
  ...changes,
});

const partsOf = (wish: ToSign, changes: Partial<SignedParts> = {}): SignedParts => ({
  method: wish.method,
  target: wish.target,
  headers: signed(wish),
  hasBody: wish.body !== undefined,
  ...changes,
});

async function holds(parts: SignedParts, secret = SECRET): Promise<string> {
  try {
    const claimed = claimedSignature(parts);
    if (claimed === null) return 'none';
    checkAge(claimed, NOW * 1_000);
    await checkSignature(parts, claimed, secret);
    return 'holds';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

describe('a signature', () => {
  it.each([
    ['of a change', toSign()],
    [
      'of a question',
      toSign({ method: 'GET', headers: { authorization: 'Bearer x' }, body: undefined as never }),
    ],
    ['without a query', toSign({ target: '/v1/payments' })],
    ['with an empty query', toSign({ target: '/v1/payments?' })],
    ['of an address with escapes', toSign({ target: '/v1/payments/%F0%9F%92%B3?x=%00&y=a+b' })],
    ['with its algorithm', toSign({ parameters: ';alg="hmac-sha256"' })],
    ['with its end and a tag', toSign({ parameters: `;expires=${NOW + 10};tag="shop"` })],
    [
      'with its components in another order',
      toSign({
        components: ['idempotency-key', 'authorization', 'content-digest', '@query', '@path', '@method'],
      }),
    ],
  ] as const)('%s holds', async (_, { body, ...wish }) => {
    expect(await holds(partsOf(body === undefined ? wish : { ...wish, body }))).toBe('holds');
  });

  it.each([
    ['another method', { method: 'DELETE' }],
    ['another path', { target: '/v1/payments/pay_2/refunds?a=1&b=%2F' }],
    ['another query', { target: '/v1/payments/pay_1/refunds?a=1&b=/' }],
    ['no query', { target: '/v1/payments/pay_1/refunds' }],
  ] as const)('does not hold for %s', async (_, changes) => {
    expect(await holds(partsOf(toSign(), changes))).toBe('signature_invalid');
  });

  it.each(['authorization', 'idempotency-key', 'content-digest', 'signature', 'signature-input'])(
    'does not hold when the header %s is another or missing',
    async (name) => {
      const parts = partsOf(toSign());
      const { [name]: value = '', ...without } = parts.headers as Record<string, string>;
      expect(await holds({ ...parts, headers: { ...parts.headers, [name]: `${value}x` } })).not.toBe('holds');
      expect(await holds({ ...parts, headers: without })).not.toBe('holds');
    },
  );

  it.each([
    ['of another secret', toSign({ secret: `${SECRET}x` }), 'signature_invalid'],
    ['that covers less', toSign({ components: ['@method', '@path', '@query'] }), 'signature_invalid'],
    [
      'that leaves the digest out',
      toSign({ components: ['@method', '@path', '@query', 'authorization', 'idempotency-key'] }),
      'signature_invalid',
    ],
    [
      'that leaves the idempotency key out',
      toSign({ components: ['@method', '@path', '@query', 'authorization', 'content-digest'] }),
      'signature_invalid',
    ],
    ['of another algorithm', toSign({ parameters: ';alg="rsa-pss-sha512"' }), 'signature_invalid'],
    ['with a nonce that is too short', toSign({ nonce: 'short' }), 'signature_invalid'],
    ['that is too old', toSign({ created: NOW - 301 }), 'signature_expired'],
    ['that is not made yet', toSign({ created: NOW + 31 }), 'signature_expired'],
    ['that says it has ended', toSign({ parameters: `;expires=${NOW - 1}` }), 'signature_expired'],
    ['of somebody else', toSign({ keyid: 'their-key' }), 'none'],
  ] as const)('%s does not count', async (_, wish, outcome) => {
    expect(await holds(partsOf(wish))).toBe(outcome);
  });

  it('of a component with parameters, or one twice, or two of ours, does not hold', async () => {
    const parts = partsOf(toSign());
    const inputs = String(parts.headers['signature-input']);
    for (const input of [
      inputs.replace('"authorization"', '"authorization";bs'),
      inputs.replace('"@path"', '"@method"'),
      inputs.replace('"@method"', '@method'),
      inputs.replace('sig=', 'sig=1, x='),
      `${inputs}, two${inputs.slice(3)}`,
      inputs.replace(/;created=\d+/, ''),
      inputs.replace(/;nonce="[^"]+"/, ''),
      'not a dictionary(',
    ]) {
      const changed = { ...parts, headers: { ...parts.headers, 'signature-input': input } };
      expect(await holds(changed), input).not.toBe('holds');
    }
  });

  it('of others beside ours is not looked at', async () => {
    const parts = partsOf(toSign());
    const { signature, 'signature-input': input } = parts.headers as Record<string, string>;
    const headers = {
      ...parts.headers,
      'signature-input': `proxy=("@authority" "x-nothing");keyid="edge", ${input ?? ''}`,
      signature: `proxy=:AAAA:, ${signature ?? ''}`,
    };
    expect(await holds({ ...parts, headers })).toBe('holds');
  });

  it('is asked for as RFC 9421 says, with what this request has', () => {
    expect(acceptSignature({ method: 'GET', target: '/', headers: {}, hasBody: false })).toBe(
      'sig=("@method" "@path" "@query" "authorization");created;nonce;keyid;alg="hmac-sha256"',
    );
  });

  it('is the HMAC of the base that RFC 9421 describes, written out', async () => {
    const input = `("@method" "@path" "@query" "authorization");created=${NOW};nonce="0123456789abcdef";keyid="${KEYID}"`;
    const base = `"@method": GET\n"@path": /v1/balances\n"@query": ?\n"authorization": Bearer t\n"@signature-params": ${input}`;
    const value = createHmac('sha256', SECRET).update(base).digest('base64');
    const headers = { authorization: 'Bearer t', 'signature-input': `a=${input}`, signature: `a=:${value}:` };
    expect(await holds({ method: 'GET', target: '/v1/balances', headers, hasBody: false })).toBe('holds');
  });
});

describe('a digest', () => {
  const right = signed(toSign())['content-digest'] ?? '';
  it.each([right, `sha-512=:AAAA:, ${right}`, `unixsum=1, ${right}`])('%s is that of the body', (header) => {
    expect(() => {
      checkContentDigest(header, Buffer.from(BODY));
    }).not.toThrow();
  });

  it.each([
    '',
    'sha-256=:AAAA:',
    'sha-256="text"',
    'sha-512=:AAAA:',
    '%%%',
    right.replace('sha-256=:', 'sha-256=:A'),
  ])('"%s" is refused', (header) => {
    expect(() => {
      checkContentDigest(header, Buffer.from(BODY));
    }).toThrow(expect.objectContaining({ code: 'content_digest_wrong' }) as Error);
  });

  it('is refused for every other body', () => {
    expect(() => {
      checkContentDigest(right, Buffer.from(`${BODY} `));
    }).toThrow('13 bytes');
  });
});
