import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient, ProblemError } from './index.ts';
import { messagesOf, type Message } from './server-sent-events.ts';
import { problem, scriptedServer, type Step } from './testing/scripted-server.ts';

let open: Awaited<ReturnType<typeof scriptedServer>> | null = null;
afterEach(async () => {
  await open?.close();
  open = null;
});

const event = (n: number): string => `id: ${n}\ndata: {"id":"evt_${n}"}\n\n`;
/** Sends that and breaks off. */
const stream =
  (text: string): Step =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text, () => {
      response.destroy();
    });
  };

async function take(count: number, ...script: readonly Step[]) {
  const server = await scriptedServer(...script);
  open = server;
  const client = createClient({ baseUrl: server.url, apiKey: 'sk_test_1' });
  const taken: string[] = [];
  for await (const { event: one, position } of client.events.stream()) {
    taken.push(`${one.id}@${position}`);
    if (taken.length >= count) break;
  }
  return { taken, asked: server.arrived.map(({ headers }) => headers['last-event-id']) };
}

describe('the stream of events', () => {
  it('goes on behind the last whole event when a connection breaks, also in the middle of one', async () => {
    const { taken, asked } = await take(
      3,
      stream(`id: 0\n\n${event(1)}id: 2\ndata: {"id":`),
      stream(`${event(2)}: nothing\n\n${event(3)}`),
    );
    expect(taken).toEqual(['evt_1@1', 'evt_2@2', 'evt_3@3']);
    expect(asked).toEqual([undefined, '1']);
  });

  it('goes on from where it was opened when it breaks before the first event', async () => {
    const { taken, asked } = await take(1, stream('id: 41\n\n'), stream(event(42)));
    expect(taken).toEqual(['evt_42@42']);
    expect(asked).toEqual([undefined, '41']);
  });

  it('says once of each connection that it is open, and not again when it only says that it lives', async () => {
    const server = await scriptedServer(
      stream(`id: 0\n\n: nothing new\nid: 0\n\n${event(1)}id: 1\n\n`),
      stream(`id: 1\n\n${event(2)}`),
    );
    open = server;
    const opened: string[] = [];
    const client = createClient({ baseUrl: server.url, apiKey: 'sk_test_1' });
    for await (const { position } of client.events.stream({ onOpen: (from) => opened.push(from) }))
      if (position === '2') break;
    expect(opened).toEqual(['0', '1']);
  });

  it('comes back after a refusal that passes, and ends with one that does not', async () => {
    const { taken } = await take(
      1,
      problem(503, 'service_unavailable', { 'retry-after': '0' }),
      stream(event(1)),
    );
    expect(taken).toEqual(['evt_1@1']);
    await open?.close();
    await expect(take(1, problem(401, 'api_key_invalid'))).rejects.toBeInstanceOf(ProblemError);
  });
});

describe('text/event-stream', () => {
  async function read(pieces: readonly Uint8Array[]): Promise<Message[]> {
    const read: Message[] = [];
    const source = async function* () {
      yield* pieces;
    };
    for await (const message of messagesOf(source(), () => undefined)) read.push(message);
    return read;
  }

  it('means the same however it is cut into pieces', async () => {
    const text =
      ': hello\r\nid: 1\r\ndata: {"a":"ü💳"}\r\n\r\nid: 2\n\ndata: one\ndata:two\nid: 3\n\nretry: 5\n\nid: 4\ndata: cut';
    const bytes = new TextEncoder().encode(text);
    const whole = [
      { id: '1', data: '{"a":"ü💳"}' },
      { id: '2', data: null },
      { id: '3', data: 'one\ntwo' },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 20 }), async (cuts) => {
        const at = [0, ...cuts.sort((one, other) => one - other), bytes.length];
        const pieces = at.slice(1).map((end, place) => bytes.subarray(at[place], end));
        expect(await read(pieces)).toEqual(whole);
      }),
    );
  });
});
