import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;
const CONNECT_LIMIT_MS = 500;

/**
 * When each part of a stack first took a connection (ms from now), by the name of its port. Looks until the
 * signal says that it is enough.
 */
export async function watchPorts(dir: string, signal: AbortSignal): Promise<Record<string, number>> {
  const beganAt = performance.now();
  const seen = new Map<string, number>();
  while (!signal.aborted) {
    const ports = await readFile(join(dir, 'ports.json'), 'utf8').then(
      (text) => JSON.parse(text) as Record<string, number>,
      () => ({}),
    );
    await Promise.all(
      Object.entries(ports)
        .filter(([name]) => !seen.has(name))
        .map(async ([name, port]) => {
          if (await answers(port)) seen.set(name, performance.now() - beganAt);
        }),
    );
    await delay(LOOK_EVERY_MS);
  }
  return Object.fromEntries(seen);
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: CONNECT_LIMIT_MS });
    const end = (answered: boolean) => (): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}
