import fc from 'fast-check';
import { expect, it } from 'vitest';
import { idFloor } from '../lists/id-floor.ts';
import { isExpired, refuseExpired } from './retention.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2031-05-14T10:00:00Z');
const retention = { eventRetentionDays: 30, now: () => NOW };
const eventOf = (at: number): string => `${idFloor('evt', at)}0000000000000000`;

it('an event is told for thirty days from the time in its id, to the millisecond', () => {
  fc.assert(
    fc.property(fc.integer({ min: -40 * DAY, max: 40 * DAY }), (apart) => {
      const age = 30 * DAY + apart;
      expect(isExpired(eventOf(NOW - age), retention)).toBe(age > 30 * DAY);
    }),
  );
});

it('an event that is older is refused by name, whether or not it ever was', () => {
  expect(() => {
    refuseExpired(eventOf(NOW - 31 * DAY), retention);
  }).toThrow(expect.objectContaining({ code: 'event_expired', status: 410 }) as Error);
  refuseExpired(eventOf(NOW - 30 * DAY), retention);
});
