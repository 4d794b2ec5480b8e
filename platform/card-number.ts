import cardValidator from 'card-validator';
import { hideCodedCardNumbers, isSchemeNumber, passesLuhn, UUID } from './scrub-digits.ts';

/** Groups of digits with at most two other characters, none of them a letter, between them. */
const DIGIT_GROUPS = /\d+(?:[^\p{L}\p{N}]{1,2}\d+)*/gu;
const LENGTH_MIN = 12;
const LENGTH_MAX = 19;

/**
 * Whether a text holds something that a card scheme could have issued: neighbouring groups of digits
 * that together have a scheme's prefix and length and pass Luhn, however they are separated and
 * whatever stands around them. Stricter than Luhn alone, which every tenth order number passes.
 */
export function holdsCardNumber(text: string): boolean {
  // Written in hex, base64 or escapes it is no less one.
  if (hideCodedCardNumbers(text) !== text) return true;
  // Full-width and other compatibility digits become plain ones.
  for (const [run] of text.normalize('NFKC').replace(UUID, 'uuid').matchAll(DIGIT_GROUPS)) {
    const groups = run.match(/\d+/g) ?? [];
    for (let first = 0; first < groups.length; first += 1) {
      let digits = '';
      // No copy of the rest: a text of single digits would be copied once for each of them.
      for (let next = first; next < groups.length; next += 1) {
        digits += groups[next] ?? '';
        if (digits.length > LENGTH_MAX) break;
        if (digits.length >= LENGTH_MIN && isSchemeNumber(digits)) return true;
      }
    }
  }
  return false;
}

/** Why a number cannot be a card's; null when it can. A prefix that nobody knows is let through. */
export function cardNumberFault(number: string): string | null {
  if (!/^\d+$/.test(number)) return 'must be digits only, without spaces or dashes';
  if (number.length < LENGTH_MIN || number.length > LENGTH_MAX)
    return `must have ${LENGTH_MIN} to ${LENGTH_MAX} digits`;
  const { card } = cardValidator.number(number);
  if (card !== null && !card.lengths.includes(number.length))
    return `has a length that ${card.niceType} does not issue`;
  return passesLuhn(number) ? null : 'fails its check digit (Luhn)';
}

/** How many digits the security code of this number has; 3 or 4 where the scheme is unknown. */
export function securityCodeLengths(number: string): readonly number[] {
  const { card } = cardValidator.number(number);
  return card === null ? [3, 4] : [card.code.size];
}
