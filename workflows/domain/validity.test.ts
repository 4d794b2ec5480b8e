import { describe, expect, it } from 'vitest';
import { CARD_BRANDS } from './card.ts';
import { captureBeforeOf, VALIDITY, validUntilOf, type AuthorizationFacts } from './validity.ts';

/** The promise: every authorization has an end, the acquirer's own where it gives one, and capture closes 12 h before it. */
const DAY_MS = 86_400_000;
const NOW = Date.UTC(2030, 4, 14);

const shop: AuthorizationFacts = {
  brand: 'visa',
  initiator: 'customer',
  type: 'final',
  mcc: '5732',
  validUntil: null,
};

describe('how long an authorization is valid', () => {
  it.each<[string, Partial<AuthorizationFacts>, number]>([
    ['Visa, by the customer', {}, 7],
    ['Visa, by the merchant', { initiator: 'merchant' }, 5],
    ['Visa, an estimate in a shop', { type: 'pre' }, 7],
    ['Visa, an estimate of a hotel', { type: 'pre', mcc: '7011' }, 30],
    ['Visa, an estimate of a hotel chain', { type: 'pre', mcc: '3504' }, 30],
    ['Visa, an estimate of a car rental', { type: 'pre', mcc: '7512', initiator: 'merchant' }, 30],
    ['Visa, an estimate of a cruise line', { type: 'pre', mcc: '4411' }, 30],
    ['Visa, the final amount of a hotel', { mcc: '7011' }, 7],
    ['Mastercard, final', { brand: 'mastercard' }, 7],
    ['Mastercard, an estimate', { brand: 'mastercard', type: 'pre' }, 30],
    ['Discover', { brand: 'discover' }, 10],
    ['a brand without a rule', { brand: 'other', type: 'pre' }, 7],
  ])('%s', (_, facts, days) => {
    expect(validUntilOf({ ...shop, ...facts }, NOW)).toBe(NOW + days * DAY_MS);
    expect(captureBeforeOf({ ...shop, ...facts }, NOW, null)).toBe(NOW + days * DAY_MS - DAY_MS / 2);
  });

  it('the acquirer knows better', () => {
    const validUntil = NOW + 3 * DAY_MS;
    expect(captureBeforeOf({ ...shop, validUntil }, NOW, null)).toBe(validUntil - DAY_MS / 2);
  });

  it('development may shorten it', () => {
    expect(captureBeforeOf({ ...shop, validUntil: NOW + DAY_MS }, NOW, 5_000)).toBe(NOW + 5_000);
  });

  it('every row says where it is from, and no brand is without one', () => {
    expect(VALIDITY.rows.every(({ source }) => source.length > 0)).toBe(true);
    for (const brand of CARD_BRANDS)
      expect(validUntilOf({ ...shop, brand }, NOW)).toBeGreaterThanOrEqual(NOW + 5 * DAY_MS);
  });
});
