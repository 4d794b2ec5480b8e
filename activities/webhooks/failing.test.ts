import { describe, expect, it } from 'vitest';
import { isDue } from './failing.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('an endpoint of which every attempt fails', () => {
  it.each([
    ['is left alone on its first day', DAY - 1, null, false],
    ['is told of after a day', DAY, null, true],
    ['is told of once', 2 * DAY, DAY, false],
    ['is disabled after five days', 5 * DAY, 4 * DAY, true],
    ['is not disabled before', 5 * DAY - 1, 4 * DAY - 1, false],
    ['that was silent for long is told of first', 30 * DAY, null, true],
    ['and has a day from then on', 30 * DAY, DAY - 1, false],
    ['and is disabled after it', 30 * DAY, DAY, true],
  ])('%s', (_, forMs, toldMs, due) => {
    expect(isDue({ forMs, toldMs })).toBe(due);
  });
});
