import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createJsonClient } from './http-json.ts';

class Unavailable extends Error {}
class Refused extends Error {}

const BODY = { number: '4242424242424242' };
let cleanup: (() => Promise<void>) | null = null;
afterEach(async () => {
  await cleanup?.();
  cleanup = null;
});

/** A client of a server that answers the n-th request (from 1) as scripted. */
async function clientOf(
  reply: (response: ServerResponse, nth: number, request: IncomingMessage) => void,
  timeoutMs = 10_000,
) {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      reply(response, (count += 1), request);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createJsonClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: 2,
    timeoutMs,
    unavailable: (message, cause) => new Unavailable(message, { cause }),
    refused: (status, code, message) => new Refused(`${status} ${code} ${message}`),
  });
  cleanup = async () => {
    server.closeAllConnections();
    server.close();
    await client.close();
  };
  return { client, requests: () => count };
}

const json = (status: number, body: unknown) => (response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const problem = (retryable: boolean) => ({ error: { code: 'a_code', message: 'a reason', retryable } });

describe('the JSON client of our services', () => {
  it('answers what the service answered', async () => {
    const { client } = await clientOf((response, _nth, request) => {
      json(200, { method: request.method })(response);
    });
    expect(await client.post('/x', BODY)).toEqual({ method: 'POST' });
  });

  it('tells "later" from "no" by what the service says, not by the status alone', async () => {
    const later = await clientOf(json(503, problem(true)));
    await expect(later.client.post('/x', BODY)).rejects.toThrow(Unavailable);
    await cleanup?.();
    const no = await clientOf(json(500, problem(false)));
    await expect(no.client.post('/x', BODY)).rejects.toThrow(Refused);
  });

  it.each([
    [
      'an answer that is not ours',
      (response: ServerResponse) => {
        response.writeHead(404).end('<html>');
      },
    ],
    [
      'a good status with half a body',
      (response: ServerResponse) => {
        response.writeHead(200).end('{"a":');
      },
    ],
    [
      'a connection that is always cut',
      (response: ServerResponse) => {
        response.destroy();
      },
    ],
  ])('calls %s unavailable', async (_what, reply) => {
    const { client } = await clientOf(reply);
    await expect(client.post('/x', BODY)).rejects.toThrow(Unavailable);
  });

  it('calls no answer in time unavailable', async () => {
    const { client } = await clientOf(() => undefined, 300);
    await expect(client.post('/x', BODY)).rejects.toThrow(Unavailable);
  });

  it('asks once more when the connection was cut', async () => {
    const { client, requests } = await clientOf((response, nth) => {
      if (nth === 1) response.destroy();
      else json(200, { nth })(response);
    });
    expect(await client.post('/x', BODY)).toEqual({ nth: 2 });
    expect(requests()).toBe(2);
  });

  it('holds nothing of what was sent in its errors', async () => {
    const { client } = await clientOf((response) => {
      response.destroy();
    });
    const error: unknown = await client.post('/x', BODY).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Unavailable);
    const { message, stack, cause } = error as Error;
    expect(`${message} ${stack ?? ''} ${String(cause)} ${JSON.stringify(cause)}`).not.toMatch(/4242/);
  });
});
