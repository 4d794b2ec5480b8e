import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURRENCIES, type Currency } from './currencies.ts';
import { feeOf, type FeeSchedule } from './fees.ts';
import { convert, type ExchangeRate } from './fx.ts';
import { parseDecimal, ratio, roundHalfEven, shareOf } from './rounding.ts';

/** The promise: what is charged and converted is exact until it is rounded, half to even, once. */

const amounts = fc.bigInt({ min: 1n, max: 999_999_999_999n });

function schedule(rest: Partial<FeeSchedule> = {}): FeeSchedule {
  return {
    id: 'fee_1',
    kind: 'platform',
    currency: 'EUR',
    tiers: [{ upTo: null, fixed: 25n, ppm: 14_000n }],
    min: null,
    max: null,
    recharge: false,
    onRefund: 'keep',
    ...rest,
  };
}

const charged = (rest: Partial<FeeSchedule>, amount: bigint): bigint =>
  roundHalfEven(feeOf(schedule(rest), amount));

describe('rounding', () => {
  it.each([
    [1n, 2n, 0n],
    [3n, 2n, 2n],
    [5n, 2n, 2n],
    [-1n, 2n, 0n],
    [-3n, 2n, -2n],
    [-5n, 2n, -2n],
    [5n, 3n, 2n],
    [4n, 3n, 1n],
    [-5n, 3n, -2n],
    [7n, 1n, 7n],
  ])('%d/%d is %d', (numerator, denominator, rounded) => {
    expect(roundHalfEven(ratio(numerator, denominator))).toBe(rounded);
  });

  it('is never more than half a unit away, and the same on both sides of zero', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
        fc.bigInt({ min: 1n, max: 10n ** 12n }),
        (numerator, denominator) => {
          const rounded = roundHalfEven(ratio(numerator, denominator));
          const off = rounded * denominator - numerator;
          expect((off < 0n ? -off : off) * 2n).toBeLessThanOrEqual(denominator);
          expect(roundHalfEven(ratio(-numerator, denominator))).toBe(-rounded);
        },
      ),
    );
  });

  it('gives shares that add up, however the whole is cut', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 15n }),
        fc.array(amounts, { minLength: 1, maxLength: 20 }),
        (amount, parts) => {
          const whole = parts.reduce((sum, part) => sum + part, 0n);
          let so = 0n;
          let given = 0n;
          for (const part of parts) {
            so += part;
            const step = shareOf(amount, so, whole) - given;
            expect(step).toBeGreaterThanOrEqual(0n);
            given += step;
          }
          expect(given).toBe(amount);
        },
      ),
    );
  });
});

describe('a fee', () => {
  it.each<[string, Partial<FeeSchedule>, bigint, bigint]>([
    ['fixed and percent', {}, 10_000n, 165n],
    ['a tie to the even cent', { tiers: [{ upTo: null, fixed: 0n, ppm: 5_000n }] }, 100n, 0n],
    ['a tie to the even cent, upwards', { tiers: [{ upTo: null, fixed: 0n, ppm: 5_000n }] }, 300n, 2n],
    ['not less than its minimum', { min: 50n }, 100n, 50n],
    ['not more than its maximum', { max: 1_000n }, 10_000_000n, 1_000n],
    ['nothing', { tiers: [{ upTo: null, fixed: 0n, ppm: 0n }] }, 100n, 0n],
  ])('is %s', (_, rest, amount, fee) => {
    expect(charged(rest, amount)).toBe(fee);
  });

  it('is by the tier that the whole amount falls in, its end included', () => {
    const tiers = [
      { upTo: 1_000n, fixed: 10n, ppm: 30_000n },
      { upTo: 5_000n, fixed: 10n, ppm: 20_000n },
      { upTo: null, fixed: 0n, ppm: 10_000n },
    ];
    expect([999n, 1_000n, 1_001n, 5_000n, 5_001n].map((amount) => charged({ tiers }, amount))).toEqual([
      40n,
      40n,
      30n,
      110n,
      50n,
    ]);
  });

  it('is refused, not guessed, when no tier takes the amount', () => {
    const tiers = [{ upTo: 1_000n, fixed: 10n, ppm: 0n }];
    expect(() => charged({ tiers }, 1_001n)).toThrow('fee_1 has no tier for 1001');
  });

  it('stays within its limits, and follows its formula exactly between them', () => {
    fc.assert(
      fc.property(
        amounts,
        fc.bigInt({ min: 0n, max: 100_000n }),
        fc.bigInt({ min: 0n, max: 1_000_000n }),
        fc.bigInt({ min: 0n, max: 1_000n }),
        fc.bigInt({ min: 1_000n, max: 10n ** 13n }),
        (amount, fixed, ppm, min, max) => {
          const fee = charged({ tiers: [{ upTo: null, fixed, ppm }], min, max }, amount);
          expect(fee).toBeGreaterThanOrEqual(min);
          expect(fee).toBeLessThanOrEqual(max);
          const millionths = fixed * 1_000_000n + amount * ppm - fee * 1_000_000n;
          if (fee > min && fee < max)
            expect(millionths < 0n ? -millionths : millionths).toBeLessThanOrEqual(500_000n);
        },
      ),
    );
  });
});

describe('a conversion', () => {
  const rate = (base: Currency, quote: Currency, text: string): ExchangeRate => ({
    base,
    quote,
    rate: text,
    source: 'test',
    validAt: 0,
  });

  it.each<[Currency, Currency, string, bigint, bigint]>([
    ['EUR', 'USD', '1.0842', 10_000n, 10_842n],
    ['EUR', 'USD', '1.08425', 10_000n, 10_842n], // 10842.5, to the even one
    ['EUR', 'JPY', '161.27', 9_999n, 16_125n], // 99.99 EUR = 16125.3873 JPY
    ['JPY', 'EUR', '0.0062', 1_000n, 620n],
    ['EUR', 'KWD', '0.334512', 100n, 335n], // three decimals
    ['KWD', 'JPY', '481.5', 1n, 0n], // one fils is 0.4815 yen
  ])('%s to %s at %s takes %d to %d', (base, quote, text, from, to) => {
    expect(convert(from, rate(base, quote, text))).toBe(to);
  });

  it('is exact to half a minor unit for every pair of currencies and any rate', () => {
    const codes = Object.keys(CURRENCIES) as Currency[];
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        fc.constantFrom(...codes),
        fc.bigInt({ min: 1n, max: 10n ** 12n }),
        amounts,
        (base, quote, millionths, amount) => {
          const text = `${millionths / 1_000_000n}.${(millionths % 1_000_000n).toString().padStart(6, '0')}`;
          const converted = convert(amount, rate(base, quote, text));
          const up = 10n ** BigInt(CURRENCIES[quote].exponent);
          const down = 10n ** BigInt(CURRENCIES[base].exponent) * 1_000_000n;
          const off = converted * down - amount * millionths * up;
          expect((off < 0n ? -off : off) * 2n).toBeLessThanOrEqual(down);
        },
      ),
    );
  });

  it.each(['0', '0.000', '-1', '1e3', 'NaN', '', '1,08', '.5'])('refuses the rate "%s"', (text) => {
    expect(() => parseDecimal(text)).toThrow(RangeError);
  });
});
