import { describe, expect, it } from 'vitest';
import { randomFrom } from './random.ts';
import { drawSchedule, VICTIMS } from './schedule.ts';

describe('a schedule', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(drawSchedule(randomFrom(7), 30, 60)).toEqual(drawSchedule(randomFrom(7), 30, 60));
    expect(drawSchedule(randomFrom(7), 30, 60)).not.toEqual(drawSchedule(randomFrom(8), 30, 60));
  });

  it('spares nobody, and stays within its time', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const blows = drawSchedule(randomFrom(seed), 30, 60);
      expect(blows).toHaveLength(30);
      const hit = new Set(blows.flatMap((blow) => (blow.kind === 'terminate' ? [] : [blow.victim])));
      expect([...hit].sort()).toEqual([...VICTIMS].sort());
      for (const { at } of blows) expect(at > 0 && at < 62_000, String(at)).toBe(true);
    }
  });
});
