import { describe, expect, it } from 'vitest';
import { parseBody } from '../validation.ts';
import { authorizeByOf, createPayment, timeFaults, type CreatePayment } from './payments.ts';

// What a payment may be is decided by its form; whether it is in time, by the clock given.

const NOW = Date.UTC(2030, 4, 14, 10);

function parse(changes: Readonly<Record<string, unknown>> = {}): CreatePayment {
  const card = { number: '4242424242424242', expiry_month: 5, expiry_year: 2030 };
  return parseBody(createPayment, { amount: 5_000, currency: 'EUR', card, ...changes });
}
const codes = (body: CreatePayment, now = NOW): string[] => timeFaults(body, now).map(({ code }) => code);

describe('a new payment', () => {
  it('is captured at once and takes no partial approval unless it says so', () => {
    expect(parse()).toMatchObject({
      amount: 5_000n,
      capture: 'automatic',
      partial_approval: 'refuse',
      metadata: {},
    });
  });

  it.each([1, 999_999_999_999])('may be of %d minor units', (amount) => {
    expect(parse({ amount }).amount).toBe(BigInt(amount));
  });

  it('may have texts of the longest allowed length', () => {
    const long = {
      description: 'x'.repeat(500),
      order_reference: 'x'.repeat(100),
      metadata: { ['k'.repeat(40)]: 'v'.repeat(500) },
    };
    expect(parse(long)).toMatchObject(long);
  });
});

describe('time', () => {
  it('lets a card be good to the end of its month everywhere on earth', () => {
    const end = Date.UTC(2030, 5, 1, 12);
    expect([codes(parse(), end - 1), codes(parse(), end)]).toEqual([[], ['card_expired']]);
  });

  it.each([
    [0, ['authorize_by_out_of_range']],
    [1, []],
    [15 * 60_000, []],
    [15 * 60_000 + 1, ['authorize_by_out_of_range']],
  ])('allows authorize_by %d ms from now: %j', (ms, faults) => {
    expect(codes(parse({ authorize_by: new Date(NOW + ms).toISOString() }))).toEqual(faults);
  });

  it('gives a payment ten minutes where it does not say', () => {
    expect(authorizeByOf(parse(), NOW)).toBe(NOW + 600_000);
  });

  it('understands authorize_by in any zone', () => {
    expect(authorizeByOf(parse({ authorize_by: '2030-05-14T12:05:00+02:00' }), NOW)).toBe(NOW + 300_000);
  });
});
