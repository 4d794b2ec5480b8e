import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * How a connection is cut.
 * - request: before PostgreSQL gets what was asked: certainly not executed
 * - answer: after PostgreSQL said that it is done and has committed, and before we hear it
 * - half_answer: the same, when the first half of what it said has reached us
 * - meanwhile: as soon as the request is on its way: whoever is faster
 */
export const CUTS = ['request', 'answer', 'half_answer', 'meanwhile'] as const;
export type Cut = (typeof CUTS)[number];

/** A way to PostgreSQL that breaks where it is told to. */
export interface PostgresProxy {
  /** The same database and role, by this way. */
  readonly url: string;
  /** The next request that contains `text` (a statement's name, or its words) meets this cut. */
  cutNext(cut: Cut, text: string): void;
  /** How often each cut was made. */
  readonly cuts: Readonly<Record<Cut, number>>;
  close(): Promise<void>;
}

/** ReadyForQuery: PostgreSQL sends it when the transaction of a request is over, committed or not. */
const READY_FOR_QUERY = 'Z'.charCodeAt(0);

/** @param url of the database itself, without TLS. */
export async function openPostgresProxy(url: string): Promise<PostgresProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const orders: { readonly cut: Cut; readonly text: string }[] = [];
  const cuts: Record<Cut, number> = { request: 0, answer: 0, half_answer: 0, meanwhile: 0 };

  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => undefined);
      one.once('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    const breakBoth = (cut: Cut): void => {
      cuts[cut] += 1;
      near.destroy();
      far.destroy();
    };
    let pending: 'answer' | 'half_answer' | null = null;
    let held: Buffer[] = [];
    const isDone = createEndFinder();

    near.on('data', (chunk: Buffer) => {
      const order = pending === null ? takeOrder(orders, chunk) : null;
      if (order === 'request') {
        breakBoth('request');
        return;
      }
      if (order === 'answer' || order === 'half_answer') pending = order;
      far.write(chunk);
      if (order === 'meanwhile')
        setImmediate(() => {
          breakBoth('meanwhile');
        });
    });
    far.on('data', (chunk: Buffer) => {
      const done = isDone(chunk);
      if (pending === null) {
        near.write(chunk);
        return;
      }
      held.push(chunk);
      if (!done) return;
      const cut = pending;
      const answer = Buffer.concat(held);
      held = [];
      if (cut === 'answer') {
        breakBoth(cut);
        return;
      }
      near.write(answer.subarray(0, answer.length >> 1), () => {
        breakBoth(cut);
      });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const own = new URL(url);
  own.hostname = '127.0.0.1';
  own.port = String((server.address() as AddressInfo).port);
  return {
    url: own.href,
    cuts,
    cutNext(cut, text) {
      orders.push({ cut, text });
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

function takeOrder(orders: { readonly cut: Cut; readonly text: string }[], chunk: Buffer): Cut | null {
  const index = orders.findIndex(({ text }) => chunk.includes(text));
  const [order] = index === -1 ? [] : orders.splice(index, 1);
  return order?.cut ?? null;
}

/**
 * Follows what PostgreSQL sends (one byte of type, four of length, each message) and says of each
 * chunk whether a request has come to its end in it.
 */
function createEndFinder(): (chunk: Buffer) => boolean {
  let rest = Buffer.alloc(0);
  let skip = 0;
  return (chunk) => {
    let bytes = Buffer.concat([rest, chunk]);
    let done = false;
    for (;;) {
      if (skip > 0) {
        const skipped = Math.min(skip, bytes.length);
        skip -= skipped;
        bytes = bytes.subarray(skipped);
      }
      if (skip > 0 || bytes.length < 5) break;
      if (bytes[0] === READY_FOR_QUERY) done = true;
      skip = 1 + bytes.readUInt32BE(1);
    }
    rest = Buffer.from(bytes);
    return done;
  };
}
