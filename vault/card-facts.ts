import cardValidator from 'card-validator';
import type { CardBrand } from '../workflows/domain/card.ts';

/** What `card-validator` calls the schemes we name. Every other scheme it knows is `other` here. */
const BRANDS: Readonly<Record<string, CardBrand>> = {
  visa: 'visa',
  mastercard: 'mastercard',
  'american-express': 'amex',
  discover: 'discover',
  'diners-club': 'diners',
  jcb: 'jcb',
  unionpay: 'unionpay',
  maestro: 'maestro',
};

/** The scheme by prefix; `other` when the prefix is unknown or belongs to more than one. */
function brandOf(number: string): CardBrand {
  return BRANDS[cardValidator.number(number).card?.type ?? ''] ?? 'other';
}

/** Visa and Mastercard issue by eight digits (ISO/IEC 7812-1:2017), the others still by six. */
const EIGHT_DIGIT_BINS: ReadonlySet<CardBrand> = new Set<CardBrand>(['visa', 'mastercard']);
/** Below 16 digits eight and the last four would leave too little hidden (PCI DSS 3.4.1, truncation). */
const EIGHT_DIGIT_BIN_LENGTH_MIN = 16;

export interface PublicDigits {
  readonly brand: CardBrand;
  readonly bin: string;
  readonly lastFour: string;
}

/** The scheme of a number and the digits of it that may be shown beside a token. */
export function publicDigitsOf(number: string): PublicDigits {
  const brand = brandOf(number);
  const eight = EIGHT_DIGIT_BINS.has(brand) && number.length >= EIGHT_DIGIT_BIN_LENGTH_MIN;
  return { brand, bin: number.slice(0, eight ? 8 : 6), lastFour: number.slice(-4) };
}
