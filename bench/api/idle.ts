import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import pMap from 'p-map';

/** Connections that were used once and are kept, by whoever may need them again. */
export interface IdleConnections {
  /** How many the other side has not closed. */
  readonly open: () => number;
  close(): void;
}

/** For all else that this process has open. */
const OTHER_FILES = 1_000;
const AT_ONCE = 100;

/** Opens so many. @throws Error when this process may not have so many files. */
export async function openIdleConnections(url: string, count: number): Promise<IdleConnections> {
  const files = await filesAllowed();
  if (files < count + OTHER_FILES)
    throw new Error(
      `${count} connections need more than the ${files} files that a process may have open here: raise \`ulimit -n\`, or take --idle ${Math.max(1, files - OTHER_FILES)}`,
    );
  const { port, host } = new URL(url);
  const sockets: Socket[] = [];
  await pMap(
    Array.from({ length: count }),
    async () => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
      socket.write(`GET /nowhere HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      await once(socket, 'data');
    },
    { concurrency: AT_ONCE },
  );
  return {
    open: () => sockets.filter(({ readyState }) => readyState === 'open').length,
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function filesAllowed(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
}
