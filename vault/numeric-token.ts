import { randomInt } from 'node:crypto';

/**
 * A token in the shape of a card number: the first six digits and the last four are the card's, its length
 * as well, and it passes the Luhn check. What is left to choose is in the middle.
 */
const FIRST = 6;
const LAST = 4;
/** Of the middles one in ten passes the Luhn check: the others can be no token. */
const LUHN_SHARE = 10;
/**
 * Fewer tokens to choose from than this, and none is given. Counted after the Luhn check: a 16-digit card
 * has six free digits, a million middles, and a hundred thousand tokens. The million that NIST SP 800-38G asks
 * of format-preserving ciphers is not reached, and is about trying a cipher out: a token here is drawn at
 * random, and says of its card only that it is another number of the cell.
 */
const TOKENS_MIN = 100_000;

/** Where a cell is so full that somebody should know, and where nothing more goes in: parts of its capacity. */
const LOAD_ALARM = 0.01;
const LOAD_MAX = 0.1;

/** The tokens that have the same shape as a card's, and are told apart by their middles alone. */
export interface NumericCell {
  /** First six digits, last four, length. */
  readonly name: string;
  /** Tokens there are to choose from: the middles that pass the Luhn check. */
  readonly capacity: number;
}

/** The cell of a card number; null = too few tokens: such a card gets no numeric token. */
export function cellOf(number: string): NumericCell | null {
  const capacity = 10 ** (number.length - FIRST - LAST) / LUHN_SHARE;
  if (capacity < TOKENS_MIN) return null;
  const length = String(number.length).padStart(2, '0');
  return {
    name: `${number.slice(0, FIRST)}:${number.slice(-LAST)}:${length}`,
    capacity,
  };
}

/** How full a cell is with so many tokens in it. */
export function loadOf(
  { capacity }: NumericCell,
  tokens: number,
): { readonly load: number; readonly level: 'fine' | 'alarm' | 'full' } {
  const load = tokens / capacity;
  return { load, level: load >= LOAD_MAX ? 'full' : load >= LOAD_ALARM ? 'alarm' : 'fine' };
}

/**
 * One random token of a card's cell, every one as likely as every other; never the number itself.
 * @param below a random whole number from 0, less than it.
 * @throws RangeError when the card gets none ({@link cellOf}).
 */
export function newNumericToken(
  number: string,
  below: (limit: number) => number = (limit) => randomInt(limit),
): string {
  if (cellOf(number) === null)
    throw new RangeError(
      `a card of ${number.length} digits leaves too few to choose from for a numeric token`,
    );
  const free = number.length - FIRST - LAST;
  for (;;) {
    // All but the last digit of the middle at random: that one makes the sum right, in exactly one way.
    let middle = '';
    for (let digit = 1; digit < free; digit += 1) middle += String(below(10));
    const around = (last: number): string =>
      `${number.slice(0, FIRST)}${middle}${last}${number.slice(-LAST)}`;
    const last = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].find((digit) => luhnSum(around(digit)) % 10 === 0) ?? 0;
    const token = around(last);
    if (token !== number) return token;
  }
}

function luhnSum(digits: string): number {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum;
}
