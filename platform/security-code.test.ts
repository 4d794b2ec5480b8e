import { describe, expect, it } from 'vitest';
import { isSecurityCodeMember, tellsSecurityCode } from './security-code.ts';

describe('a text', () => {
  it.each([
    'cvv: 123',
    'cvv 737',
    'CVC 1234',
    'cvc2=737',
    'my card, CVV2 is 737, thanks',
    '{"cvv":"737"}',
    String.raw`{\"cvv\": \"737\"}`,
    'card_cvv=1234&x=1',
    'security code: 737',
    'security-code 737',
    'security code number 737',
    'csc=737',
    'CID: 1234',
    'cvv737',
    'cvv (737)',
    'ｃｖｖ： ７３７',
  ])('that tells a security code is one: %s', (text) => {
    expect(tellsSecurityCode(text)).toBe(true);
  });

  it.each([
    'cvv check failed',
    'cvv check failed 3 times',
    'the customer gave no security code',
    'security code sent by mail on day 12',
    'cvc: none',
    'cvc 12345',
    'cvc 100.00 EUR',
    'placid 1234',
    'cid 1234',
    'incident: 1234',
    'order 737',
    'cvv: ***',
    'security codes for 2027 ordered',
    // Ids of ours, and order numbers, that have the letters.
    'card_01jabcvvxyzk3mp7qw5rtyk123',
    'ctok_7cvc3mp7qw5rtyk4mp7qw5r987',
    'CVC-1234',
    'ord-CVC-2024-0001',
  ])('that does not is none: %s', (text) => {
    expect(tellsSecurityCode(text)).toBe(false);
  });
});

describe('a member', () => {
  it.each([
    ['cvv', '737'],
    ['CVV2', 'x'],
    ['card_cvc', 737],
    ['securityCode', null],
    ['security-code', ''],
    ['c.v.v', '1'],
    ['cid', '1234'],
    ['CSC', 737],
    ['cardcvv', '737'],
    ['cvv_entered', '737'],
  ])('named %s, of %j, holds a security code', (name, value) => {
    expect(isSecurityCodeMember(name, value)).toBe(true);
  });

  it.each([
    ['number', '737'],
    ['cid', 'customer 12'],
    ['cid', '12345'],
    ['acid', '123'],
    ['code', '737'],
    ['security', 'code'],
    ['cvv_check', 'pass'],
    ['cvc_result', 'M'],
    ['cvv_required', false],
    ['acv_currency', '978'],
    ['recv_count', '250'],
    ['tcv_value', '1000'],
  ])('named %s, of %j, does not', (name, value) => {
    expect(isSecurityCodeMember(name, value)).toBe(false);
  });
});
