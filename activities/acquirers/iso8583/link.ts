import type { Logger } from '../../../platform/logger.ts';
import { CodecError, type Message } from './codec.ts';
import {
  openConnection,
  outgoingOf,
  type Connection,
  type ExchangeOptions,
  type ExchangeResult,
  type Outgoing,
} from './connection.ts';
import { readLinkTls, type LinkTlsFiles } from './link-tls.ts';

export interface LinkOptions {
  /** For logs: acquirer and number of the connection. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Left out = plain TCP. */
  readonly tls?: LinkTlsFiles | undefined;
  readonly logger: Logger;
  /** An answer that no request on this connection waits for. */
  readonly onStray: (reply: Message) => void;
  /** Called each time the link becomes ready. */
  readonly onReady: () => void;
  /** After this long without traffic the link asks for an echo (ms). */
  readonly echoIdleMs: number;
}

/** One supervised connection: signed on, or on its way there. */
export interface Link {
  ready(): boolean;
  inFlight(): number;
  exchange(outgoing: Outgoing, options: ExchangeOptions): Promise<ExchangeResult>;
  /** Takes nothing new, waits for what is in flight (at most `graceMs`), signs off, closes. */
  drain(graceMs: number): Promise<void>;
}

const CONNECT_LIMIT_MS = 5_000;
/** An echo or sign-on that is not answered by then: the connection is taken for dead. */
const NETWORK_LIMIT_MS = 5_000;
const BACKOFF_MIN_MS = 100;
const BACKOFF_MAX_MS = 5_000;
const DRAIN_POLL_MS = 20;

/** Network management information codes (field 70). */
const SIGN_ON = '001';
const SIGN_OFF = '002';
const ECHO = '301';

/** Keeps one connection to an acquirer: connects, signs on, asks for echoes, reconnects with growing pauses. */
export function createLink(options: LinkOptions): Link {
  const { name, host, port, tls, logger, onReady, onStray, echoIdleMs } = options;
  let signedOn: Connection | null = null;
  let draining = false;
  const isDraining = (): boolean => draining;
  let stan = 0;
  let lastActivity = performance.now();
  const stop = new AbortController();

  async function network(connection: Connection, code: string): Promise<ExchangeResult> {
    stan = (stan % 999_999) + 1;
    const request: Message = {
      type: '0800',
      fields: { 7: transmissionNow(), 11: String(stan).padStart(6, '0'), 70: code },
    };
    return connection.exchange(outgoingOf(request), {
      limitMs: NETWORK_LIMIT_MS,
      refuseWrite: () => null,
      onLate: () => {},
    });
  }

  async function connectAndServe(onSignedOn: () => void): Promise<string> {
    const connection = await openConnection(
      {
        host,
        port,
        connectLimitMs: CONNECT_LIMIT_MS,
        tls: tls === undefined ? null : await readLinkTls(tls),
      },
      {
        onActivity: () => (lastActivity = performance.now()),
        onStray: (reply) => {
          if (reply instanceof CodecError)
            logger.warn('acquirer_unreadable_answer', {
              link: name,
              problem: reply.kind,
              detail: reply.message,
            });
          // Network management has no attempts.
          else if (!reply.type.startsWith('08')) onStray(reply);
        },
      },
    );
    const acknowledged = !isDraining() && isAcknowledged(await network(connection, SIGN_ON));
    if (!acknowledged || isDraining()) {
      const reason = isDraining() ? 'draining' : 'sign-on was not acknowledged';
      connection.close(reason);
      return reason;
    }
    const echoes = setInterval(() => void echoWhenIdle(connection), Math.max(10, echoIdleMs / 2));
    signedOn = connection;
    onSignedOn();
    try {
      return await connection.closed;
    } finally {
      signedOn = null;
      clearInterval(echoes);
    }
  }

  let echoing = false;
  async function echoWhenIdle(connection: Connection): Promise<void> {
    if (performance.now() - lastActivity >= echoIdleMs) await echo(connection);
  }

  async function echo(connection: Connection): Promise<void> {
    if (echoing) return;
    echoing = true;
    try {
      const result = await network(connection, ECHO);
      // That an echo was not sent tells nothing of the host, unless it is the host who takes nothing.
      const isSilent = result.type === 'unsent' ? result.stuck === true : !isAcknowledged(result);
      if (isSilent) connection.close('echo was not answered');
    } finally {
      echoing = false;
    }
  }

  async function supervise(): Promise<void> {
    let failures = 0;
    while (!isDraining()) {
      let reason: string;
      try {
        reason = await connectAndServe(() => {
          failures = 0;
          logger.info('acquirer_link_ready', { link: name, host, port });
          onReady();
        });
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
      if (isDraining()) return;
      const pauseMs = Math.round(
        Math.min(BACKOFF_MIN_MS * 2 ** failures, BACKOFF_MAX_MS) * (0.5 + Math.random() / 2),
      );
      failures = Math.min(failures + 1, 16);
      logger.warn('acquirer_link_lost', { link: name, host, port, reason, again_in_ms: pauseMs });
      await pause(pauseMs, stop.signal);
    }
  }
  const supervised = supervise();

  const ready = (): boolean => !draining && signedOn !== null && signedOn.open();

  return {
    ready,
    inFlight: () => signedOn?.inFlight() ?? 0,
    async exchange(outgoing, exchangeOptions) {
      if (!ready() || signedOn === null) return { type: 'unsent', reason: 'the link is not ready' };
      const connection = signedOn;
      const result = await connection.exchange(outgoing, exchangeOptions);
      // A connection on which nothing comes any more would take the next payments with it, until it is idle.
      if (result.type === 'unknown' && connection === signedOn) void echo(connection);
      return result;
    },
    async drain(graceMs) {
      draining = true;
      const until = performance.now() + graceMs;
      while (signedOn !== null && signedOn.inFlight() > 0 && performance.now() < until)
        await pause(DRAIN_POLL_MS, stop.signal);
      const connection = signedOn;
      if (connection !== null) {
        await network(connection, SIGN_OFF);
        connection.close('drained');
      }
      stop.abort();
      await supervised;
    },
  };
}

const isAcknowledged = (result: ExchangeResult): boolean =>
  result.type === 'answered' && result.reply.fields[39] === '00';

function transmissionNow(): string {
  return new Date().toISOString().replace(/\D/g, '').slice(4, 14);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
