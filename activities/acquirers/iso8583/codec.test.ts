import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError, decode, encode } from './codec.ts';
import type { CodecErrorKind, Message } from './codec.ts';
import { messages } from './testing/arbitraries.ts';
import { CODEC_PROPERTIES } from './testing/properties.ts';

function refusal(bytes: Uint8Array): CodecErrorKind | 'accepted' {
  try {
    decode(bytes);
    return 'accepted';
  } catch (error) {
    if (error instanceof CodecError) return error.kind;
    throw error;
  }
}

const bytesOf = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );

describe('the ISO 8583 codec, against bytes worked out by hand from the standard', () => {
  // Bits 1 (a secondary bitmap follows), 7, 11 | bit 70 = the sixth of the second eight bytes.
  const signOn = bytesOf(
    '0800',
    [0x82, 0x20, 0, 0, 0, 0, 0, 0],
    [0x04, 0, 0, 0, 0, 0, 0, 0],
    '1121135300',
    '000001',
    '001',
  );
  // Bits 2, 3, 4, 7 | 11, 14 | 18, 22 | 25, 32 | 37 | 41, 42 | 49.
  const authorization = bytesOf(
    '0100',
    [0b0111_0010, 0b0010_0100, 0b0100_0100, 0b1000_0001, 0b0000_1000, 0b1100_0000, 0b1000_0000, 0],
    '164242424242424242',
    '000000',
    '000000001250',
    '1121135300',
    '000042',
    '3012',
    '5999',
    '012',
    '59',
    '06400123',
    '632513000042',
    'TERM0001',
    'MERCHANT0000001',
    '978',
  );
  // Bits 1, 3 | 39 | bit 90 = bit 26 of the second bitmap, bit 95 = bit 31.
  const partialReversal = bytesOf(
    '0410',
    [0xa0, 0, 0, 0, 0x02, 0, 0, 0],
    [0, 0, 0, 0b0100_0010, 0, 0, 0, 0],
    '000000',
    '00',
    '010000004211211353000000040012300000000000',
    '000000004000000000000000000000000000000000',
  );
  const vectors: [string, Buffer, Message][] = [
    ['a sign-on', signOn, { type: '0800', fields: { 7: '1121135300', 11: '000001', 70: '001' } }],
    [
      'an authorization',
      authorization,
      {
        type: '0100',
        fields: {
          2: '4242424242424242',
          3: '000000',
          4: '000000001250',
          7: '1121135300',
          11: '000042',
          14: '3012',
          18: '5999',
          22: '012',
          25: '59',
          32: '400123',
          37: '632513000042',
          41: 'TERM0001',
          42: 'MERCHANT0000001',
          49: '978',
        },
      },
    ],
    [
      'the answer to a partial reversal',
      partialReversal,
      {
        type: '0410',
        fields: {
          3: '000000',
          39: '00',
          90: '010000004211211353000000040012300000000000',
          95: '000000004000000000000000000000000000000000',
        },
      },
    ],
  ];
  it.each(vectors)('writes %s as those bytes', (_name, bytes, message) => {
    expect(encode(message).toString('hex')).toBe(bytes.toString('hex'));
  });
  it.each(vectors)('reads %s from those bytes', (_name, bytes, message) => {
    expect(decode(bytes)).toEqual(message);
  });

  const header = (bitmap: number[], rest: string): Buffer => bytesOf('0110', bitmap, rest);
  it.each<[string, Buffer, CodecErrorKind]>([
    ['no bytes', bytesOf(''), 'truncated'],
    ['half a message type', bytesOf('01'), 'truncated'],
    ['half a bitmap', bytesOf('0110', [0, 0, 0]), 'truncated'],
    ['a byte after the end', Buffer.concat([signOn, Buffer.from('0')]), 'trailing_bytes'],
    [
      'the message type of the 1993 edition',
      Buffer.concat([Buffer.from('1'), signOn.subarray(1)]),
      'unknown_message_type',
    ],
    [
      'an announced but empty secondary bitmap',
      header([0x80, 0, 0, 0, 0, 0, 0, 0], '\0\0\0\0\0\0\0\0'),
      'bad_bitmap',
    ],
    ['a third bitmap', header([0x80, 0, 0, 0, 0, 0, 0, 0], '\x80\0\0\0\0\0\0\0'), 'bad_bitmap'],
    [
      'field 5, which the dialect has not',
      header([0x08, 0, 0, 0, 0, 0, 0, 0], '000000000001'),
      'unknown_field',
    ],
    ['a length that is no number', header([0x40, 0, 0, 0, 0, 0, 0, 0], '1x4242424242424242'), 'bad_length'],
    ['a length of zero', header([0x40, 0, 0, 0, 0, 0, 0, 0], '00'), 'bad_length'],
    ['a length above the maximum', header([0x40, 0, 0, 0, 0, 0, 0, 0], `20${'4'.repeat(20)}`), 'bad_length'],
    ['a letter in a numeric field', header([0x20, 0, 0, 0, 0, 0, 0, 0], '00000A'), 'bad_character'],
    ['a space inside a response code', header([0, 0, 0, 0, 0x02, 0, 0, 0], ' 0'), 'bad_character'],
    [
      'a byte above ASCII in a terminal id',
      header([0, 0, 0, 0, 0, 0x80, 0, 0], 'TERM000\xe9'),
      'bad_character',
    ],
  ])('refuses %s', (_name, bytes, kind) => {
    expect(refusal(bytes)).toBe(kind);
  });

  it('never shows in an error what was in the field', () => {
    const bytes = header([0x40, 0, 0, 0, 0, 0, 0, 0], '16424242424242424x');
    expect(() => decode(bytes)).toThrow(
      /field 2 \(primary account number\) has a character that is not of class n/,
    );
    expect(() => decode(bytes)).not.toThrow(/4242/);
  });

  it.each<[string, Message, CodecErrorKind]>([
    ['a fixed field that is too short', { type: '0100', fields: { 3: '0000' } }, 'bad_length'],
    ['a variable field that is too long', { type: '0100', fields: { 2: '4'.repeat(20) } }, 'bad_length'],
    ['letters in an amount', { type: '0100', fields: { 4: '00000000125x' } }, 'bad_character'],
    ['an empty variable field', { type: '0100', fields: { 48: '' } }, 'bad_length'],
  ])('refuses to write %s', (_name, message, kind) => {
    expect(() => encode(message)).toThrow(expect.objectContaining({ name: 'CodecError', kind }) as Error);
  });
});

describe('the ISO 8583 codec, for every message', () => {
  it.each(Object.entries(CODEC_PROPERTIES))('%s', (_name, property) => {
    fc.assert(property as fc.IProperty<unknown>, { numRuns: 3_000 });
  });

  it('refuses every truncation of a valid message', () => {
    fc.assert(
      fc.property(messages, fc.nat(), (message, at) => {
        const bytes = encode(message);
        expect(refusal(bytes.subarray(0, at % bytes.length))).toBe('truncated');
      }),
      { numRuns: 300 },
    );
  });

  it('refuses every byte that follows a valid message', () => {
    fc.assert(
      fc.property(messages, fc.uint8Array({ minLength: 1, maxLength: 4 }), (message, more) => {
        expect(refusal(Buffer.concat([encode(message), more]))).toBe('trailing_bytes');
      }),
    );
  });
});
