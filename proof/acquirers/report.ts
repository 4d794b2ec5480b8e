import { OPERATIONS } from './ends.ts';
import { FAULT_NAMES } from './faults.ts';
import type { CellResult } from './run-cell.ts';
import type { MatrixWire } from './wires/wire.ts';

/**
 * A table in Markdown: a row for each fault, a column for each wire and operation, in it how it ended and
 * whether everything agreed; `–` where the wire has no such fault.
 */
export function renderTable(wires: readonly MatrixWire[], results: readonly CellResult[]): string {
  const columns = wires.flatMap((wire) =>
    OPERATIONS.filter((operation) =>
      results.some(({ cell }) => cell.wire.id === wire.id && cell.operation === operation),
    ).map((operation) => ({ wire, operation })),
  );
  const faults = FAULT_NAMES.filter((fault) => results.some(({ cell }) => cell.fault === fault));
  const rows = [
    ['fault', ...columns.map(({ wire, operation }) => `${wire.id} ${operation}`)],
    ...faults.map((fault) => [
      fault,
      ...columns.map(({ wire, operation }) =>
        textOf(
          results.filter(
            ({ cell }) => cell.wire.id === wire.id && cell.operation === operation && cell.fault === fault,
          ),
        ),
      ),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

function textOf(results: readonly CellResult[]): string {
  if (results.length === 0) return '–';
  const ends = [...new Set(results.map(({ end, status }) => endText(end, status)))];
  const wrong = results.filter(({ found }) => found.length > 0).length;
  const mark = wrong === 0 ? '✓' : results.length === 1 ? '✗' : `✗ ${wrong} of ${results.length}`;
  return `${ends.join(', ')} ${mark}`;
}

function endText(end: string, status: string): string {
  return end === 'in_case' ? `${status}, in a case` : status;
}

/** What is wrong with one cell, for whoever has to find out why; null when nothing is. */
export function problemOf({ cell, payment, end, found }: CellResult): string | null {
  if (found.length === 0) return null;
  const name = `${cell.wire.id} ${cell.operation} ${cell.fault}`;
  return `${name} (${payment ?? 'no payment'}), should have ended ${end}:\n${found.map((text) => `    ${text}`).join('\n')}`;
}
