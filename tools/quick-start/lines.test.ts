import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { linesOfQuickStart } from './lines.ts';

it('the README gets from a clone to a webhook in at most five commands (run by .ci/run as they stand)', async () => {
  const lines = linesOfQuickStart(await readFile('README.md', 'utf8'));
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.length).toBeLessThanOrEqual(5);
  expect(lines.some((line) => line.includes('quittance trigger') && line.includes('--receive'))).toBe(true);
});

it('a README without one is an error', () => {
  expect(() => linesOfQuickStart('# Quittance\n')).toThrow('Quick start');
});
