import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { MUTANTS } from './list.ts';
import { STACK_MUTANTS } from './stack-list.ts';

// The promise: every fault has its place, so that a run which takes minutes does not end without having tried it.

it.each([...MUTANTS, ...STACK_MUTANTS])('$fault: has one place in $file', async ({ file, find, replace }) => {
  expect((await readFile(file, 'utf8')).split(find)).toHaveLength(2);
  expect(replace).not.toBe(find);
});
