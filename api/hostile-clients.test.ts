import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpServer } from '../platform/http-server.ts';
import { listen, SERVER_LIMITS, type ListenOptions } from './server.ts';
import { deferred } from './testing/deferred.ts';
import { openRawClient, type RawClient } from './testing/raw-client.ts';

// Who sends slowly, reads slowly or comes in masses is cut off, and told why where it can be told. The limits
// are short here; the real ones, at the real process: hostile-clients.stack.test.ts.

let server: HttpServer | null = null;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server?.close(0);
  server = null;
});

async function start(
  listener: RequestListener,
  limits: Partial<ListenOptions['limits']>,
  onRefused = () => undefined,
): Promise<void> {
  server = await listen(listener, 0, '127.0.0.1', { limits: { ...SERVER_LIMITS, ...limits }, onRefused });
}

async function open(): Promise<RawClient> {
  const client = await openRawClient(server?.port ?? 0);
  clients.push(client);
  return client;
}

const never: RequestListener = () => undefined;
const SHORT = { headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 } as const;

describe('a connection', () => {
  it('on which no request comes is closed', async () => {
    await start(never, SHORT);
    expect(await (await open()).ended).toMatch(/^HTTP\/1\.1 408 [^]*"code":"request_timeout"/);
  });

  it('on which headers come one by one is closed, however long they go on', async () => {
    await start(never, SHORT);
    const client = await open();
    client.socket.write('GET / HTTP/1.1\r\nHost: a\r\n');
    client.drip('X-Slow: yes\r\n', 10);
    expect(await client.ended).toMatch(/^HTTP\/1\.1 408 [^]*"code":"request_timeout"/);
  });

  it('on which a body comes byte by byte is closed, and what reads it hears of it', async () => {
    let heard: Promise<unknown> = Promise.resolve('nothing');
    await start((request) => {
      heard = buffer(request).catch((error: unknown) => error);
    }, SHORT);
    const client = await open();
    client.socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n');
    client.drip('{', 10);
    expect(await client.ended).toMatch(/^HTTP\/1\.1 408 [^]*"code":"request_timeout"/);
    expect(await heard).toBeInstanceOf(Error);
  });

  it('whose reader takes nothing of a long answer is closed', async () => {
    const LONG = Buffer.alloc(64 * 1_024 * 1_024);
    const closed = deferred<null>();
    await start(
      (_request, response) => {
        response.once('close', () => {
          closed.resolve(null);
        });
        response.end(LONG);
      },
      { stillMs: 300 },
    );
    const client = await open();
    client.socket.pause();
    client.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await closed.promise;
    client.socket.resume();
    expect((await client.ended).length).toBeLessThan(LONG.length);
  });

  it('that is idle after an answer stays open, and is used again', async () => {
    await start((_request, response) => response.end('whole'), {
      ...SHORT,
      stillMs: 1_000,
      keepAliveTimeout: 60_000,
    });
    const client = await open();
    const ask = async (): Promise<void> => {
      const before = client.received().length;
      client.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      while (!client.received().slice(before).endsWith('whole')) await once(client.socket, 'data');
    };
    await ask();
    // Longer than everything but keepAliveTimeout.
    const after = new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await Promise.race([client.ended, after])).toBeUndefined();
    await ask();
  });
});

describe('connections beyond the limit', () => {
  it('are closed as they come and counted; the others go on, and there is room again when one leaves', async () => {
    let refused = 0;
    await start(
      (_request, response) => response.end('whole'),
      { connectionsMax: 2 },
      () => void (refused += 1),
    );
    const [first] = [await open(), await open()];
    expect(await (await open()).ended).toBe('');
    expect(refused).toBe(1);
    first.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    while (!first.received().endsWith('whole')) await once(first.socket, 'data');
    first.close();
    await first.ended;
    const answered = async (): Promise<boolean> => {
      const client = await open();
      client.socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      return (await client.ended).endsWith('whole');
    };
    const deadline = Date.now() + 5_000;
    while (!(await answered())) if (Date.now() > deadline) throw new Error('there is no room');
  });
});
