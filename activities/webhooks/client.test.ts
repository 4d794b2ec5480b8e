import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createWebhookClient } from './client.ts';
import { createEgressAgent } from './egress.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listen(handler: RequestListener): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closing.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, server };
}

function client(options: { readonly limitMs?: number; readonly allowPrivate?: boolean } = {}) {
  const agent = createEgressAgent({
    allowPrivate: options.allowPrivate ?? true,
    connectLimitMs: 2_000,
    connectionsPerOrigin: 2,
  });
  closing.push(() => agent.destroy());
  const send = createWebhookClient({ agent, limitMs: options.limitMs ?? 10_000, bodyBytesMax: 16_384 });
  return (url: string) => send({ url, headers: { 'content-type': 'application/json' }, body: '{"a":1}' });
}

describe('the webhook client', () => {
  it('posts exactly the bytes it was given and takes 2xx for delivered', async () => {
    const bodies: string[] = [];
    const { url } = await listen((request, response) => {
      let body = '';
      request
        .setEncoding('utf8')
        .on('data', (chunk: string) => {
          body += chunk;
        })
        .on('end', () => {
          bodies.push(`${request.method} ${request.url} ${body}`);
          response.writeHead(204).end();
        });
    });
    expect(await client()(url)).toMatchObject({ status: 204, error: null });
    expect(bodies).toEqual(['POST /hook {"a":1}']);
  });

  it.each([400, 404, 410, 429, 500, 503])('takes %i for not delivered', async (status) => {
    const { url } = await listen((_, response) => response.writeHead(status).end('no'));
    expect(await client()(url)).toMatchObject({ status, error: `HTTP ${status}` });
  });

  it('does not follow a redirect', async () => {
    let elsewhere = 0;
    const other = await listen((_, response) => {
      elsewhere += 1;
      response.end();
    });
    const { url } = await listen((_, response) => response.writeHead(307, { location: other.url }).end());
    expect(await client()(url)).toMatchObject({ status: 307, error: 'HTTP 307: redirects are not followed' });
    expect(elsewhere).toBe(0);
  });

  it('reads no more of an answer than it must, and still takes it', async () => {
    let written = 0;
    const { url } = await listen((_, response) => {
      const chunk = Buffer.alloc(65_536);
      const more = (): void => {
        while (!response.destroyed && written < 1_000 * chunk.length) {
          written += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', more);
            return;
          }
        }
      };
      response.writeHead(200);
      more();
    });
    expect(await client()(url)).toMatchObject({ status: 200, error: null });
    // What the sockets of both sides buffer, not the 65 MB that were on offer.
    expect(written).toBeLessThan(30_000_000);
  });

  it('gives up on a receiver that does not answer in time', async () => {
    const { url } = await listen(() => undefined);
    expect(await client({ limitMs: 300 })(url)).toMatchObject({
      status: null,
      error: 'no answer within 300 ms',
    });
  });

  it('takes the status for the answer when the body never ends', async () => {
    const { url } = await listen((_, response) => response.writeHead(200).write('and so on'));
    expect(await client({ limitMs: 2_000 })(url)).toMatchObject({ status: 200, error: null });
  });

  it('says what happened when the connection breaks or nobody listens', async () => {
    const { url } = await listen((request) => request.socket.destroy());
    const broken = await client()(url);
    expect(broken.status).toBeNull();
    expect(broken.error).toMatch(/other side closed|ECONNRESET/);

    const gone = await listen(() => undefined);
    await new Promise((resolve) => gone.server.close(resolve));
    const refused = await client()(gone.url);
    expect(refused).toMatchObject({ status: null });
    expect(refused.error).toContain('ECONNREFUSED');
  });

  it('sends nothing to a private address unless development allows it', async () => {
    let requests = 0;
    const { url } = await listen((_, response) => {
      requests += 1;
      response.end();
    });
    const answer = await client({ allowPrivate: false })(url);
    expect(answer.error).toBe(
      '127.0.0.1 is not a public address (loopback): webhooks go to public addresses only',
    );
    expect(requests).toBe(0);
  });

  it('refuses URLs with credentials and other schemes', async () => {
    const send = client();
    expect((await send('http://user:pass@127.0.0.1:1/')).error).toContain('carries a user name or password');
    expect((await send('ftp://127.0.0.1/')).error).toContain('not an http or https URL');
    expect((await send('nonsense')).error).toContain('not an http or https URL');
  });
});
