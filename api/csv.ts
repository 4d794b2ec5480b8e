/** A text is guarded and quoted, a number is written as its digits, null is empty. */
export type CsvCell = string | bigint | null;

/**
 * What a spreadsheet would take for a formula (OWASP: CSV injection), the full-width forms included,
 * also behind spaces; and a text that begins with the guard itself, so that taking one apostrophe off
 * always gives the text back.
 */
const FORMULA = /^(?:'|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/;
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/** One record by RFC 4180, with its line end. */
export function csvRecord(cells: readonly CsvCell[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

function cellOf(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell === 'bigint') return cell.toString();
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
