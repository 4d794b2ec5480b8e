import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passesLuhn, scrub, scrubText } from './scrub.ts';

const NUMBER = '4242424242424242';

describe('what leaves a process holds no card number and no credential', () => {
  it.each([
    ['plain', NUMBER],
    ['with spaces', '4242 4242 4242 4242'],
    ['with dashes', '4242-4242-4242-4242'],
    ['inside a sentence', `the card ${NUMBER}, please`],
    ['of fifteen digits', '378282246310005'],
    ['inside JSON', `{"number":"${NUMBER}"}`],
  ])('a card number %s is reduced to its last four digits', (_how, text) => {
    const scrubbed = scrubText(text);
    expect(scrubbed.replace(/[ -]/g, '')).not.toMatch(/\d{12}/);
    expect(scrubbed).toMatch(/\[card …\d{4}\]/);
  });

  it.each([
    ['an amount', 'amount 999999999999'],
    ['a time in ms', '1763733600000'],
    ['an id', 'pay_01m7z8gw0mf6dv31bg1vw9btsd'],
    ['sixteen digits that fail Luhn', '4242424242424241'],
  ])('%s stays readable', (_what, text) => {
    expect(scrubText(text)).toBe(text);
  });

  it('credentials are removed wherever they stand', () => {
    const text = scrubText(
      'Bearer sk_test_abc123 of sk_live_XYZ at postgres://user:pass-word@host/db with whsec_abc+/=',
    );
    for (const secret of ['abc123', 'XYZ', 'pass-word', 'whsec_abc']) expect(text).not.toContain(secret);
  });

  it('keys that name secrets are emptied at any depth, in errors and their causes too', () => {
    const error = new Error(`refused ${NUMBER}`, { cause: new Error('Bearer sk_test_inner') });
    const text = JSON.stringify(
      scrub({ a: [{ cvv: '123', card: { number: NUMBER } }], error, authorization: 'Basic x' }),
    );
    for (const secret of ['"123"', NUMBER, 'sk_test_inner', 'Basic x']) expect(text).not.toContain(secret);
  });

  it('no number that passes Luhn survives, in whatever text it stands', () => {
    const pans = fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 18 })
      .map((digits) => digits.join(''))
      .map(
        (body) =>
          Array.from('0123456789')
            .map((check) => body + check)
            .find(passesLuhn) ?? '',
      );
    fc.assert(
      fc.property(pans, fc.stringMatching(/^[ a-z.,:;"]{0,10}$/), (pan, around) => {
        expect(scrubText(`${around} ${pan} ${around}`)).not.toContain(pan);
      }),
    );
  });
});
