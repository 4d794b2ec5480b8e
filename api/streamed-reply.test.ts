import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpServer } from '../platform/http-server.ts';
import { listen } from './server.ts';
import { sendStream, type StreamLimits } from './streamed-reply.ts';
import { askOnly } from './testing/ask-only.ts';
import { deferred } from './testing/deferred.ts';

// A long body goes at its reader's pace, is whole or visibly cut, and always lets go of what it holds.

let server: HttpServer | null = null;
afterEach(async () => {
  await server?.close(0);
  server = null;
});

/** One address that streams; answers its URL, and how the stream ended. */
async function stream(
  chunks: () => AsyncIterable<string>,
  limits?: StreamLimits,
): Promise<{ url: string; ended: Promise<'returned' | 'threw'>; closed: Promise<void> }> {
  const ended = deferred<'returned' | 'threw'>();
  const closed = deferred<undefined>();
  const app = express();
  app.get('/', async (_request, response) => {
    const close = (): Promise<void> => {
      closed.resolve(undefined);
      return Promise.resolve();
    };
    const reply = { status: 200, headers: { 'content-type': 'text/csv' }, chunks: chunks(), close } as const;
    await sendStream(response, reply, limits).then(
      () => {
        ended.resolve('returned');
      },
      () => {
        ended.resolve('threw');
        response.destroy();
      },
    );
  });
  server = await listen(app, 0);
  return { url: `http://127.0.0.1:${server.port}/`, ended: ended.promise, closed: closed.promise };
}

const CHUNK = 'x'.repeat(64 * 1_024);
/** Counts what was made of an endless body. */
function endless(): { chunks: () => AsyncGenerator<string>; made: () => number } {
  let made = 0;
  return {
    made: () => made,
    async *chunks() {
      for (;;) {
        made += 1;
        yield CHUNK;
      }
    },
  };
}

describe('a streamed body', () => {
  it('arrives whole and in order', async () => {
    const { url, ended, closed } = await stream(async function* () {
      for (let count = 0; count < 50; count += 1) yield `${count}\n`;
    });
    const body = await (await fetch(url)).text();
    expect(body).toBe(Array.from({ length: 50 }, (_, count) => `${count}\n`).join(''));
    expect(await ended).toBe('returned');
    await closed;
  });

  it('is made no faster than it is read: an endless one stops when its reader does', async () => {
    const { chunks, made } = endless();
    const { url, ended, closed } = await stream(chunks);
    const response = await askOnly(url, 'unused');
    // Full sockets between two processes are the only place where it can pile up.
    let last = -1;
    while (made() !== last) {
      last = made();
      await delay(200);
    }
    expect(made() * CHUNK.length).toBeLessThan(64 * 1_024 * 1_024);
    // And goes on when the reader does.
    response.resume();
    while (made() < last + 100) await once(response, 'data');
    response.destroy();
    expect(await ended).toBe('returned');
    await closed;
  });

  it('that its reader leaves lets go of what it holds, without a complaint', async () => {
    const { chunks } = endless();
    const { url, ended, closed } = await stream(chunks);
    (await askOnly(url, 'unused')).destroy();
    expect(await ended).toBe('returned');
    await closed;
  });

  it.each([
    ['takes nothing', { stallMs: 50, wholeMs: 60_000 }],
    ['takes too long in all', { stallMs: 60_000, wholeMs: 50 }],
  ])('is cut off when its reader %s', async (_, limits) => {
    const { chunks } = endless();
    const { url, ended, closed } = await stream(chunks, limits);
    const response = await askOnly(url, 'unused');
    expect(await ended).toBe('returned');
    await closed;
    await expect(text(response)).rejects.toThrow();
  });

  it('that fails on the way is cut off and tells us why', async () => {
    const { url, ended, closed } = await stream(async function* () {
      yield 'begun';
      throw new Error('the database is gone');
    });
    await expect(askOnly(url, 'unused').then(text)).rejects.toThrow();
    expect(await ended).toBe('threw');
    await closed;
  });

  it('is not made for who asks for its headers alone', async () => {
    const { chunks, made } = endless();
    const { url, closed } = await stream(chunks);
    expect((await askOnly(url, 'unused', 'HEAD')).headers['content-type']).toBe('text/csv');
    await closed;
    expect(made()).toBe(0);
  });
});
