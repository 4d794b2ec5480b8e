import { once } from 'node:events';
import pMap from 'p-map';
import { beforeAll, afterEach, describe, expect, it } from 'vitest';
import { readRunFile, type RunFile } from '../temporal-dev/run-file.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { SERVER_LIMITS } from './server.ts';
import { openRawClient, type RawClient } from './testing/raw-client.ts';

// The api process of a stack as strangers meet it: who is slow or too large is turned away by name, and
// thousands who do nothing take nothing from those who ask.

let run: RunFile;
const clients: RawClient[] = [];
beforeAll(async () => {
  run = await readRunFile(stackRunFile());
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

async function open(): Promise<RawClient> {
  const client = await openRawClient(Number(new URL(run.api).port));
  clients.push(client);
  return client;
}

/** Sends it, and answers what comes until the connection ends. */
async function send(...parts: readonly string[]): Promise<string> {
  const client = await open();
  for (const part of parts) client.socket.write(part);
  return client.ended;
}

const HEAD =
  'POST /v1/payments HTTP/1.1\r\nHost: api\r\nConnection: close\r\nContent-Type: application/json\r\n';
const authorized = (): string =>
  `Authorization: Bearer ${run.merchant.apiKey}\r\nIdempotency-Key: ${crypto.randomUUID()}\r\n`;

/** An answer that is a problem document of that kind. */
const problem = (status: number, code: string): RegExp =>
  new RegExp(
    `^HTTP/1\\.1 ${status} [^]*\\r\\nContent-Type: application/problem\\+json[^]*"code":"${code}"`,
    'i',
  );

describe('what is too large', () => {
  it('in its headers is 431, whoever sends it', async () => {
    const long = `X-Long: ${'a'.repeat(SERVER_LIMITS.maxHeaderSize)}\r\n`;
    expect(await send(HEAD, long, '\r\n')).toMatch(problem(431, 'headers_too_large'));
    const many = Array.from({ length: 4_000 }, (_, index) => `X-${index}: a\r\n`).join('');
    expect(await send(HEAD, many, '\r\n')).toMatch(problem(431, 'headers_too_large'));
    expect(await send(`GET /${'a'.repeat(SERVER_LIMITS.maxHeaderSize)} HTTP/1.1\r\n`)).toMatch(
      problem(431, 'headers_too_large'),
    );
  });

  it('in its body is 413, before it is sent where it says so, and as soon as it is where it does not', async () => {
    const said = `Content-Length: ${64 * 1_024 + 1}\r\n\r\n`;
    expect(await send(HEAD, authorized(), said)).toMatch(problem(413, 'body_too_large'));
    // It goes on for ever, and the answer comes all the same.
    const endless = await open();
    endless.socket.write(
      `${HEAD.replace(/Connection.*\r\n/, '')}${authorized()}Transfer-Encoding: chunked\r\n\r\n`,
    );
    const sending = setInterval(() => {
      endless.socket.write(`4000\r\n${'a'.repeat(0x4000)}\r\n`);
    }, 20);
    while (!endless.received().includes('"code"') && !endless.socket.destroyed)
      await Promise.race([once(endless.socket, 'data'), endless.ended]);
    clearInterval(sending);
    expect(endless.received()).toMatch(problem(413, 'body_too_large'));
  });

  it('is not even read of somebody without a key', async () => {
    expect(await send(HEAD, `Content-Length: ${10 ** 12}\r\n\r\n`)).toMatch(problem(401, 'api_key_missing'));
  });
});

/** As many as a machine with ordinary limits has files for in one process; `npm run bench:api` holds ten thousand. */
const IDLE = 2_000;

describe('slow ones and idle ones', () => {
  it('those who send their headers slowly or nothing are cut off in time; thousands of idle ones stay, and others are answered', async () => {
    const began = performance.now();
    const silent = await open();
    const slow = await open();
    slow.socket.write(HEAD);
    slow.drip('X-Slow: yes\r\n', 250);

    const idle = await pMap(
      Array.from({ length: IDLE }),
      async () => {
        const client = await open();
        client.socket.write('GET /nowhere HTTP/1.1\r\nHost: api\r\n\r\n');
        await once(client.socket, 'data');
        return client;
      },
      { concurrency: 50 },
    );
    const ask = async (): Promise<number> => {
      const headers = { authorization: `Bearer ${run.merchant.apiKey}` };
      return (await fetch(`${run.api}/v1/payments`, { headers })).status;
    };
    expect(await ask()).toBe(200);

    for (const { ended } of [silent, slow]) expect(await ended).toMatch(problem(408, 'request_timeout'));
    // Not before, either: whoever is slow for a moment has that long.
    expect(performance.now() - began).toBeGreaterThan(SERVER_LIMITS.headersTimeout - 100);

    expect(await ask()).toBe(200);
    expect(idle.filter(({ socket }) => socket.destroyed)).toEqual([]);
    const [one] = idle;
    one?.socket.write('GET /nowhere HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n');
    expect(await one?.ended).toMatch(/"code":"route_not_found"[^]*"code":"route_not_found"/);
  }, 90_000);
});
