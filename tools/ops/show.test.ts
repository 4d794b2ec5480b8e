import { expect, it } from 'vitest';
import { recordOf, tableOf } from './show.ts';

it('what a person wrote is shown whole, also where it begins as a time does; times to the second', () => {
  const row = {
    at: '2026-11-22T05:00:00.123456+00:00',
    reason: '2026-11-22T05:00 the shop called: paid twice',
  };
  for (const text of [recordOf(row), tableOf(['at', 'reason'], [row])]) {
    expect(text).toContain(row.reason);
    expect(text).toMatch(/2026-11-22T05:00:00\s/);
    expect(text).not.toContain('.123456');
  }
});
