// What JSON Schema can say of rules that are functions here; the function decides.

export const CURRENCY = {
  type: 'string',
  pattern: '^[A-Z]{3}$',
  description: 'An active ISO 4217 code in upper case.',
} as const;
