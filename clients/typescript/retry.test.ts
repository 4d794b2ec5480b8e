import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPassing, pauseBefore, retryAfterOf, RETRIES } from './retry.ts';

describe('Retry-After', () => {
  const now = Date.UTC(2031, 4, 14, 10);
  it.each([
    [null, null],
    ['', null],
    ['soon', null],
    ['0', 0],
    ['7', 7_000],
    ['Wed, 14 May 2031 10:00:30 GMT', 30_000],
    ['Wed, 14 May 2031 09:00:00 GMT', 0],
  ])('%s is %s ms', (header, ms) => {
    expect(retryAfterOf(header, now)).toBe(ms);
  });
});

describe('a pause', () => {
  it('is never shorter than was asked for, grows within its bounds, and ends after so many attempts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.option(fc.integer({ min: 0, max: 60_000 })),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (made, asked, random) => {
          const pause = pauseBefore(RETRIES, made, asked, random);
          const tooLong = asked !== null && asked > RETRIES.longestRetryAfterMs;
          if (made >= RETRIES.attempts || tooLong) return pause === null;
          return (
            pause !== null && pause >= (asked ?? 0) && pause <= Math.max(asked ?? 0, RETRIES.longestPauseMs)
          );
        },
      ),
    );
  });
});

it('only what may be answered otherwise is asked again', () => {
  expect([400, 401, 404, 409, 422].filter((status) => isPassing(status, null))).toEqual([]);
  expect([429, 500, 502, 503, 504].filter((status) => !isPassing(status, null))).toEqual([]);
  expect(isPassing(409, 0)).toBe(true);
});
