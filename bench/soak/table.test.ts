import { describe, expect, it } from 'vitest';
import { judge, type Reading } from './table.ts';

/** The promise: what leaks is said to grow, and what only warms up is not. */

const MB = 1_000_000;
const readings = (bytesAt: (minute: number) => number): Reading[] =>
  Array.from({ length: 31 }, (_, minute) => ({
    hours: minute / 60,
    payments: minute * 1_000,
    bytes: bytesAt(minute),
  }));

describe('what became of a size over a soak', () => {
  it('that warms up and stays is flat', () => {
    const judged = judge(
      readings((minute) => (minute < 8 ? 100 + minute * 10 : 180 + (minute % 3)) * MB),
      false,
    );
    expect(judged).toMatchObject({ first: 100 * MB, highest: 182 * MB, trend: 'flat' });
  });

  it('that leaks a megabyte a minute grows, by 60 MB an hour', () => {
    const judged = judge(
      readings((minute) => (100 + minute) * MB),
      false,
    );
    expect(judged.trend).toBe('grows');
    expect(judged.perHour).toBeCloseTo(60 * MB, -3);
  });

  it('that keeps what payments leave grows with them, by so much each', () => {
    const judged = judge(
      readings((minute) => (500 + minute * 20) * MB),
      true,
    );
    expect(judged.trend).toBe('grows with payments');
    expect(judged.perPayment).toBeCloseTo(20_000);
  });

  it('that gives back memory shrinks', () => {
    expect(
      judge(
        readings((minute) => (200 - minute) * MB),
        false,
      ).trend,
    ).toBe('shrinks');
  });

  it('is not judged by two readings', () => {
    expect(() => judge(readings(() => MB).slice(0, 2), false)).toThrow('longer');
  });
});
