import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MerchantId } from '../workflows/domain/ids.ts';
import {
  canonicalJson,
  fingerprintOf,
  idempotencyKeyOf,
  stagingKey,
  type RequestIdentity,
} from './idempotency.ts';

// Two requests are the same exactly when they ask for the same thing.

const identity = (changes: Partial<RequestIdentity> = {}): RequestIdentity => ({
  route: 'POST /v1/payments',
  path: {},
  body: { amount: 1, card: { number: '4242424242424242', cvv: '123' } },
  card: { fingerprint: 'f', expiryMonth: 1, expiryYear: 2031 },
  ...changes,
});
const print = (changes: Partial<RequestIdentity> = {}, secret = 'secret'): string =>
  fingerprintOf(secret, identity(changes)).toString('hex');

describe('a fingerprint', () => {
  it('depends on what is asked, of what, and on the card', () => {
    const others = [
      print({ route: 'POST /v1/payments/:payment/void' }),
      print({ path: { payment: 'pay_1' } }),
      print({ body: { amount: 2 } }),
      print({ card: { fingerprint: 'g', expiryMonth: 1, expiryYear: 2031 } }),
      print({ card: { fingerprint: 'f', expiryMonth: 2, expiryYear: 2031 } }),
      print({}, 'another secret'),
    ];
    expect(new Set([print(), ...others]).size).toBe(others.length + 1);
  });

  it('covers neither the card number nor the security code', () => {
    expect(print({ body: { amount: 1, card: { number: '5555555555554444', cvv: '999' } } })).toBe(print());
  });

  it('has 32 bytes', () => {
    expect(fingerprintOf('secret', identity()).byteLength).toBe(32);
  });
});

describe('canonical JSON', () => {
  it('does not depend on the order of members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      }),
    );
  });

  it('is JSON for the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(JSON.parse(canonicalJson(plain))).toEqual(plain);
      }),
    );
  });
});

describe('an idempotency key', () => {
  it('is any visible ASCII word of 1 to 255 characters', () => {
    for (const key of ['a', '!~', 'x'.repeat(255), '"quoted"']) expect(idempotencyKeyOf(key)).toBe(key);
  });

  it.each([
    [undefined, 'idempotency_key_missing'],
    ['', 'idempotency_key_missing'],
    ['a b', 'idempotency_key_invalid'],
    ['schlüssel', 'idempotency_key_invalid'],
    ['x'.repeat(256), 'idempotency_key_invalid'],
    ['order-4242424242424242', 'card_number_in_field'],
  ])('is refused when it is %j', (header, code) => {
    expect(() => idempotencyKeyOf(header)).toThrow(expect.objectContaining({ code }));
  });

  it('stages another card in the other mode', () => {
    const merchant = 'mer_x' as MerchantId;
    expect(stagingKey({ merchant, mode: 'test' }, 'k')).not.toBe(stagingKey({ merchant, mode: 'live' }, 'k'));
  });
});
