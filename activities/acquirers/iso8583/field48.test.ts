import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from './codec.ts';
import { decodeAdditionalData, encodeAdditionalData } from './field48.ts';

describe('field 48', () => {
  it('is tag, length and value, in ascending order of the tag', () => {
    const data = { cvv: '123', networkReference: 'MCC1234567', storedCredential: 'CRF' };
    expect(encodeAdditionalData(data)).toBe('2203CRF6310MCC12345679203123');
    expect(decodeAdditionalData('2203CRF6310MCC12345679203123')).toEqual(data);
    expect(decodeAdditionalData('8301U8701M')).toEqual({ avsResult: 'U', cvvResult: 'M' });
  });

  it('is absent when there is nothing to say', () => {
    expect(encodeAdditionalData({})).toBeNull();
  });

  it('skips an element it does not know', () => {
    expect(decodeAdditionalData('8404ABCD8701N')).toEqual({ cvvResult: 'N' });
  });

  it.each([
    ['a tag that is no number', 'AB01M'],
    ['half an element', '8705M'],
    ['an empty element', '8700'],
    ['elements out of order', '8701M8301U'],
    ['an element twice', '8701M8701N'],
    ['a known element without its form', '87021M'],
  ])('refuses %s', (_name, text) => {
    expect(() => decodeAdditionalData(text)).toThrow(CodecError);
  });

  it('answers arbitrary text with elements or a CodecError', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('0', '1', '2', '8', '3', '7', '9', 'M', 'N', 'U', ' '),
          maxLength: 40,
        }),
        (text) => {
          try {
            decodeAdditionalData(text);
          } catch (error) {
            expect(error).toBeInstanceOf(CodecError);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
