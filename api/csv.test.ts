import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvRecord } from './csv.ts';
import { parseCsv } from './testing/parse-csv.ts';

// What goes in comes out, and no spreadsheet takes a text for a formula.

const cellOf = (text: string): string => parseCsv(csvRecord(['x', text, 'y']))[0]?.[1] ?? '';

describe('a record', () => {
  it('writes numbers as their digits, null as nothing, and ends with CRLF', () => {
    expect(csvRecord(['a', -5n, null, 10n ** 18n])).toBe('a,-5,,1000000000000000000\r\n');
  });

  it('keeps quotes, commas and line breaks', () => {
    expect(csvRecord(['say "hi", then\r\ngo', 'plain'])).toBe('"say ""hi"", then\r\ngo",plain\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '＝1', "'=1"])(
    'puts an apostrophe before %j',
    (text) => {
      expect(cellOf(text)).toBe(`'${text}`);
    },
  );

  it('gives back any text, when one leading apostrophe is taken off', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(cellOf(text).replace(/^'/, '')).toBe(text);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\r', '\n', ',', '=', "'", ' ', 'a') }), (text) => {
        expect(cellOf(text).replace(/^'/, '')).toBe(text);
      }),
    );
  });
});
