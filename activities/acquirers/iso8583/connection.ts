import { connect, type Socket } from 'node:net';
import { CodecError, decode, encode, type Message } from './codec.ts';
import { createFrameDecoder, frame, type FrameDecoder } from './frames.ts';
import { exchangeKey } from './messages.ts';

/** A request that is ready to be written: its bytes, and what its answer will be known by. */
export interface Outgoing {
  readonly request: Message;
  readonly key: string;
  readonly bytes: Buffer;
}

/** @throws CodecError when the message does not fit the dialect; nothing is written then. */
export function outgoingOf(request: Message): Outgoing {
  return { request, key: exchangeKey(request), bytes: frame(encode(request)) };
}

/** How one request on a connection ended. */
export type ExchangeResult =
  | { readonly type: 'answered'; readonly reply: Message }
  /** Certainly not written. */
  | { readonly type: 'unsent'; readonly reason: string }
  /** Written, or partly: what became of it is not known. */
  | { readonly type: 'unknown'; readonly reason: string };

export interface ExchangeOptions {
  /** How long to wait for the answer (ms). */
  readonly limitMs: number;
  /** Asked directly before the write; a reason here means: do not write. */
  readonly refuseWrite: () => string | null;
  /** Called at most once, when the answer comes after `limitMs`. */
  readonly onLate: (reply: Message) => void;
}

export interface Connection {
  readonly inFlight: () => number;
  /** True when a request written now leaves this process at once. */
  readonly open: () => boolean;
  exchange(outgoing: Outgoing, options: ExchangeOptions): Promise<ExchangeResult>;
  /** Resolves with the reason once the connection is gone; every request in flight is unknown by then. */
  readonly closed: Promise<string>;
  readonly close: (reason: string) => void;
}

/** What a connection notices that no request asked for. */
export interface ConnectionEvents {
  /** An answer that nobody waits for; a CodecError for one that cannot be read. */
  onStray(reply: Message | CodecError): void;
  /** A message that is a request to us; our dialect's hosts send none but echoes. */
  onActivity(): void;
}

/** How long the key of a timed-out request is remembered, to recognise its late answer (ms). */
const LATE_MEMORY_MS = 10 * 60_000;

interface Waiting {
  readonly settle: (result: ExchangeResult) => void;
}

/**
 * Opens one TCP connection and matches answers to the many requests in flight on it.
 * @throws Error when it is not established within `connectLimitMs`.
 */
export async function openConnection(
  {
    host,
    port,
    connectLimitMs,
  }: { readonly host: string; readonly port: number; readonly connectLimitMs: number },
  events: ConnectionEvents,
): Promise<Connection> {
  const socket = await establish(host, port, connectLimitMs);
  return overSocket(socket, createFrameDecoder(), events);
}

function overSocket(socket: Socket, frames: FrameDecoder, events: ConnectionEvents): Connection {
  const waiting = new Map<string, Waiting>();
  const late = new Map<
    string,
    { readonly onLate: (reply: Message) => void; readonly timer: NodeJS.Timeout }
  >();
  let gone: string | null = null;
  let announceClosed: (reason: string) => void = () => {};
  const closed = new Promise<string>((resolve) => (announceClosed = resolve));

  function close(reason: string): void {
    if (gone !== null) return;
    gone = reason;
    // Not only closed: what the kernel still holds back must never reach the acquirer later.
    socket.resetAndDestroy();
    for (const { timer } of late.values()) clearTimeout(timer);
    late.clear();
    for (const { settle } of [...waiting.values()])
      settle({ type: 'unknown', reason: `connection lost: ${reason}` });
    announceClosed(reason);
  }

  function receive(bytes: Buffer): void {
    events.onActivity();
    let reply: Message;
    try {
      reply = decode(bytes);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      events.onStray(error);
      // With one request in flight it can only be its answer; among many, that one runs into its limit.
      const [only] = waiting.values();
      if (waiting.size === 1 && only !== undefined)
        only.settle({ type: 'unknown', reason: `unparsable answer: ${error.message}` });
      return;
    }
    const key = exchangeKey(reply);
    const waiter = waiting.get(key);
    if (waiter !== undefined) {
      waiter.settle({ type: 'answered', reply });
      return;
    }
    const known = late.get(key);
    if (known === undefined) {
      events.onStray(reply);
      return;
    }
    clearTimeout(known.timer);
    late.delete(key);
    known.onLate(reply);
  }

  socket.on('data', (chunk: Buffer) => {
    try {
      for (const bytes of frames.push(chunk)) receive(bytes);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      close(`framing lost: ${error.message}`);
    }
  });
  socket.on('error', (error) => {
    close(error.message);
  });
  socket.on('end', () => {
    close('closed by the other side');
  });
  socket.on('close', () => {
    close('closed');
  });

  // Bytes behind a full buffer would leave after their send-by time was checked.
  const open = (): boolean => gone === null && socket.writable && socket.writableLength === 0;

  function exchange(
    { key, bytes }: Outgoing,
    { limitMs, refuseWrite, onLate }: ExchangeOptions,
  ): Promise<ExchangeResult> {
    return new Promise((resolve) => {
      if (waiting.has(key)) {
        // Another call has written it: whatever that one's fate, this is not "never sent".
        resolve({ type: 'unknown', reason: 'the same message is in flight already' });
        return;
      }
      if (!open()) {
        resolve({
          type: 'unsent',
          reason: gone === null ? 'the connection does not take more now' : `connection lost: ${gone}`,
        });
        return;
      }
      const refusal = refuseWrite();
      if (refusal !== null) {
        resolve({ type: 'unsent', reason: refusal });
        return;
      }
      const limit = setTimeout(() => {
        const timer = setTimeout(() => late.delete(key), LATE_MEMORY_MS);
        timer.unref();
        late.set(key, { onLate, timer });
        settle({ type: 'unknown', reason: `no answer within ${limitMs} ms` });
      }, limitMs);
      function settle(result: ExchangeResult): void {
        clearTimeout(limit);
        waiting.delete(key);
        resolve(result);
      }
      const earlier = late.get(key);
      if (earlier !== undefined) {
        clearTimeout(earlier.timer);
        late.delete(key);
      }
      waiting.set(key, { settle });
      socket.write(bytes);
    });
  }

  return { inFlight: () => waiting.size, open, exchange, closed, close };
}

function establish(host: string, port: number, limitMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 });
    const limit = setTimeout(() => {
      fail(new Error(`no connection to ${host}:${port} within ${limitMs} ms`));
    }, limitMs);
    function fail(error: Error): void {
      clearTimeout(limit);
      socket.destroy();
      reject(error);
    }
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(limit);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}
