import type { TestProject } from 'vitest/node';
import { loadStackSettings } from '../settings.ts';
import { newStackFolder, removeStack, startStack } from '../start-stack.ts';
import { lendStacks } from './stack-loans.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where a test file borrows its stack: see stackRunFile. */
    stackLoans: string;
    /** Of those that were started for this run of the tests, also for what comes after the last of them. */
    suiteStacks: readonly string[];
  }
}

/**
 * The stacks of the stack tests: the one that QUITTANCE_RUN_FILE names, else a new one for each of
 * vitest's workers, in a folder of its own on free ports, stopped and removed after the last test; or
 * stopped and kept, when a file failed: its logs and stores are what the failure is understood from.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { runFile: given } = loadStackSettings();
  if (given !== null) {
    const loans = await lendStacks([given]);
    project.provide('stackLoans', loans.address);
    return () => loans.close();
  }
  const stacks: SuiteStack[] = [];
  // One after another: two that look for free ports at once may find the same.
  for (let worker = 0; worker < project.config.maxWorkers; worker += 1) stacks.push(await startOne());
  const runFiles = stacks.map((stack) => stack.runFile);
  const loans = await lendStacks(runFiles);
  project.provide('stackLoans', loans.address);
  // For every project: the one that looks back at the suite is another.
  project.vitest.provide('suiteStacks', runFiles);
  return async () => {
    await loans.close();
    const failed = project.vitest.state.getFailedFilepaths().length > 0;
    await Promise.all(stacks.map((stack) => stack.end({ keep: failed })));
  };
}

interface SuiteStack {
  readonly runFile: string;
  /** Stops it, and removes its folder unless that is to be kept. */
  readonly end: (how: { readonly keep: boolean }) => Promise<void>;
}

async function startOne(): Promise<SuiteStack> {
  const dir = await newStackFolder('test');
  const stack = await startStack({
    dir,
    ports: 'free',
    // A long life is reached within seconds.
    env: { QUITTANCE_STACK_CONTINUE_AFTER_EVENTS: '600' },
    say: (line) => {
      console.log(line);
    },
  });
  return {
    runFile: stack.runPath,
    end: async ({ keep }) => {
      await stack.stop();
      if (keep) console.log(`a test failed: what its stack left is kept in ${dir}`);
      else await removeStack(dir);
    },
  };
}
