import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURRENCIES, isCurrency, type Currency } from './currencies.ts';
import { formatMoney, money, OPERATION_LIMIT } from './money.ts';

describe('money is whole minor units of a currency of ISO 4217', () => {
  it.each([
    [5_000n, 'EUR', '50.00 EUR'],
    [7n, 'EUR', '0.07 EUR'],
    [500n, 'JPY', '500 JPY'],
    [1n, 'KWD', '0.001 KWD'],
    [OPERATION_LIMIT, 'USD', '9999999999.99 USD'],
  ] as const)('%s minor units of %s read %s', (minor, currency, text) => {
    expect(formatMoney(money(minor, currency))).toBe(text);
  });

  it.each([0n, -1n, OPERATION_LIMIT + 1n])('refuses %s minor units', (minor) => {
    expect(() => money(minor, 'EUR')).toThrow(RangeError);
  });

  it.each(['eur', 'XXX', 'BTC', '', 'toString', '__proto__'])('does not know the currency %j', (code) => {
    expect(isCurrency(code)).toBe(false);
    expect(() => money(1n, code)).toThrow(RangeError);
  });

  it('has a numeric code of three digits for each, unique but for shared ones', () => {
    for (const [code, { numeric }] of Object.entries(CURRENCIES)) expect(numeric, code).toMatch(/^\d{3}$/);
  });

  it('formats without losing a unit', () => {
    const codes = Object.keys(CURRENCIES) as Currency[];
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        fc.bigInt({ min: 1n, max: OPERATION_LIMIT }),
        (currency, minor) => {
          const digits = formatMoney({ minor, currency }).replace(/[^0-9]/g, '');
          expect(BigInt(digits)).toBe(minor);
        },
      ),
    );
  });
});
