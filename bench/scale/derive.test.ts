import { describe, expect, it } from 'vitest';
import { needsOf, type PaymentCost } from './derive.ts';

/** The promise: what a rate is said to need is what a payment costs, times the rate. */

const cost: PaymentCost = {
  cpuMs: { api: 0.6, 'payments worker': 3, Temporal: 6, PostgreSQL: 2.4 },
  bytes: { 'main database': 10_000, 'vault database': 2_000, 'Temporal (SQLite file)': 20_000, logs: 900 },
  transitions: 7,
};
const need = (rate: number, what: string, unit: RegExp): number | undefined =>
  needsOf(rate, cost).find((one) => one.what.startsWith(what) && unit.test(one.unit))?.amount;

describe('what a rate needs', () => {
  it('is cores busy six tenths of their time', () => {
    expect(need(1_000, 'api', /processes/)).toBe(1);
    expect(need(1_000, 'payments worker', /processes/)).toBe(5);
    expect(need(10_000, 'payments worker', /processes/)).toBe(50);
    expect(need(1_000, 'Temporal', /^cores/)).toBe(10);
    expect(need(10_000, 'Temporal', /hosts/)).toBe(7);
    expect(need(10_000, 'PostgreSQL', /primaries/)).toBe(2);
  });

  it('is history shards for every transition, a power of two', () => {
    expect(need(1_000, 'Temporal', /shards/)).toBe(128);
    expect(need(100_000, 'Temporal', /shards/)).toBe(8_192);
  });

  it('is what payments leave in each store in a day', () => {
    expect(need(1_000, 'PostgreSQL', /TB/)).toBeCloseTo(1.037, 2);
    expect(need(1_000, 'Temporal’s store', /TB/)).toBeCloseTo(1.728, 2);
  });
});
