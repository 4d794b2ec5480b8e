import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client that sends and reads what it likes, when it likes. */
export interface RawClient {
  readonly socket: Socket;
  /** Everything that came so far. */
  readonly received: () => string;
  /** Resolves with everything that came when the other side is done with this connection. */
  readonly ended: Promise<string>;
  /** Sends one character after the other, with so many ms in between, until the connection ends. */
  drip(text: string, everyMs: number): void;
  close(): void;
}

export async function openRawClient(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (data) => {
    received += String(data);
  });
  // Whoever is cut off while he sends is told so by a reset.
  socket.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    socket.once('close', () => {
      resolve(received);
    });
  });
  await once(socket, 'connect');
  return {
    socket,
    received: () => received,
    ended,
    drip(text, everyMs) {
      let sent = 0;
      const timer = setInterval(() => {
        socket.write(text.charAt(sent % text.length));
        sent += 1;
      }, everyMs);
      socket.once('close', () => {
        clearInterval(timer);
      });
    },
    close: () => socket.destroy(),
  };
}
