import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passesLuhn } from '../platform/scrub.ts';
import { cellOf, loadOf, newNumericToken } from './numeric-token.ts';

const digits = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((all) => all.join(''));
/** Any number of that length that passes the Luhn check. */
const numberOf = (length: number): fc.Arbitrary<string> =>
  digits(length - 1).map(
    (start) => `${start}${[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].find((last) => passesLuhn(`${start}${last}`)) ?? 0}`,
  );
const number = fc.integer({ min: 16, max: 19 }).chain(numberOf);

describe('a numeric token', () => {
  it('has the card’s length, first six and last four digits, passes the Luhn check, and is not the number', () => {
    fc.assert(
      fc.property(number, (card) => {
        const token = newNumericToken(card);
        expect(token).toHaveLength(card.length);
        expect(token.slice(0, 6)).toBe(card.slice(0, 6));
        expect(token.slice(-4)).toBe(card.slice(-4));
        expect(passesLuhn(token)).toBe(true);
        expect(token).not.toBe(card);
      }),
    );
  });

  it('says nothing of the card beyond its cell: two cards of one cell draw the same tokens', () => {
    fc.assert(
      fc.property(
        number,
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 40, maxLength: 40 }),
        (card, drawn) => {
          const source = () => {
            let next = 0;
            return () => drawn[next++ % drawn.length] ?? 0;
          };
          // Where the first draw is the card itself, another is drawn: for this card, and for no other.
          fc.pre(!drawn.join('').startsWith(card.slice(6, -5)));
          const token = newNumericToken(card, source());
          const other = newNumericToken(card);
          fc.pre(token !== other);
          expect(newNumericToken(other, source())).toBe(token);
        },
      ),
    );
  });

  it('can be every one of its cell', () => {
    const card = '4242424242424242';
    const drawn = new Set<string>();
    for (let n = 0; n < 100_000; n += 1) {
      const middle = String(n).padStart(5, '0');
      let place = 0;
      // Where it would be the number itself another is drawn.
      drawn.add(newNumericToken(card, () => Number(middle[place++ % 5] ?? 0) + (place > 5 ? 1 : 0)));
    }
    expect(cellOf(card)).toEqual({ name: '424242:4242:16', capacity: 100_000 });
    expect(drawn.size).toBe(99_999);
  });

  it('is refused where fewer than a hundred thousand tokens are left that pass the Luhn check', () => {
    fc.assert(
      fc.property(fc.integer({ min: 12, max: 15 }).chain(numberOf), (card) => {
        expect(cellOf(card)).toBeNull();
        expect(() => newNumericToken(card)).toThrow(RangeError);
      }),
    );
  });

  it('alarms when one in a hundred of its cell is taken, and none is given when one in ten is', () => {
    const cell = cellOf('4242424242424242');
    if (cell === null) throw new Error('no cell');
    expect([0, 999, 1_000, 9_999, 10_000].map((tokens) => loadOf(cell, tokens).level)).toEqual([
      'fine',
      'fine',
      'alarm',
      'alarm',
      'full',
    ]);
    expect(loadOf(cell, 1_000).load).toBe(0.01);
  });
});
