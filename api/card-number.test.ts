import { describe, expect, it } from 'vitest';
import { cardNumberFault, holdsCardNumber, securityCodeLengths } from './card-number.ts';

// A card number is found wherever it hides, and ordinary numbers are left alone.

describe('holdsCardNumber', () => {
  it.each([
    '4242424242424242',
    '4242 4242 4242 4242',
    '4242-4242-4242-4242',
    '4242.4242.4242.4242',
    '4242 - 4242 4242 4242'.replace(' - ', '–'),
    'please charge 5555555555554444 thanks',
    'x4242424242424242y',
    'order 12 4242424242424242',
    '4242424242424242 12/29 123',
    '４２４２４２４２４２４２４２４２',
    'amex 3782 822463 10005',
    '6011111111111117,',
  ])('finds one in %j', (text) => {
    expect(holdsCardNumber(text)).toBe(true);
  });

  it.each([
    'order 2024112100012345',
    '4242424242424241',
    '+49 170 1234567 890',
    'pay_01h2xcejqtf2nbrexx3vqjhp41',
    '0123456789012345678901234567890',
    '1732195200123',
    '4242',
    '',
  ])('finds none in %j', (text) => {
    expect(holdsCardNumber(text)).toBe(false);
  });
});

describe('cardNumberFault', () => {
  it.each([
    ['4242424242424242', null],
    ['378282246310005', null],
    ['4242 4242 4242 4242', 'must be digits only, without spaces or dashes'],
    ['42424242', 'must have 12 to 19 digits'],
    ['4242424242424241', 'fails its check digit (Luhn)'],
    ['424242424242428', 'has a length that Visa does not issue'],
  ])('says of %s: %s', (number, fault) => {
    expect(cardNumberFault(number)).toBe(fault);
  });
});

it('a security code has the length of its scheme', () => {
  expect([
    securityCodeLengths('4242424242424242'),
    securityCodeLengths('378282246310005'),
    securityCodeLengths('9000000000000000'),
  ]).toEqual([[3], [4], [3, 4]]);
});
