import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedis } from '../platform/redis.ts';
import { newId } from '../platform/new-id.ts';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { createLimits } from './limits/limits.ts';
import { createTokenBucket, type BucketState, type TokenBucket } from './limits/token-bucket.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';

// A merchant asks as often as its tier says, over all processes, and goes on being counted when Redis is
// gone; nobody waits for Redis.

const quiet = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
let redis: Redis;

beforeAll(async () => {
  redis = createRedis((await readRunFile(stackRunFile())).redis, quiet);
  await new Promise((resolve) => redis.once('ready', resolve));
});
afterAll(() => {
  redis.disconnect();
});

async function takeMany(bucket: TokenBucket, name: string, count: number): Promise<readonly BucketState[]> {
  return Promise.all(Array.from({ length: count }, () => bucket.take(name)));
}

describe('a bucket', () => {
  it('gives what is in it, says when there is more, and is one for all processes', async () => {
    const name = newId('mer');
    // So slow that nothing comes into it meanwhile.
    const [one, other] = [createTokenBucket(redis, 5, () => 0), createTokenBucket(redis, 5, () => 0)];
    const states = [...(await takeMany(one, name, 4)), ...(await takeMany(other, name, 10))];
    const allowed = states.filter((state) => state.allowed);
    expect(allowed.length).toBeGreaterThanOrEqual(5);
    expect(allowed.length).toBeLessThan(14);
    expect(states[0]).toMatchObject({ allowed: true, remaining: 4 });
    const [refused] = states.filter((state) => !state.allowed);
    expect(refused).toMatchObject({ remaining: 0 });
    expect(refused?.waitMs).toBeGreaterThan(0);
    expect(refused?.waitMs).toBeLessThanOrEqual(200);
    expect((await one.take(`${name} another`)).allowed).toBe(true);
  });

  it('fills evenly and leaves no key when it is full', async () => {
    const name = newId('mer');
    const bucket = createTokenBucket(redis, 20, () => 0);
    await takeMany(bucket, name, 20);
    const deadline = Date.now() + 5_000;
    while (!(await bucket.take(name)).allowed) if (Date.now() > deadline) throw new Error('it does not fill');
    expect(await redis.pttl(`rate:${name}`)).toBeLessThanOrEqual(1_000);
  });

  it('is counted in the process while Redis is gone, without asking it each time', async () => {
    const gone = createRedis('redis://127.0.0.1:1', quiet);
    let now = 0;
    const bucket = createTokenBucket(gone, 3, () => now);
    const states = await takeMany(bucket, 'mer', 5);
    expect(states.map(({ allowed }) => allowed)).toEqual([true, true, true, false, false]);
    now = 500;
    expect((await bucket.take('other')).allowed).toBe(true);
    now = 5_000;
    expect((await bucket.take('other')).allowed).toBe(true);
    gone.disconnect();
  });
});

describe('over HTTP', () => {
  let api: TestApi;
  const limits = () => createLimits({ redis, perSecond: 4, atOnce: 2, now: () => performance.now() });
  beforeAll(async () => {
    api = await startTestApi(stackRunFile(), { waitMs: 0, limits: limits() });
  });
  afterAll(() => api.close());

  it('too many calls of a class are 429 with when to come again; other classes, merchants and tiers are not', async () => {
    const { key, merchant } = await api.addMerchant();
    const answers: Response[] = [];
    for (let call = 0; call < 12; call += 1) answers.push(await api.get('/v1/balances', key));
    expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"read";q=4;w=1');
    expect(answers[0]?.headers.get('ratelimit')).toMatch(/^"read";r=3;t=1$/);
    const refused = answers.find(({ status }) => status === 429);
    expect([refused?.headers.get('retry-after'), refused?.headers.get('ratelimit')]).toEqual([
      '1',
      '"read";r=0;t=1',
    ]);
    expect(await refused?.json()).toMatchObject({ code: 'rate_limited' });
    const manage = { key, body: { scopes: ['read'] } };
    expect((await api.post('/v1/api-keys', manage)).status).toBe(201);
    const { key: another } = await api.addMerchant();
    expect((await api.get('/v1/balances', another)).status).toBe(200);
    await api.database.query("update merchants set api_tier = 'high' where id = $1", [merchant]);
    api.setNow(Date.now() + 10_000);
    const more = await Promise.all([api.get('/v1/balances', key), api.get('/v1/balances', key)]);
    expect(more.map(({ headers }) => headers.get('ratelimit-policy'))).toEqual(
      Array.from({ length: 2 }, () => '"read";q=80;w=1'),
    );
    api.setNow(null);
  });

  it('too many calls under way at once are 429, until one is answered', async () => {
    const { key } = await api.addMerchant();
    let answer: (outcome: 'late') => void = () => undefined;
    const held = new Promise<'late'>((resolve) => {
      answer = resolve;
    });
    api.onRing(() => held);
    const card = {
      number: '4242424242424242',
      expiry_month: 12,
      expiry_year: new Date().getUTCFullYear() + 2,
    };
    const pay = (): Promise<Response> =>
      api.post('/v1/payments', { key, body: { amount: 1, currency: 'EUR', card } });
    const rung = api.rung.length;
    const two = [pay(), pay()];
    const deadline = Date.now() + 10_000;
    while (api.rung.length < rung + 2) {
      if (Date.now() > deadline) throw new Error('two payments did not get under way');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const third = await pay();
    expect(await third.json()).toMatchObject({ code: 'too_many_at_once', status: 429 });
    expect(third.headers.get('retry-after')).toBe('1');
    answer('late');
    for (const first of two) expect((await first).status).toBe(202);
    expect((await pay()).status).toBe(202);
  });
});
