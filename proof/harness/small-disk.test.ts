import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { mountSmallDisk } from './small-disk.ts';

const folder = await mkdtemp(join(tmpdir(), 'quittance-disk-'));
const disk = await mountSmallDisk(folder);

afterEach(async () => {
  if (typeof disk !== 'string') await disk.unmount();
  await rm(folder, { recursive: true, force: true });
});

/** A mount needs root: elsewhere the harness leaves this blow out, and says so. */
describe.skipIf(typeof disk === 'string')('a small disk', () => {
  it('is filled while others write to it, refuses them then, and takes them again', async () => {
    if (typeof disk === 'string') return;
    const page = Buffer.alloc(8_192);
    let refused: string | null = null;
    const writers = Array.from({ length: 4 }, async (_, index) => {
      while (refused === null) {
        try {
          await appendFile(join(folder, String(index)), page);
        } catch (error) {
          refused = (error as NodeJS.ErrnoException).code ?? 'unknown';
        }
      }
    });
    await disk.fill();
    await Promise.all(writers);
    expect(refused).toBe('ENOSPC');
    await disk.clear();
    await appendFile(join(folder, 'after'), page);
  });
});
