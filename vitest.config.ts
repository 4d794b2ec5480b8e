import { defineConfig } from 'vitest/config';
import { loadStackSettings } from './temporal-dev/settings.ts';

const ignored = ['**/node_modules/**', 'dist/**', '.quittance/**'];

const { runFile, testStacks } = loadStackSettings();

/**
 * unit: needs nothing running, files in parallel.
 * stack: real stacks (temporal-dev), one for each worker, which takes one file at a time.
 * faults: kills parts of the worker's stack, or of one of its own.
 * suite: looks at what the stack tests left behind, when the last of them is over.
 */
export default defineConfig({
  test: {
    provide: { suiteStacks: [] },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...ignored, '**/*.stack.test.ts', '**/*.faults.test.ts', '**/*.suite.test.ts'],
          testTimeout: 30_000,
          // A bench that is cleared waits up to 10 s for each run that its tests left open.
          hookTimeout: 60_000,
          // Of vitest's own limit, a second, a busy machine may give a process nothing.
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        test: {
          name: 'stack',
          include: ['**/*.stack.test.ts', '**/*.faults.test.ts'],
          exclude: ignored,
          globalSetup: ['temporal-dev/testing/global-setup.ts'],
          setupFiles: ['temporal-dev/testing/borrow-stack.ts'],
          maxWorkers: runFile === null ? testStacks : 1,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          // Over the limits of starting a stack and of stopping one (temporal-dev/start-stack.ts), which
          // say what was waited for.
          hookTimeout: 400_000,
        },
      },
      {
        test: {
          name: 'suite',
          include: ['**/*.suite.test.ts'],
          exclude: ignored,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          testTimeout: 300_000,
        },
      },
    ],
  },
});
