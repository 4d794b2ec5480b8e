import { randomBytes, randomInt } from 'node:crypto';

/** What is searched for: numbers, codes and secrets that stand nowhere unless they leaked. */
export interface Canaries {
  /**
   * The first twelve digits of every number of this run, by length of the number. More than may be shown
   * of a card (BIN and last four) and less than the whole: a number that lost its end is found as well.
   */
  readonly stems: Readonly<Record<'visa' | 'amex', string>>;
  /** A number of the schemes' test ranges, another one for each `n` from 0 to 99. */
  number(scheme: 'visa' | 'amex', n: number): string;
  /** Security codes: three digits for Visa, four for American Express. */
  readonly codes: Readonly<Record<'visa' | 'amex', string>>;
  /** API keys and other credentials, by what they are. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** Ranges that the schemes' processors publish for tests; the rest is drawn, so nothing of it is in any file. */
const RANGES = { visa: '424242', amex: '378282' } as const;
const LENGTHS = { visa: 16, amex: 15 } as const;
const STEM = 12;

/** Draws new canaries. Codes are drawn until they are none that tests and documents use. */
export function drawCanaries(secrets: ReadonlyMap<string, string>): Canaries {
  // Not 1000…: proof/support/cards.ts counts its numbers from there.
  const stem = (range: string): string => range + String(randomInt(200_000, 1_000_000));
  const stems = { visa: stem(RANGES.visa), amex: stem(RANGES.amex) };
  return {
    stems,
    number(scheme, n) {
      const counted = String(n).padStart(LENGTHS[scheme] - 1 - STEM, '0');
      if (counted.length > LENGTHS[scheme] - 1 - STEM) throw new Error(`there is no canary ${n}`);
      return withCheckDigit(stems[scheme] + counted);
    },
    codes: { visa: drawCode(3), amex: drawCode(4) },
    secrets,
  };
}

export function drawApiKey(): string {
  return `sk_test_${randomBytes(32).toString('hex')}`;
}

const COMMON_CODES: ReadonlySet<string> = new Set([
  '123',
  '321',
  '456',
  '737',
  '999',
  '1234',
  '7391',
  '4196',
]);

function drawCode(length: 3 | 4): string {
  const code = String(randomInt(10 ** (length - 1), 10 ** length));
  return COMMON_CODES.has(code) ? drawCode(length) : code;
}

/** Luhn (ISO/IEC 7812-1, annex B). */
function withCheckDigit(body: string): string {
  const sum = Array.from(body, Number)
    .reverse()
    .map((digit, place) => digit * (place % 2 === 0 ? 2 : 1))
    .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}
