import { expect, it } from 'vitest';
import { createLimit } from './limits.ts';

it('a name has so many a minute, each name by itself, and again the next minute', () => {
  let now = 0;
  const limit = createLimit(2, () => now);
  expect([limit.take('a'), limit.take('a'), limit.take('a'), limit.take('b')]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  now = 60_000;
  expect(limit.take('a')).toBe(true);
});
