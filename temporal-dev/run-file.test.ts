import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { composeFacts } from './compose/facts.ts';
import { readRunFile, writeRunFile } from './run-file.ts';
import type { RunFile } from './run-file.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'quittance-run-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe('the run file', () => {
  it('is read as it was written, and belongs to its owner only', async () => {
    const run: RunFile = {
      ready: true,
      ...composeFacts().addresses,
      processes: { supervisor: 1 },
      merchant: { id: 'mer_1', apiKey: 'sk_test_1' },
    };
    const path = join(dir, 'run.json');
    await writeRunFile(path, run);
    expect(await readRunFile(path)).toEqual(run);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('that is not there or not of this form is named, with what to do', async () => {
    const path = join(dir, 'run.json');
    await expect(readRunFile(path)).rejects.toThrow(
      `${path} cannot be read: start the stack first (npm start)`,
    );
    await writeFile(path, '{"ready":true}');
    await expect(readRunFile(path)).rejects.toThrow(/is not a run file of this version: .*\n.*dir/);
  });
});
