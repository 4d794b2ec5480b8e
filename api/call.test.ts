import { once } from 'node:events';
import { connect } from 'node:net';
import express from 'express';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HttpServer } from '../platform/http-server.ts';
import type { ApiKeyId, MerchantId } from '../workflows/domain/ids.ts';
import type { KeyHolder } from './auth/api-key.ts';
import { serve, type Trace } from './call.ts';
import { createLimits } from './limits/limits.ts';
import { createLoad } from './limits/load.ts';
import { listen } from './server.ts';
import { deferred } from './testing/deferred.ts';

// Whoever leaves while it is asked who it is takes no place with it.

const holder: KeyHolder = {
  key: 'key_1' as ApiKeyId,
  merchant: 'mer_1' as MerchantId,
  mode: 'test',
  scopes: new Set(['read']),
  allowList: [],
  tier: 'standard',
  version: null,
};

let server: HttpServer;
/** Never connected to: the rate is not asked here. */
const redis = new Redis({ lazyConnect: true });
let asked = deferred<unknown>();
let known = deferred<unknown>();
let handled = deferred<unknown>();
let left = deferred<unknown>();

beforeAll(async () => {
  const limits = createLimits({ redis, perSecond: 1, atOnce: 1, now: () => 0 });
  const app = express();
  app.use((_request, response, next) => {
    response.locals['trace'] = {} as Trace;
    response.once('close', () => {
      left.resolve(null);
    });
    next();
  });
  app.get(
    '/',
    serve(
      {
        method: 'GET',
        path: '/',
        contract: { scope: 'read', callClass: 'read' } as never,
        handle: () => {
          handled.resolve(null);
          return Promise.resolve({ status: 200, body: '{}' });
        },
      },
      {
        authenticator: {
          authenticate: async () => {
            asked.resolve(null);
            await known.promise;
            return holder;
          },
        },
        trustedProxies: 0,
        tenants: { as: (_merchant, work) => work() },
        load: createLoad(10),
        limits: { ...limits, rate: () => Promise.resolve({}) },
        signatures: { check: () => Promise.resolve(null) },
      },
    ),
  );
  server = await listen(app, 0);
});
afterAll(async () => {
  redis.disconnect();
  await server.close(0);
});

it('a caller that leaves while its key is looked up gives its place back', async () => {
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await asked.promise;
  socket.destroy();
  await left.promise;
  known.resolve(null);
  await handled.promise;

  // The merchant has one place.
  asked = deferred();
  handled = deferred();
  left = deferred();
  known = deferred();
  known.resolve(null);
  expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(200);
});
