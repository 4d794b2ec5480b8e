import { describe, expect, it } from 'vitest';
import { publicDigitsOf } from './card-facts.ts';

describe('the public digits of a card', () => {
  it.each([
    ['4242424242424242', 'visa', '42424242', '4242'],
    ['4222222222222', 'visa', '422222', '2222'],
    ['5555555555554444', 'mastercard', '55555555', '4444'],
    ['2223003122003222', 'mastercard', '22230031', '3222'],
    ['378282246310005', 'amex', '378282', '0005'],
    ['6011111111111117', 'discover', '601111', '1117'],
    ['30569309025904', 'diners', '305693', '5904'],
    ['3530111333300000', 'jcb', '353011', '0000'],
    ['6200000000000005', 'unionpay', '620000', '0005'],
    ['6759649826438453', 'maestro', '675964', '8453'],
    ['9792030394440796', 'other', '979203', '0796'],
    ['1000000000000008', 'other', '100000', '0008'],
  ])('of %s are of scheme %s: %s … %s', (number, brand, bin, lastFour) => {
    expect(publicDigitsOf(number)).toEqual({ brand, bin, lastFour });
  });
});
