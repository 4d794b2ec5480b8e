import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/**
 * What stands between two parts. `latency`: each way later by so many ms. `reset`: every connection is cut,
 * new ones at once. `half_open`: connections stay, and nothing goes either way. `drop_answers`: requests
 * arrive, their answers do not.
 */
export type Weather =
  | { readonly kind: 'fair' }
  | { readonly kind: 'latency'; readonly ms: number }
  | { readonly kind: 'reset' }
  | { readonly kind: 'half_open' }
  | { readonly kind: 'drop_answers' };

export interface TcpProxy {
  /** Of 127.0.0.1. */
  readonly port: number;
  /**
   * Connections of which bytes were swallowed cannot be made whole: when the weather clears they are cut, as
   * by a peer that came back and knows nothing of them.
   */
  set(weather: Weather): void;
  close(): Promise<void>;
}

/** One way of one connection: bytes that wait for their time, and whether any were swallowed. */
interface Way {
  readonly to: Socket;
  readonly queue: { readonly due: number; readonly chunk: Buffer | null }[];
  timer: NodeJS.Timeout | null;
}

interface Pair {
  readonly caller: Socket;
  readonly part: Socket;
  swallowed: boolean;
}

/** Passes bytes on to `target` (a port of 127.0.0.1), as the weather lets them. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  let weather: Weather = { kind: 'fair' };
  const pairs = new Set<Pair>();
  const now = (): Weather => weather;

  const server = createServer({ noDelay: true }, (caller) => {
    if (now().kind === 'reset') {
      caller.on('error', () => undefined);
      caller.resetAndDestroy();
      return;
    }
    const part = connect({ port: target, host: '127.0.0.1', noDelay: true });
    const pair: Pair = { caller, part, swallowed: false };
    pairs.add(pair);
    pass(pair, caller, part, () => now().kind === 'half_open');
    pass(pair, part, caller, () => now().kind === 'half_open' || now().kind === 'drop_answers');
  });

  function pass(pair: Pair, from: Socket, to: Socket, swallows: () => boolean): void {
    const way: Way = { to, queue: [], timer: null };
    from.on('data', (chunk: Buffer) => {
      if (pair.swallowed && from === pair.part) return;
      if (swallows()) pair.swallowed = true;
      else send(way, chunk, from);
    });
    from.on('end', () => {
      if (swallows()) pair.swallowed = true;
      else send(way, null, from);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      if (way.timer !== null) clearTimeout(way.timer);
      pairs.delete(pair);
      // What was cut is cut for the other as well; what ended has been passed on as an end.
      if (from.readableAborted || from.errored !== null) to.resetAndDestroy();
      else if (way.queue.length === 0) to.destroySoon();
    });
  }

  function send(way: Way, chunk: Buffer | null, from: Socket): void {
    const { kind } = now();
    const wait = kind === 'latency' ? (weather as { readonly ms: number }).ms : 0;
    if (wait === 0 && way.queue.length === 0) {
      write(way.to, chunk, from);
      return;
    }
    way.queue.push({ due: Date.now() + wait, chunk });
    way.timer ??= setTimeout(() => {
      drain(way, from);
    }, wait);
  }

  function drain(way: Way, from: Socket): void {
    way.timer = null;
    for (let [next] = way.queue; next !== undefined; [next] = way.queue) {
      const left = next.due - Date.now();
      if (left > 0) {
        way.timer = setTimeout(() => {
          drain(way, from);
        }, left);
        return;
      }
      way.queue.shift();
      write(way.to, next.chunk, from);
    }
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a proxy listens on no port');
  return {
    port: address.port,
    set(next) {
      weather = next;
      for (const { caller, part, swallowed } of [...pairs])
        if (next.kind === 'reset' || (swallowed && next.kind === 'fair')) {
          caller.resetAndDestroy();
          part.resetAndDestroy();
        }
    },
    async close() {
      server.close();
      for (const { caller, part } of pairs) {
        caller.destroy();
        part.destroy();
      }
      await once(server, 'close');
    },
  };
}

function write(to: Socket, chunk: Buffer | null, from: Socket): void {
  if (to.destroyed) return;
  if (chunk === null) {
    to.end();
    return;
  }
  if (to.write(chunk)) return;
  from.pause();
  to.once('drain', () => {
    from.resume();
  });
}
