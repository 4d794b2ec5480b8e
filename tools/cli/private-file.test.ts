import { closeSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openPrivateFile } from './private-file.ts';

it('a file with secrets is read by its owner alone, also where an open one was there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-private-'));
  try {
    const [fresh, old] = [join(folder, 'fresh'), join(folder, 'old')];
    await writeFile(old, 'before', { mode: 0o644 });
    for (const path of [fresh, old]) {
      closeSync(openPrivateFile(path));
      const { mode, size } = await stat(path);
      expect([(mode & 0o777).toString(8), size]).toEqual(['600', 0]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
