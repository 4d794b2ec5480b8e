import { describe, expect, it } from 'vitest';
import { median, quantile, ratioOf, slopeOf } from './statistics.ts';

/** The promise: a figure of the bench is what its name says. */

describe('a quantile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  it.each([
    [0, 1],
    [0.5, 51],
    [0.99, 100],
    [1, 100],
  ])('of a share of %d of 1 to 100 is %d', (share, expected) => {
    expect(quantile(hundred, share)).toBe(expected);
  });

  it('of one value is that value, and of none is no number', () => {
    expect(quantile([7], 0.99)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('a median', () => {
  it('is the middle one, whatever their order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });
  it('of an even number lies between the two in the middle', () => {
    expect(median([1, 2, 10, 20])).toBe(6);
  });
});

describe('a ratio', () => {
  it('compares each round with itself: what halves both halves neither', () => {
    expect(ratioOf([80, 40, 8], [100, 50, 10])).toEqual({ median: 0.8, lowest: 0.8, highest: 0.8 });
  });
  it('refuses rounds that are not the same', () => {
    expect(() => ratioOf([1], [1, 2])).toThrow(RangeError);
  });
});

describe('a slope', () => {
  it('is that of the line the points lie on', () => {
    expect(slopeOf([1, 2, 3, 4].map((x) => ({ x, y: 5 - 2 * x })))).toBeCloseTo(-2);
  });
  it('of what goes up and down around one value is none', () => {
    expect(slopeOf([0, 1, 2, 3].map((x) => ({ x, y: [1, -1, -1, 1][x] ?? 0 })))).toBeCloseTo(0);
  });
});
