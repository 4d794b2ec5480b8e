import cardValidator from 'card-validator';

/**
 * Finds card numbers in text, however their digits are written. What is found is judged twice: digits
 * that stand by themselves (groups apart from letters and other digits, spaces or dashes between) need
 * only a length of 12 to 19 and Luhn; anything looser (inside a longer run, beside letters, whole groups
 * with other things between) must also have a scheme's prefix and length, or times and hashes would be cut up.
 */
const LENGTH_MIN = 12;
const LENGTH_MAX = 19;

/**
 * A UUID (RFC 9562: version and variant stand where they must). One in 1,300 random ones holds digit
 * groups that look like a card's, and nobody writes a card number as one.
 */
export const UUID =
  /(?<![0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?![0-9a-z])/gi;

/** Decimal digits of any script with at most three other characters, no letters, between them. */
const DIGITS = new RegExp(`${UUID.source}|\\p{Nd}(?:[^\\p{L}\\p{N}]{0,3}\\p{Nd}){${LENGTH_MIN - 1},}`, 'giu');
/** As on a magnetic stripe: expiry, service code and what the issuer added go with the number. */
const TRACK = /\d{12,19}[=D]\d{7,}/g;
/** One space or dash of any kind, or nothing seen (soft hyphen, zero-width space). */
const PLAIN_GAP = /^[\p{Zs}\p{Pd}\u00ad\u200b-\u200d\u2060\ufeff]$/u;
const LETTER = /[\p{L}\p{N}]/u;

/** True when the digits pass the Luhn check (ISO/IEC 7812-1, annex B). */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const doubled = digit * 2;
    sum += index % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** As long as the first digits that any scheme is told by. */
const PREFIX_LENGTH = 10;
const KNOWN_MAX = 20_000;
/** Whether a scheme issues numbers of that beginning and length: asked for every second text, and slow to find out. */
const issued = new Map<string, boolean>();

/** True when a card scheme could have issued a number: its prefix and length, and Luhn. */
export function isSchemeNumber(digits: string): boolean {
  if (!passesLuhn(digits)) return false;
  const kind = `${digits.slice(0, PREFIX_LENGTH)} ${digits.length}`;
  const known = issued.get(kind);
  if (known !== undefined) return known;
  if (issued.size >= KNOWN_MAX) issued.clear();
  const { isValid } = cardValidator.number(digits);
  issued.set(kind, isValid);
  return isValid;
}

/** The text with every card number in it reduced to its last four digits. */
export function hideCardNumbers(text: string): string {
  return text.replace(TRACK, '[card]').replace(DIGITS, (run: string, ...rest: unknown[]) => {
    if (run.length === 36 && new RegExp(`^${UUID.source}$`, 'i').test(run)) return run;
    const at = rest.find((value) => typeof value === 'number') ?? 0;
    return hideInRun(run, isLetter(text, at - 1), isLetter(text, at + run.length));
  });
}

function isLetter(text: string, at: number): boolean {
  return LETTER.test(text.charAt(at));
}

interface Digit {
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** What stands before it, after the digit before: nothing, a plain separator, or something else. */
  readonly gap: 'none' | 'plain' | 'other';
}

function hideInRun(run: string, letterBefore: boolean, letterAfter: boolean): string {
  const digits = digitsOf(run);
  const values = digits.map(({ value }) => value).join('');
  const isEdge = (index: number): boolean =>
    index === 0 || index === digits.length || digits[index]?.gap !== 'none';
  const besideLetter = (first: number, end: number): boolean =>
    (first === 0 && letterBefore) || (end === digits.length && letterAfter);
  let hidden = '';
  let written = 0;
  // What is to be hidden next; no end: nothing yet.
  let foundFirst = 0;
  let foundEnd = 0;
  const flush = (): void => {
    if (foundEnd === 0) return;
    // What is written without a gap before or after goes as well: it may be expiry and code.
    let [first, end] = [foundFirst, foundEnd];
    while (!isEdge(first)) first -= 1;
    while (!isEdge(end)) end += 1;
    const whole = first === foundFirst && end === foundEnd && end - first <= LENGTH_MAX;
    hidden += run.slice(written, digits[first]?.start);
    hidden += whole ? `[card …${values.slice(end - 4, end)}]` : '[card]';
    written = digits[end - 1]?.end ?? run.length;
    foundEnd = 0;
  };
  for (let first = 0; first + LENGTH_MIN <= digits.length; first += 1) {
    const limit = Math.min(first + LENGTH_MAX, digits.length);
    // Up to where nothing but plain separators stand between.
    let plain = first + 1;
    while (plain < limit && digits[plain]?.gap !== 'other') plain += 1;
    for (let end = limit; end >= first + LENGTH_MIN; end -= 1) {
      const edges = isEdge(first) && isEdge(end);
      if (!edges && end > plain) continue;
      const candidate = values.slice(first, end);
      const byItself = edges && end <= plain && !besideLetter(first, end);
      if (!(byItself ? passesLuhn(candidate) : isSchemeNumber(candidate))) continue;
      // What overlaps is hidden as one: the rest of a number must not stay beside a part of it.
      if (first >= foundEnd) flush();
      if (foundEnd === 0) foundFirst = first;
      foundEnd = Math.max(foundEnd, end);
      break;
    }
  }
  flush();
  return hidden + run.slice(written);
}

function digitsOf(run: string): Digit[] {
  const digits: Digit[] = [];
  let end = 0;
  for (const match of run.matchAll(/\p{Nd}/gu)) {
    const start = match.index;
    const between = run.slice(end, start);
    const gap = between === '' ? 'none' : PLAIN_GAP.test(between) ? 'plain' : 'other';
    end = start + match[0].length;
    digits.push({ value: valueOf(match[0]), start, end, gap });
  }
  return digits;
}

/** Unicode keeps the ten digits of every script together, from zero up (UAX #44, Nd). */
function valueOf(digit: string): string {
  const point = digit.codePointAt(0) ?? 0;
  if (point >= 48 && point <= 57) return digit;
  let below = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(point - below - 1))) below += 1;
  return String(below % 10);
}

/** Digits as bytes: 34 32, \u0034, %34, 0x34, in twelve or more of a row. */
const CODED_DIGITS = /(?:(?:%|\\+u00|\\+x|0x)?3\d(?:00)?[\s,:]{0,2}){12,}/gi;
/** The same as decimal numbers, as a list of bytes is printed. */
const BYTE_LIST = /\b(?:4[89]|5[0-7])(?:\s{0,4},\s{0,8}(?:4[89]|5[0-7])){11,}\b/g;
const BASE64 = /[A-Za-z0-9+/_-]{16,}/g;
const PLAIN_DIGITS = /\d{12,}/;

/** The text without card numbers that are written as hex, escapes, byte lists or base64. */
export function hideCodedCardNumbers(text: string): string {
  return text
    .replace(CODED_DIGITS, (coded) => {
      const digits = Array.from(coded.matchAll(/3(\d)(?:00)?[\s,:]{0,2}/g), ([, digit]) => digit ?? '');
      return hasNumber(digits.join('')) ? '[card]' : coded;
    })
    .replace(BYTE_LIST, (list) => {
      const digits = list.split(',').map((byte) => String(Number(byte) - 48));
      return hasNumber(digits.join('')) ? '[card]' : list;
    })
    .replace(BASE64, (coded) =>
      // A piece of something longer may begin anywhere in a group of four.
      [0, 1, 2, 3].some((skip) => hasNumber(Buffer.from(coded.slice(skip), 'base64').toString('latin1')))
        ? '[card]'
        : coded,
    );
}

function hasNumber(text: string): boolean {
  if (!PLAIN_DIGITS.test(text)) return false;
  return hideCardNumbers(text) !== text;
}
