import { describe, expect, it } from 'vitest';
import type { DeliveryId } from '../domain/ids.ts';
import { ATTEMPTS_MAX, JITTER_MAX, pauseAfter, RETRY_PAUSES_MS } from './schedule.ts';

const delivery = 'dlv_01k6a0000000000000000000aa_01k6a0000000000000000000bb' as DeliveryId;

describe('the retry schedule of a webhook', () => {
  it('grows from seconds to a day', () => {
    expect(RETRY_PAUSES_MS.map((ms) => ms / 1_000)).toEqual([
      5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]);
  });

  it('pauses as the table says, or up to a tenth longer', () => {
    RETRY_PAUSES_MS.forEach((pause, index) => {
      const actual = pauseAfter(delivery, index + 1) ?? Number.NaN;
      expect(actual).toBeGreaterThanOrEqual(pause);
      expect(actual).toBeLessThanOrEqual(pause * (1 + JITTER_MAX));
    });
  });

  it('ends after ten attempts', () => {
    expect(ATTEMPTS_MAX).toBe(10);
    expect(pauseAfter(delivery, 9)).not.toBeNull();
    expect(pauseAfter(delivery, 10)).toBeNull();
    expect(pauseAfter(delivery, 25)).toBeNull();
  });

  it('sends at once what was never sent', () => {
    expect(pauseAfter(delivery, 0)).toBe(0);
  });

  it('is the same in every run of a delivery and spreads different deliveries', () => {
    expect(pauseAfter(delivery, 4)).toBe(pauseAfter(delivery, 4));
    const pauses = Array.from(
      { length: 200 },
      (_, index) => pauseAfter(`dlv_${index}` as DeliveryId, 4) ?? 0,
    );
    expect(new Set(pauses).size).toBeGreaterThan(190);
    const pause = RETRY_PAUSES_MS[3];
    expect(Math.min(...pauses)).toBeLessThan(pause * (1 + JITTER_MAX * 0.1));
    expect(Math.max(...pauses)).toBeGreaterThan(pause * (1 + JITTER_MAX * 0.9));
  });
});
