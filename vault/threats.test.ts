import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../platform/package-root.ts';

const lines = readFileSync(join(packageRoot(), 'docs', 'threats.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| \*\*[STRIDE]\*\* \|/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('the table of threats', () => {
  it('has lines of every kind, each with what answers it', () => {
    expect([...new Set(lines.map(([, kind]) => kind?.replaceAll('*', '')))].join('')).toBe('STRIDE');
    for (const [, , threat, answer] of lines) expect([threat, answer], threat).not.toContain('');
  });

  it('names test files that exist', () => {
    const named = lines.flatMap(([, , , , tests = '']) =>
      [...tests.matchAll(/`([^`]+)`/g)].map(([, path]) => path ?? ''),
    );
    expect(named.length).toBeGreaterThan(25);
    for (const path of named) expect([path, existsSync(join(packageRoot(), path))]).toEqual([path, true]);
  });
});
