import { expect, it } from 'vitest';
import { isStuck } from './stuck-run.ts';

it('a run is stuck when its task was tried again and again, and not before', () => {
  expect(isStuck({ attempt: 9 })).toBe(true);
  expect(isStuck({ attempt: 2 })).toBe(false);
  expect(isStuck(null)).toBe(false);
  expect(isStuck({})).toBe(false);
});
