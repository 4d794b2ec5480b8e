export const CARD_BRANDS = [
  'visa',
  'mastercard',
  'amex',
  'discover',
  'diners',
  'jcb',
  'unionpay',
  'maestro',
  'other',
] as const;
export type CardBrand = (typeof CARD_BRANDS)[number];
