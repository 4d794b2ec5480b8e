import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { readRunFile } from './run-file.ts';
import { stackRunFile } from './testing/stack-run-file.ts';

it('no process that the supervisor started can leave a core dump, and none can raise the limit again', async () => {
  const { processes } = await readRunFile(stackRunFile());
  const { supervisor, guard, ...parts } = processes;
  expect(Object.keys(parts)).toEqual(expect.arrayContaining(['vault', 'acquirers', 'api']));
  expect([supervisor, guard]).not.toContain(undefined);
  for (const [role, pid] of Object.entries(parts)) {
    const limits = await readFile(`/proc/${pid}/limits`, 'utf8');
    expect(limits, role).toMatch(/^Max core file size\s+0\s+0\s/m);
  }
});
