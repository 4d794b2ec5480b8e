import { rm } from 'node:fs/promises';
import type { Addresses } from './addresses.ts';
import { writeRunFile } from './run-file.ts';
import type { RunFile } from './run-file.ts';

/** run.json: its content as it comes together, written at ready and at each later change, one write at a time. */
export function createRunFile(path: string, addresses: Addresses) {
  const processes: Record<string, number> = { supervisor: process.pid };
  let merchant: RunFile['merchant'] = { id: '', apiKey: '' };
  let isReady = false;
  let writing = Promise.resolve();
  const current = (): RunFile => ({ ready: true, ...addresses, processes: { ...processes }, merchant });
  const write = (): Promise<void> => {
    writing = writing.then(() => (isReady ? writeRunFile(path, current()) : undefined));
    return writing;
  };
  return {
    process: (role: string, pid: number) => {
      processes[role] = pid;
      // A later change is written with the next one, should the disk refuse this one.
      if (isReady)
        write().catch(() => {
          writing = Promise.resolve();
        });
    },
    merchant: (seeded: RunFile['merchant']) => {
      merchant = seeded;
    },
    ready: async () => {
      isReady = true;
      await write();
      return current();
    },
    close: async () => {
      isReady = false;
      await writing.catch(() => undefined);
      await rm(path, { force: true });
    },
  };
}
