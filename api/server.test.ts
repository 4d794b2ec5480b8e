import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpServer } from '../platform/http-server.ts';
import { listen } from './server.ts';
import { deferred } from './testing/deferred.ts';

// A server that leaves finishes what it began; what never became a request is answered all the same.

let server: HttpServer | null = null;
afterEach(async () => {
  await server?.close(0);
  server = null;
});

describe('closing', () => {
  it('lets a request that is under way finish, and takes no new one', async () => {
    const arrived = deferred<ServerResponse>();
    const own = await listen((_request, response) => {
      arrived.resolve(response);
    }, 0);
    const url = `http://127.0.0.1:${own.port}/`;
    const answer = fetch(url);
    const response = await arrived.promise;
    const closed = own.close(10_000);
    await expect(fetch(url)).rejects.toThrow();
    response.end('done');
    expect(await (await answer).text()).toBe('done');
    await closed;
  });

  it('cuts what does not finish within the limit', async () => {
    const arrived = deferred<ServerResponse>();
    const own = await listen((_request, response) => {
      arrived.resolve(response);
    }, 0);
    const answer = fetch(`http://127.0.0.1:${own.port}/`).then(
      () => 'answered',
      () => 'cut',
    );
    await arrived.promise;
    await own.close(0);
    expect(await answer).toBe('cut');
  });
});

describe('bytes that are no request', () => {
  it('are answered with a problem that does not repeat them', async () => {
    server = await listen((_request, response) => {
      response.end();
    }, 0);
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('4242424242424242 is not a method\r\n\r\n');
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/\r\nRequest-Id: req_/);
    expect(answer).toContain('"code":"malformed_request"');
    expect(answer).not.toContain('4242');
  });
});
