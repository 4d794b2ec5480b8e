import type { Logger } from '../../../platform/logger.ts';
import type { Message } from './codec.ts';
import type { ExchangeOptions, ExchangeResult, Outgoing } from './connection.ts';
import type { LinkTlsFiles } from './link-tls.ts';
import { createLink } from './link.ts';

export interface LinkPoolOptions {
  readonly acquirer: string;
  readonly host: string;
  readonly port: number;
  /** Left out = plain TCP. */
  readonly tls?: LinkTlsFiles | undefined;
  /** Connections kept open, each with many requests in flight. */
  readonly connections: number;
  readonly logger: Logger;
  /** An answer that nobody on its connection waits for (strays.ts). */
  readonly onStray: (reply: Message) => void;
  /** After this long without traffic a connection asks for an echo (ms). */
  readonly echoIdleMs?: number;
}

/** The connections to one acquirer. */
export interface LinkPool {
  /** True when a request could be written now. */
  ready(): boolean;
  /** Waits until a connection is signed on; false when none is within `limitMs`. */
  whenReady(limitMs: number): Promise<boolean>;
  /** One request on the signed-on connection with the fewest in flight; `unsent` when there is none now. */
  exchange(outgoing: Outgoing, options: ExchangeOptions): Promise<ExchangeResult>;
  /** Takes nothing new, waits for what is in flight, signs off and closes, within `graceMs`. */
  drain(graceMs: number): Promise<void>;
}

/** Hosts drop silent connections after minutes; half a minute finds a dead one before a payment does. */
const ECHO_IDLE_MS = 30_000;

export function createLinkPool({
  acquirer,
  host,
  port,
  tls,
  connections,
  logger,
  onStray,
  echoIdleMs = ECHO_IDLE_MS,
}: LinkPoolOptions): LinkPool {
  const waiters = new Set<() => void>();
  const links = Array.from({ length: connections }, (_, index) =>
    createLink({
      name: `${acquirer}#${index + 1}`,
      host,
      port,
      tls,
      logger,
      onStray,
      echoIdleMs,
      onReady: () => {
        for (const wake of [...waiters]) wake();
      },
    }),
  );

  const ready = (): boolean => links.some((link) => link.ready());

  return {
    ready,
    whenReady(limitMs) {
      if (ready()) return Promise.resolve(true);
      return new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(limit);
          waiters.delete(finish);
          resolve(ready());
        };
        const limit = setTimeout(finish, limitMs);
        waiters.add(finish);
      });
    },
    async exchange(outgoing, options) {
      const [best] = links
        .filter((link) => link.ready())
        .sort((left, right) => left.inFlight() - right.inFlight());
      if (best === undefined) return { type: 'unsent', reason: `no connection to ${acquirer} is signed on` };
      return best.exchange(outgoing, options);
    },
    async drain(graceMs) {
      await Promise.all(links.map((link) => link.drain(graceMs)));
    },
  };
}
