import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Lends each stack to one test file at a time. Vitest's own numbers of workers do not say whose turn it is:
 * when one group of projects follows another, two of its workers can have the same.
 */
export interface StackLoans {
  /** Where to ask: a socket that gives a borrower the path of a run.json as soon as one is free. */
  readonly address: string;
  close(): Promise<void>;
}

export async function lendStacks(runFiles: readonly string[]): Promise<StackLoans> {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-loans-'));
  const free = [...runFiles];
  const waiting: Socket[] = [];
  function give(): void {
    while (free.length > 0 && waiting.length > 0) {
      const runFile = free.shift() ?? '';
      const borrower = waiting.shift();
      // It has its stack for as long as it lives: a process that ends, however it ends, gives it back.
      borrower?.once('close', () => {
        free.push(runFile);
        give();
      });
      borrower?.write(`${runFile}\n`);
    }
  }
  const server = createServer((borrower) => {
    borrower.on('error', () => undefined);
    waiting.push(borrower);
    borrower.once('close', () => {
      const place = waiting.indexOf(borrower);
      if (place >= 0) waiting.splice(place, 1);
    });
    give();
  });
  const address = join(folder, 'socket');
  server.listen(address);
  await once(server, 'listening');
  server.unref();
  return {
    address,
    async close() {
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits for a stack, which this process then has until it ends. @throws Error when nobody lends any. */
export async function borrowStack(address: string): Promise<string> {
  const lender = connect(address);
  const [said] = (await once(lender.setEncoding('utf8'), 'data')) as [string];
  lender.unref();
  return said.trim();
}
