import { describe, expect, it } from 'vitest';
import { Pacer } from './pacer.ts';

const options = { pauseMinMs: 5, pauseMaxMs: 20, capacity: 3 };

/** At which of these times (one round each) it was due. */
function dueTimes(pacer: Pacer, times: readonly number[]): number[] {
  return times.filter((now) => {
    const due = pacer.due('a', now);
    pacer.endRound();
    return due;
  });
}

describe('a pacer', () => {
  it('lets a thing be done at once, then after pauses that grow to a limit', () => {
    const times = Array.from({ length: 80 }, (_, now) => now);
    expect(dueTimes(new Pacer(options), times)).toEqual([0, 5, 15, 35, 55, 75]);
  });

  it('forgets what was not there for a round', () => {
    const pacer = new Pacer(options);
    pacer.due('a', 0);
    pacer.endRound();
    expect(pacer.due('a', 1)).toBe(false);
    pacer.endRound();
    pacer.endRound();
    expect(pacer.due('a', 2)).toBe(true);
  });

  it('is due again when it was undone', () => {
    const pacer = new Pacer(options);
    pacer.due('a', 0);
    pacer.undo('a');
    expect(pacer.due('a', 1)).toBe(true);
  });

  it('does not remember more than its capacity', () => {
    const pacer = new Pacer(options);
    for (const key of ['a', 'b', 'c', 'd']) expect(pacer.due(key, 0)).toBe(true);
    pacer.endRound();
    expect(['a', 'b', 'c', 'd'].map((key) => pacer.due(key, 1))).toEqual([false, false, false, true]);
  });
});
