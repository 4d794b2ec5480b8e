import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../clients/typescript/index.ts';
import { newId } from '../platform/new-id.ts';
import { idMadeAt } from '../schema/testing/old-ids.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';
import { waitUntil } from '../temporal-dev/testing/wait-until.ts';
import { startTestApi, type TestApi } from './testing/test-api.ts';

// The promise: who follows the events gets each once and misses none, whatever order their transactions
// end in and however often the connection breaks.

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi(stackRunFile(), { waitMs: 0 });
});
afterAll(() => api.close());

const INSERT = `insert into events (merchant_id, id, mode, payment_id, version, type, body, created_at)
  values ($1, $2, $3, null, 0, 'endpoint.test', $4, clock_timestamp())`;
const rowOf = (merchant: string, id: string, mode = 'test'): string[] => [
  merchant,
  id,
  mode,
  JSON.stringify({ id, object: 'event', type: 'endpoint.test', created: new Date().toISOString(), data: {} }),
];
async function write(merchant: string, mode?: string, id: string = newId('evt')): Promise<string> {
  await api.database.query(INSERT, rowOf(merchant, id, mode));
  return id;
}

interface Reader {
  readonly status: number;
  readonly text: () => string;
  readonly events: () => string[];
  /** True once the stream has ended; null while it is open, false when it was cut off. */
  readonly whole: () => boolean | null;
  close(): void;
}

async function open(key: string, headers: Record<string, string> = {}, search = ''): Promise<Reader> {
  const closing = new AbortController();
  const response = await fetch(`${api.url}/v1/events/stream${search}`, {
    headers: { authorization: `Bearer ${key}`, ...headers },
    signal: closing.signal,
  });
  let text = '';
  let whole: boolean | null = null;
  const reading = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const piece of response.body ?? [])
      text += decoder.decode(piece as Uint8Array, { stream: true });
  };
  reading().then(
    () => {
      whole = true;
    },
    () => {
      whole = false;
    },
  );
  return {
    status: response.status,
    text: () => text,
    events: () => [...text.matchAll(/^data: \{"id":"(evt_[^"]+)"/gm)].map(([, id = '']) => id),
    whole: () => whole,
    close: () => {
      closing.abort();
    },
  };
}

/** Nothing that was under way before now is any more: other tests of this stack have transactions too. */
async function settled(): Promise<void> {
  const query = async (text: string): Promise<bigint> =>
    BigInt((await api.database.query<{ at: string }>(`select ${text}::text as at`)).rows[0]?.at ?? 0);
  const last = await query('pg_current_xact_id()');
  await waitUntil(
    'what was under way has ended',
    15_000,
    async () => (await query('pg_snapshot_xmin(pg_current_snapshot())')) > last,
  );
}
const until = (what: string, holds: () => boolean): Promise<unknown> => waitUntil(what, 15_000, holds);
const positionsIn = (text: string): string[] => [...text.matchAll(/^id: (.+)$/gm)].map(([, id = '']) => id);

describe('the stream of events', () => {
  it('tells what is committed later after it, though its id is lower, and passes over nothing', async () => {
    const { merchant, key } = await api.addMerchant();
    const reader = await open(key);
    await until('it is open', () => reader.text() !== '');
    const [low, high] = [newId('evt'), newId('evt')];
    const slow = await api.database.connect();
    await slow.query('begin');
    await slow.query(INSERT, rowOf(merchant, low));
    await api.database.query(INSERT, rowOf(merchant, high));
    const said = positionsIn(reader.text()).length;
    await until('it says that nothing is final yet', () => positionsIn(reader.text()).length > said + 1);
    expect(reader.events()).toEqual([]);
    await slow.query('commit');
    slow.release();
    await until('both are there', () => reader.events().length === 2);
    expect(reader.events()).toEqual([low, high]);
    reader.close();
  });

  it('has every event once for readers that break off at any moment and come back, while many are written', async () => {
    const { merchant, key } = await api.addMerchant();
    const WRITERS = 3;
    const EACH = 40;
    const client = createClient({ baseUrl: api.url, apiKey: key });
    const seen: string[] = [];
    let after: string | undefined;
    let round = 0;
    const read = async (): Promise<void> => {
      while (seen.length < WRITERS * EACH) {
        const leaving = new AbortController();
        round += 1;
        const enough = (round * 7) % 23;
        let taken = 0;
        for await (const { event, position } of client.events.stream({
          after,
          signal: leaving.signal,
          onOpen: (opened) => {
            after ??= opened;
            if (round === 1) started();
          },
        })) {
          seen.push(event.id);
          after = position;
          taken += 1;
          if (taken > enough || seen.length >= WRITERS * EACH) break;
        }
        leaving.abort();
      }
    };
    let started = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      started = resolve;
    });
    const reading = read();
    await opened;
    const written: string[] = [];
    const writer = async (n: number): Promise<void> => {
      const connection = await api.database.connect();
      for (let count = 0; count < EACH; count += 1) {
        const id = newId('evt');
        await connection.query('begin');
        await connection.query(INSERT, rowOf(merchant, id));
        await delay((count * 5 + n * 3) % 11);
        await connection.query('commit');
        written.push(id);
      }
      connection.release();
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, n) => writer(n)));
    await reading;
    expect(new Set(seen).size).toBe(seen.length);
    expect([...seen].sort()).toEqual([...written].sort());
  });

  it('that begins behind an event that was told of elsewhere does not pass over one that commits later', async () => {
    const { merchant, key } = await api.addMerchant();
    const low = newId('evt');
    const slow = await api.database.connect();
    await slow.query('begin');
    await slow.query(INSERT, rowOf(merchant, low));
    const high = await write(merchant);
    const reader = await open(key, {}, `?after=${high}`);
    await until('it is open', () => reader.text() !== '');
    await slow.query('commit');
    slow.release();
    await until('it is there', () => reader.events().length >= 1);
    expect(reader.events()[0]).toBe(low);
    reader.close();
  });

  it('begins behind an event that is named, and by the header rather than the address', async () => {
    const { merchant, key } = await api.addMerchant();
    const [one, two, three] = [await write(merchant), await write(merchant), await write(merchant)];
    await settled();
    const all = await open(key, {}, `?after=${one}`);
    await until('the others are there', () => all.events().length === 2);
    expect(all.events()).toEqual([two, three]);
    all.close();
    const last = await open(key, { 'last-event-id': two }, `?after=${one}`);
    await until('the last is there', () => last.events().length === 1);
    expect(last.events()).toEqual([three]);
    // Where it says that one stands, one can go on: nothing is told again.
    const stood = positionsIn(all.text()).at(-1) ?? '';
    last.close();
    const next = await write(merchant);
    const again = await open(key, { 'last-event-id': stood });
    await until('the next is there', () => again.events().length === 1);
    expect(again.events()).toEqual([next]);
    again.close();
  });

  it('passes over what is older than thirty days', async () => {
    const { merchant, key } = await api.addMerchant();
    await write(merchant, 'test', idMadeAt('evt', new Date(Date.now() - 31 * 86_400_000)));
    const event = await write(merchant);
    const reader = await open(key, {}, '?after=0');
    await until('the new one is there', () => reader.events().length >= 1);
    expect(reader.events()).toEqual([event]);
    reader.close();
  });

  it('that was silent refuses whoever comes back to it after thirty days: it does not pass over what is gone', async () => {
    const { merchant, key } = await api.addMerchant();
    const reader = await open(key);
    await until('it has said where it stands', () => positionsIn(reader.text()).length > 0);
    const [stood = ''] = positionsIn(reader.text());
    reader.close();
    const refusalOf = async (after: string): Promise<[number, unknown]> => {
      const refused = await api.get(`/v1/events/stream?after=${after}`, key);
      return [refused.status, ((await refused.json()) as { code: string }).code];
    };
    api.setNow(Date.now() + 31 * 86_400_000);
    expect(await refusalOf(stood)).toEqual([410, 'event_expired']);
    api.setNow(Date.now() + 29 * 86_400_000);
    const back = await open(key, {}, `?after=${stood}`);
    expect(back.status).toBe(200);
    await until('it has said where it stands', () => positionsIn(back.text()).length > 0);
    // Not said anew, and so not younger, before anything behind it was read.
    expect(positionsIn(back.text())[0]).toBe(stood);
    back.close();
    // One that was told before places had times is known by what was written behind it.
    api.setNow(null);
    const [undated = ''] = stood.split('_');
    await write(merchant, 'test', idMadeAt('evt', new Date(Date.now() - 31 * 86_400_000)));
    expect(await refusalOf(undated)).toEqual([410, 'event_expired']);
  });

  it('is the merchant’s own, in its own mode', async () => {
    const { merchant, key } = await api.addMerchant();
    const other = await api.addMerchant();
    const reader = await open(key);
    await until('it is open', () => reader.text() !== '');
    const strangers = await write(other.merchant);
    await write(merchant, 'live');
    const own = await write(merchant);
    await until('its own is there', () => reader.events().length > 0);
    expect(reader.events()).toEqual([own]);
    reader.close();
    const refused = await api.get(`/v1/events/stream?after=${strangers}`, key);
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { param: 'after', code: 'field_invalid' },
    ]);
    const nonsense = await open(key, { 'last-event-id': 'yesterday' });
    await until('it is refused', () => nonsense.whole() === true);
    expect([nonsense.status, nonsense.text()]).toMatchObject([
      400,
      expect.stringContaining('"param":"Last-Event-ID"'),
    ]);
  });

  it('is open five times for a merchant, and a place is free again when a reader has gone', async () => {
    const { key } = await api.addMerchant();
    const readers = await Promise.all(Array.from({ length: 5 }, () => open(key)));
    expect(readers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    const sixth = await api.get('/v1/events/stream', key);
    expect([sixth.status, sixth.headers.get('retry-after')]).toEqual([429, '5']);
    expect(await sixth.json()).toMatchObject({ code: 'too_many_streams' });
    const other = await open((await api.addMerchant()).key);
    expect(other.status).toBe(200);
    readers[0]?.close();
    const late = await waitUntil('a place is free', 15_000, async () => {
      const reader = await open(key);
      return reader.status === 200 ? reader : null;
    });
    for (const reader of [...readers, other, late]) reader.close();
  });

  // The last: no stream is opened here any more.
  it('ends whole when the process leaves, and says until then that it is there', async () => {
    const { key } = await api.addMerchant();
    const reader = await open(key);
    await until('it was silent for a while', () => reader.text().includes(': nothing new\nid: '));
    expect(reader.whole()).toBeNull();
    api.endStreams();
    await until('it has ended', () => reader.whole() !== null);
    expect(reader.whole()).toBe(true);
  });
});
