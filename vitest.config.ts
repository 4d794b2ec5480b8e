import { defineConfig } from 'vitest/config';

const ignored = ['**/node_modules/**', 'dist/**', '.quittance/**'];

/**
 * unit: needs nothing running, files in parallel.
 * stack: one real stack (temporal-dev) started once for all files, one file at a time.
 * faults: kills parts of a stack of its own.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...ignored, '**/*.stack.test.ts', '**/*.faults.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'stack',
          include: ['**/*.stack.test.ts', '**/*.faults.test.ts'],
          exclude: ignored,
          globalSetup: ['temporal-dev/testing/global-setup.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
