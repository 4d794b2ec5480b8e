import { execFile } from 'node:child_process';
import { mkdir, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SIZE = '4g';
/** Left free when it is full: less than a page of anything. */
const SLACK_BYTES = 16_384;
/** What is written between the look at the disk and its new size makes that size too small: then again. */
const FILL_TRIES = 50;

/** A file system of its own that can be made to be full, and to have room again. */
export interface SmallDisk {
  fill(): Promise<void>;
  clear(): Promise<void>;
  unmount(): Promise<void>;
}

/** Mounts one at `folder`, in memory. @returns why not, where that is not permitted */
export async function mountSmallDisk(folder: string): Promise<SmallDisk | string> {
  await mkdir(folder, { recursive: true });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=0711`, 'tmpfs', folder]);
  } catch (error) {
    return `no file system can be mounted here: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  }
  return {
    async fill() {
      for (let tries = 1; ; tries += 1) {
        const { blocks, bfree, bsize } = await statfs(folder);
        try {
          await run('mount', ['-o', `remount,size=${(blocks - bfree) * bsize + SLACK_BYTES}`, folder]);
          return;
        } catch (error) {
          if (tries === FILL_TRIES) throw error;
        }
      }
    },
    async clear() {
      await run('mount', ['-o', `remount,size=${SIZE}`, folder]);
    },
    async unmount() {
      await run('umount', ['--lazy', folder]);
    },
  };
}
