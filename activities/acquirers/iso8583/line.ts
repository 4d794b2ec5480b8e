import { connect, isIP, type Socket } from 'node:net';
import { connect as connectSecurely, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { LINK_TLS_MIN, type LinkTlsMaterial } from './link-tls.ts';

export interface Destination {
  readonly host: string;
  readonly port: number;
  /** The handshake of TLS included (ms). */
  readonly connectLimitMs: number;
  /** Null = plain TCP. */
  readonly tls: LinkTlsMaterial | null;
}

/** What is spoken over, and how it is broken off. */
export interface Line {
  readonly socket: Socket;
  /** Whether a write that the kernel took at once is done at once; over TLS it is with the next turn of the loop. */
  readonly writesAtOnce: boolean;
  /** Not only closed: what the kernel still holds back must never reach the acquirer later. */
  readonly reset: () => void;
}

/**
 * TCP, and the handshake of TLS where it is asked for.
 * @throws Error as openConnection (connection.ts) does; the socket is destroyed by then.
 */
export function establish({ host, port, connectLimitMs, tls }: Destination): Promise<Line> {
  return new Promise((resolve, reject) => {
    const tcp = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 });
    const limit = setTimeout(() => {
      fail(new Error(`no connection to ${host}:${port} within ${connectLimitMs} ms`));
    }, connectLimitMs);
    let secured: TLSSocket | null = null;
    function fail(error: Error): void {
      clearTimeout(limit);
      secured?.destroy();
      tcp.destroy();
      reject(error);
    }
    tcp.once('error', fail);
    tcp.once('connect', () => {
      if (tls === null) {
        clearTimeout(limit);
        tcp.off('error', fail);
        resolve({ socket: tcp, writesAtOnce: true, reset: () => void tcp.resetAndDestroy() });
        return;
      }
      const socket = connectSecurely({ ...securityOf(tls, host), socket: tcp });
      secured = socket;
      // One of the two tells how it ended; what the other says after that must not end the process.
      for (const one of [tcp, socket]) one.on('error', () => undefined);
      const cut = (): void => {
        fail(new Error(`the connection to ${host}:${port} was closed during the TLS handshake`));
      };
      socket.once('error', fail);
      socket.once('close', cut);
      socket.once('secureConnect', () => {
        clearTimeout(limit);
        socket.off('error', fail).off('close', cut);
        tcp.off('error', fail);
        // Only a bare socket can be reset; the one over it goes with it.
        const reset = (): void => {
          tcp.resetAndDestroy();
          socket.destroy();
        };
        resolve({ socket, writesAtOnce: false, reset });
      });
    });
  });
}

function securityOf(
  { authority, serverName, certificate, key }: LinkTlsMaterial,
  host: string,
): ConnectionOptions {
  const name = serverName ?? host;
  return {
    host: name,
    // Addresses are not sent as names (RFC 6066); the certificate is held against them all the same.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ca: authority,
    minVersion: LINK_TLS_MIN,
    // Whatever the environment says.
    rejectUnauthorized: true,
    ...(certificate === null || key === null ? {} : { cert: certificate, key }),
  };
}
