import { crashPoint } from '../../../platform/crash-points.ts';
import { CodecError, decode, encode, type Message } from './codec.ts';
import { createFrameDecoder, frame, type FrameDecoder } from './frames.ts';
import { establish, type Destination, type Line } from './line.ts';
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
  /** Certainly not written. `stuck`: it waited for a write before it that nobody takes. */
  | { readonly type: 'unsent'; readonly reason: string; readonly stuck?: true }
  /** Written, or partly: what became of it is not known. */
  | { readonly type: 'unknown'; readonly reason: string };

export interface ExchangeOptions {
  /** How long to wait for the answer (ms). */
  readonly limitMs: number;
  /** Asked directly before the write, however long it had to wait; a reason here means: do not write. */
  readonly refuseWrite: () => string | null;
  /** Called at most once, when the answer comes after `limitMs`. */
  readonly onLate: (reply: Message) => void;
}

export interface Connection {
  /** Those that wait to be written included. */
  readonly inFlight: () => number;
  /** True when a request given to it now leaves this process at once, as far as can be known. */
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
/** How long a request waits at most for the write before it. Over TLS one turn of the loop is usual. */
const WRITE_WAIT_MS = 5_000;

interface Waiting {
  readonly isAttempt: boolean;
  readonly settle: (result: ExchangeResult) => void;
}

/**
 * Opens one connection and matches answers to the many requests in flight on it. With TLS the other side has
 * shown by then a certificate of the authority and of the name that were asked for.
 * @throws Error when it is not established within `connectLimitMs`, or is to somebody else. Nothing of ours was
 *   written then but a greeting.
 */
export async function openConnection(
  destination: Destination,
  events: ConnectionEvents,
): Promise<Connection> {
  return overLine(await establish(destination), createFrameDecoder(), events);
}

function overLine(
  { socket, writesAtOnce, reset }: Line,
  frames: FrameDecoder,
  events: ConnectionEvents,
): Connection {
  const waiting = new Map<string, Waiting>();
  const late = new Map<
    string,
    { readonly onLate: (reply: Message) => void; readonly timer: NodeJS.Timeout }
  >();
  /** Waits for the write before it; each is called once, when that is done or the connection is gone. */
  const unwritten = new Set<() => void>();
  let gone: string | null = null;
  let announceClosed: (reason: string) => void = () => {};
  const closed = new Promise<string>((resolve) => (announceClosed = resolve));

  function close(reason: string): void {
    if (gone !== null) return;
    gone = reason;
    reset();
    for (const { timer } of late.values()) clearTimeout(timer);
    late.clear();
    for (const { settle } of [...waiting.values()])
      settle({ type: 'unknown', reason: `connection lost: ${reason}` });
    flush();
    announceClosed(reason);
  }

  /** All that waited goes out as one write: over TLS another would wait for another turn of the loop. */
  function flush(): void {
    const next = [...unwritten];
    unwritten.clear();
    socket.cork();
    for (const go of next) go();
    socket.uncork();
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
      if (waiter.isAttempt) crashPoint('answer-read', 'before');
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

  // Bytes behind others would leave after their send-by time was checked.
  const busy = (): boolean => socket.writableLength > 0;
  // A busy socket of TLS says nothing yet of the kernel's buffer: whoever comes waits for a moment.
  const open = (): boolean => gone === null && socket.writable && !(writesAtOnce && busy());

  function exchange(
    { request, key, bytes }: Outgoing,
    { limitMs, refuseWrite, onLate }: ExchangeOptions,
  ): Promise<ExchangeResult> {
    // Sign-ons and echoes are the link's own.
    const isAttempt = request.type !== '0800';
    return new Promise((resolve) => {
      if (busy() && gone === null && !waiting.has(key)) {
        const waitMs = Math.min(limitMs, WRITE_WAIT_MS);
        const tired = setTimeout(() => {
          unwritten.delete(go);
          const reason = `what was written before was not taken within ${waitMs} ms`;
          resolve({ type: 'unsent', reason, stuck: true });
        }, waitMs);
        const go = (): void => {
          clearTimeout(tired);
          write();
        };
        unwritten.add(go);
      } else write();

      function write(): void {
        if (waiting.has(key)) {
          // Another call has written it: whatever that one's fate, this is not "never sent".
          resolve({ type: 'unknown', reason: 'the same message is in flight already' });
          return;
        }
        if (gone !== null || !socket.writable) {
          resolve({ type: 'unsent', reason: `connection lost: ${gone ?? 'it takes nothing more'}` });
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
        waiting.set(key, { isAttempt, settle });
        if (isAttempt) crashPoint('bytes-to-acquirer', 'before');
        socket.write(bytes, () => {
          if (!busy()) flush();
        });
        if (isAttempt) crashPoint('bytes-to-acquirer', 'after');
      }
    });
  }

  return { inFlight: () => waiting.size + unwritten.size, open, exchange, closed, close };
}
