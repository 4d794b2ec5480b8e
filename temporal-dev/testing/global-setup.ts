import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { loadStackSettings } from '../settings.ts';
import { removeStack, startStack } from '../start-stack.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the run.json of the stack that the tests use; read it with readRunFile. */
    runFile: string;
  }
}

/**
 * The stack of the stack tests: the one that QUITTANCE_RUN_FILE names, else a new one in a folder
 * of its own on free ports, which is stopped and removed after the last test.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { runFile: given } = loadStackSettings();
  if (given !== null) {
    project.provide('runFile', given);
    return async () => undefined;
  }
  const dir = await mkdtemp(join(tmpdir(), 'quittance-'));
  await chmod(dir, 0o711); // PostgreSQL may run as another user
  const stack = await startStack({
    dir,
    ports: 'free',
    say: (line) => {
      console.log(line);
    },
  });
  project.provide('runFile', stack.runPath);
  return async () => {
    await stack.stop();
    await removeStack(dir);
  };
}
