import { randomUUID } from 'node:crypto';
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
    '34323432343234323432343234323432',
    'NDI0MjQyNDI0MjQyNDI0Mg==',
    '%34%32%34%32%34%32%34%32%34%32%34%32%34%32%34%32',
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

describe('a text as long as a request may be', () => {
  it.each([
    ['digits apart', '4 '],
    ['zeros and dashes', '0-'],
    ['digits in hex', '34'],
    ['bytes in a list', '52,'],
    ['digits, percent-encoded', '%34'],
    ['base64 of digits', 'NDQ0'],
  ])('of %s is searched in a moment', (_, piece) => {
    const before = process.cpuUsage();
    holdsCardNumber(piece.repeat(Math.floor((64 * 1_024) / piece.length)));
    const { user, system } = process.cpuUsage(before);
    // 30 to 70 ms where it was measured; copied or judged anew for each digit it was up to seven seconds.
    expect((user + system) / 1_000).toBeLessThan(1_500);
  });
});

describe('a UUID is no card number', () => {
  it.each([
    '52363674-6976-4680-812e-f1ddb4d780ac',
    '313ea589-6708-4852-85d2-c60064ab2d45',
    'key 52363674-6976-4680-812e-f1ddb4d780ac.',
  ])('%s is let through', (text) => {
    expect(holdsCardNumber(text)).toBe(false);
  });

  it('not one of twenty thousand random ones is refused', () => {
    const refused = Array.from({ length: 20_000 }, () => randomUUID()).filter(holdsCardNumber);
    expect(refused).toEqual([]);
  });

  it('a card number beside a UUID is still found', () => {
    expect(holdsCardNumber('52363674-6976-4680-812e-f1ddb4d780ac 4242 4242 4242 4242')).toBe(true);
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
