import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type pg from 'pg';
import { createPool } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import { serveHealth } from '../platform/process.ts';
import { freePort } from '../temporal-dev/ports.ts';
import { createApp } from './app.ts';
import type { HttpServer } from '../platform/http-server.ts';
import { listen } from './server.ts';

// While PostgreSQL is away, every request is told to come again, and nothing of ours is shown.

let server: HttpServer;
let pool: pg.Pool;
const healthy = async (): Promise<boolean> => (await pool.query('select')).rowCount === 1;
const quiet: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};

beforeAll(async () => {
  // Nobody listens there.
  const port = await freePort();
  pool = createPool(
    {
      url: `postgres://role:secret@127.0.0.1:${port}/quittance`,
      poolSize: 2,
      statementTimeoutMs: 1_000,
      role: 'api-test',
    },
    quiet,
  );
  const app = createApp({
    eventSources: new Map(),
    secrets: {
      seal: () => Promise.reject(new Error('nothing is sealed')),
      open: () => Promise.reject(new Error('nothing is opened')),
    },
    allowPrivateWebhooks: false,
    eventRetentionDays: 30,
    database: pool,
    tenants: { as: (_, work) => work() },
    keySecret: 'a secret of this test, long enough for a key',
    issuer: 'https://api.example',
    trustedProxies: 0,
    load: { take: () => () => undefined },
    limits: { rate: () => Promise.resolve({}), place: () => () => undefined },
    vault: {
      publish: () => Promise.reject(new Error('the vault is not asked')),
      stage: () => Promise.reject(new Error('the vault is not asked')),
      claim: () => Promise.reject(new Error('the vault is not asked')),
      card: () => Promise.reject(new Error('the vault is not asked')),
      cards: () => Promise.reject(new Error('the vault is not asked')),
      cardToken: () => Promise.reject(new Error('the vault is not asked')),
      forget: () => Promise.reject(new Error('the vault is not asked')),
    },
    ring: () => Promise.resolve('unreachable'),
    runVerification: () => Promise.resolve('unreachable'),
    streamsEnd: new AbortController().signal,
    hurry: new AbortController().signal,
    fingerprintSecret: 'a secret of this test, long enough for a key',
    waitMs: 0,
    now: Date.now,
    logger: quiet,
    count: () => undefined,
    healthy,
  });
  server = await listen(app, 0);
});
afterAll(async () => {
  await server.close(1_000);
  await pool.end();
});

describe('without a database', () => {
  it.each([
    ['GET', '/healthz'],
    ['GET', '/v1/balances'],
    ['POST', '/v1/payments'],
  ])('%s %s answers 503 with Retry-After and no detail of ours', async (method, path) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
      headers: { authorization: 'Bearer sk_test_0000000000000000', 'idempotency-key': 'x' },
    });
    const text = await response.text();
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
    expect(JSON.parse(text)).toMatchObject({
      code: 'service_unavailable',
      request_id: response.headers.get('request-id'),
    });
    expect(text).not.toMatch(/ECONNREFUSED|127\.0\.0\.1|secret|\.ts/);
  });

  it('the process says that it is alive and not healthy: nobody is to start it anew for that', async () => {
    const healthPort = await freePort();
    const close = await serveHealth({ healthHost: '127.0.0.1', healthPort }, healthy, createMetrics('api'));
    const ask = async (path: string): Promise<number> =>
      (await fetch(`http://127.0.0.1:${healthPort}${path}`)).status;
    expect([await ask('/livez'), await ask('/healthz'), await ask('/readyz')]).toEqual([200, 503, 503]);
    await close();
  });
});
