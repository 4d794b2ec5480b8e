import { on } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../../platform/package-root.ts';
import type { Problem, Problems } from './problems.ts';
import type { Sealed, TransactionCounts } from './suspects.ts';
import type { LedgerTables } from './transactions.ts';

/** What a thread begins with. */
export interface ThreadData {
  readonly url: string;
  /** The name of the snapshot that all see. */
  readonly snapshot: string;
  readonly sealed: Sealed;
}

/** What a thread tells of the partition that it was given last. */
export type FromThread =
  | { readonly kind: 'page'; readonly page: TransactionCounts }
  | {
      readonly kind: 'done';
      readonly accounts: bigint;
      readonly problems: readonly Problem[];
      readonly problemCount: number;
    };

/**
 * Verifies the transactions and accounts of partitions in threads, each with a connection of its own:
 * what is read is hashed where it arrives.
 * @param count how many threads.
 * @param signal stops them all: what else is checked has failed.
 * @returns how many accounts there are.
 * @throws Error the first that a thread ended with; the others are stopped.
 */
export async function verifyInThreads(
  count: number,
  data: ThreadData,
  partitions: readonly LedgerTables[],
  problems: Problems,
  onPage: (counts: TransactionCounts) => void,
  signal: AbortSignal,
): Promise<bigint> {
  const waiting = [...partitions];
  let accounts = 0n;
  async function work(thread: Worker): Promise<void> {
    const messages = on(thread, 'message', { close: ['exit'] }) as AsyncIterable<[FromThread]>;
    let task = waiting.shift() ?? null;
    thread.postMessage(task);
    for await (const [message] of messages) {
      if (message.kind === 'page') {
        onPage(message.page);
        continue;
      }
      accounts += message.accounts;
      problems.include(message.problems, message.problemCount);
      task = waiting.shift() ?? null;
      thread.postMessage(task);
    }
    if (task !== null) throw new Error('a thread of ledger:verify ended before its work was done');
  }
  // The compiled one also from the sources: a thread begins without the loader of the tests.
  const file = join(packageRoot(), 'dist', 'tools', 'ledger', 'thread.js');
  const threads = Array.from(
    { length: Math.min(count, partitions.length) },
    () => new Worker(file, { workerData: data }),
  );
  const stop = (): Promise<unknown> => Promise.all(threads.map((thread) => thread.terminate()));
  signal.addEventListener('abort', () => void stop(), { once: true });
  try {
    await Promise.all(threads.map(work));
    return accounts;
  } finally {
    await stop();
  }
}
