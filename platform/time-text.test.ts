import { describe, expect, it } from 'vitest';
import { isTimeColumn, timeText } from './time-text.ts';

describe('a time for people', () => {
  it.each([
    ['2026-11-22T05:00:00.123+01:00', '2026-11-22 04:00:00'],
    ['2026-13-45T', '2026-13-45T'],
    [null, ''],
  ])('%s is "%s"', (iso, text) => {
    expect(timeText(iso)).toBe(text);
  });

  it('is known by the name of its column, so that what people typed stays as it is', () => {
    expect(['at', 'opened_at', 'unknown_since', 'authorize_by', 'send_by'].filter(isTimeColumn)).toHaveLength(
      5,
    );
    expect(
      ['reason', 'evidence', 'proposed_by', 'decided_by', 'format', 'detail'].filter(isTimeColumn),
    ).toEqual([]);
  });
});
