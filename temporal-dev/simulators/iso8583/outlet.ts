import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** What leaves on one connection. Answers are written whole and in turn: what is slow holds up those behind it. */
export interface Outlet {
  readonly write: (bytes: Buffer) => void;
  /** One byte at a time. */
  readonly trickle: (bytes: Buffer) => void;
  /** The first half; after it nothing more ever leaves, on a connection that stays open. */
  readonly stop: (bytes: Buffer) => void;
  readonly end: () => void;
  readonly reset: () => void;
}

export function createOutlet(socket: Socket): Outlet {
  let last: Promise<void> = Promise.resolve();
  let stopped = false;

  function inTurn(write: () => Promise<void> | void): void {
    last = last.then(async () => {
      if (!stopped && socket.writable) await write();
    });
  }
  return {
    write: (bytes) => {
      inTurn(() => void socket.write(bytes));
    },
    trickle: (bytes) => {
      inTurn(async () => {
        for (const byte of bytes) {
          if (!socket.writable) return;
          socket.write(Buffer.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
    },
    stop: (bytes) => {
      inTurn(() => {
        socket.write(bytes.subarray(0, Math.ceil(bytes.length / 2)));
        stopped = true;
      });
    },
    end: () => {
      inTurn(() => void socket.end());
    },
    reset: () => {
      // A socket under TLS cannot be reset: it is closed.
      if (socket instanceof TLSSocket) socket.destroy();
      else socket.resetAndDestroy();
    },
  };
}
