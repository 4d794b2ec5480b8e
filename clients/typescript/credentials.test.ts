import { createHash, createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { AccessTokenError, ConnectionError, createClient } from './index.ts';
import { answer, cut, problem, scriptedServer, type Step } from './testing/scripted-server.ts';

// The promise: who calls is proven at every attempt, by a token that is good and a signature of its own.

const FAST = { attempts: 8, firstPauseMs: 1, longestPauseMs: 4 };
const BODY = { amount: 4_200, currency: 'EUR', card_token: 'ctok_1' } as const;
const PAYMENT = { id: 'pay_1', object: 'payment', status: 'captured' };
const OAUTH = { clientId: 'oac_1', clientSecret: 'ocs_test_1', scope: 'payments' };
const SIGNING = { keyId: 'sgs_1', secret: 'rss_test_1' };

let open: Awaited<ReturnType<typeof scriptedServer>> | null = null;
afterEach(async () => {
  await open?.close();
  open = null;
});
async function against(...script: readonly Step[]) {
  open = await scriptedServer(...script);
  return open;
}
const token = (text: string, seconds = 600): Step =>
  answer(200, { access_token: text, token_type: 'Bearer', expires_in: seconds, scope: 'payments' });

describe('with an OAuth client', () => {
  it('a token is fetched once, and used until shortly before it ends', async () => {
    const server = await against(token('one'), answer(201, PAYMENT), answer(201, PAYMENT));
    const client = createClient({ baseUrl: server.url, oauth: OAUTH, retries: FAST });
    await client.payments.create(BODY);
    await client.payments.create(BODY);
    const [asked, ...calls] = server.arrived;
    expect([asked?.url, asked?.body]).toEqual([
      '/v1/oauth/token',
      'grant_type=client_credentials&scope=payments',
    ]);
    expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from('oac_1:ocs_test_1').toString('base64')}`);
    expect(calls.map(({ headers }) => headers.authorization)).toEqual(['Bearer one', 'Bearer one']);
  });

  it('one that ends within the minute is not used for another request', async () => {
    const server = await against(token('one', 60), answer(201, PAYMENT), token('two'), answer(201, PAYMENT));
    const client = createClient({ baseUrl: server.url, oauth: OAUTH, retries: FAST });
    await client.payments.create(BODY);
    await client.payments.create(BODY);
    expect(server.arrived.at(-1)?.headers.authorization).toBe('Bearer two');
  });

  it('one that is refused is replaced once, and the request sent again with its key', async () => {
    const server = await against(
      token('one'),
      problem(401, 'access_token_expired'),
      token('two'),
      answer(201, PAYMENT),
    );
    const client = createClient({ baseUrl: server.url, oauth: OAUTH, retries: FAST });
    await expect(client.payments.create(BODY)).resolves.toEqual(PAYMENT);
    const [, first, , second] = server.arrived;
    expect([first, second].map((one) => one?.headers.authorization)).toEqual(['Bearer one', 'Bearer two']);
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
    expect(second?.body).toBe(first?.body);
  });

  it('that gets no token for a repeat does not know what became of the first attempt, and says its key', async () => {
    const refused = { error: 'invalid_client', error_description: 'revoked' };
    const server = await against(
      token('one', 60),
      cut,
      answer(401, refused, { 'content-type': 'application/json' }),
    );
    const client = createClient({ baseUrl: server.url, oauth: OAUTH, retries: FAST });
    await expect(client.payments.create(BODY)).rejects.toSatisfy(
      (error) =>
        error instanceof ConnectionError &&
        error.idempotencyKey === server.arrived[1]?.headers['idempotency-key'] &&
        error.cause instanceof AccessTokenError,
    );
  });

  it('that gets no token nothing is sent, and why is told; one that comes later is waited for', async () => {
    const refused = { error: 'invalid_client', error_description: 'unknown' };
    const server = await against(answer(401, refused, { 'content-type': 'application/json' }));
    const client = createClient({ baseUrl: server.url, oauth: OAUTH, retries: FAST });
    await expect(client.payments.create(BODY)).rejects.toSatisfy(
      (error) => error instanceof AccessTokenError && error.error === 'invalid_client',
    );
    expect(server.arrived).toHaveLength(1);
    await server.close();
    const late = await against(cut, problem(503, 'service_unavailable'), token('one'), answer(201, PAYMENT));
    const patient = createClient({ baseUrl: late.url, oauth: OAUTH, retries: FAST });
    await expect(patient.payments.create(BODY)).resolves.toEqual(PAYMENT);
  });
});

describe('with a signing secret', () => {
  it('every attempt is signed anew: the same request, another nonce', async () => {
    const server = await against(cut, answer(201, PAYMENT));
    const client = createClient({
      baseUrl: server.url,
      apiKey: 'sk_test_1',
      signing: SIGNING,
      retries: FAST,
    });
    await client.payments.create(BODY);
    const nonces = server.arrived.map(({ method, url, headers, body }) => {
      const input = /^sig=(.*)$/.exec(String(headers['signature-input']))?.[1] ?? '';
      const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
      const base = [
        `"@method": ${method}`,
        `"@path": ${url}`,
        '"@query": ?',
        '"authorization": Bearer sk_test_1',
        `"content-digest": ${digest}`,
        `"idempotency-key": ${String(headers['idempotency-key'])}`,
        `"@signature-params": ${input}`,
      ].join('\n');
      expect(headers['content-digest']).toBe(digest);
      const value = createHmac('sha256', SIGNING.secret).update(base).digest('base64');
      expect(headers['signature']).toBe(`sig=:${value}:`);
      return /nonce="([^"]+)"/.exec(input)?.[1];
    });
    expect(new Set(nonces).size).toBe(2);
    expect(new Set(server.arrived.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  });

  it('a question is signed with its query', async () => {
    const server = await against(answer(200, { object: 'list', data: [], has_more: false }));
    const client = createClient({
      baseUrl: server.url,
      apiKey: 'sk_test_1',
      signing: SIGNING,
      retries: FAST,
    });
    await client.payments.list({ limit: 5, status: 'captured' }).page();
    const [one] = server.arrived;
    const input = /^sig=(.*)$/.exec(String(one?.headers['signature-input']))?.[1] ?? '';
    const [path, query] = (one?.url ?? '').split('?');
    const base = `"@method": GET\n"@path": ${path ?? ''}\n"@query": ?${query ?? ''}\n"authorization": Bearer sk_test_1\n"@signature-params": ${input}`;
    const value = createHmac('sha256', SIGNING.secret).update(base).digest('base64');
    expect(one?.headers['signature']).toBe(`sig=:${value}:`);
  });
});
