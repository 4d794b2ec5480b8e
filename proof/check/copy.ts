import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';

export type Value = string | number | bigint | boolean | null;

/**
 * Streams rows into a temporary table; holds no more of them than one batch.
 * @returns how many.
 */
export async function copyInto(
  client: pg.ClientBase,
  table: string,
  columns: readonly string[],
  batches: AsyncIterable<readonly (readonly Value[])[]>,
): Promise<number> {
  let count = 0;
  async function* text(): AsyncGenerator<string> {
    for await (const rows of batches) {
      count += rows.length;
      if (rows.length > 0) yield rows.map(lineOf).join('');
    }
  }
  await pipeline(
    Readable.from(text(), { objectMode: false }),
    client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`)),
  );
  return count;
}

/** Streams what a query finds in one database into a temporary table of another, unread. */
export async function copyAcross(
  source: pg.ClientBase,
  query: string,
  target: pg.ClientBase,
  table: string,
): Promise<void> {
  await pipeline(
    source.query(copyTo(`copy (${query}) to stdout`)),
    target.query(copyFrom(`copy ${table} from stdin`)),
  );
}

function lineOf(row: readonly Value[]): string {
  let line = '';
  for (const [index, value] of row.entries()) {
    if (index > 0) line += '\t';
    line += value === null ? '\\N' : typeof value === 'string' ? escaped(value) : String(value);
  }
  return `${line}\n`;
}

const SPECIAL = /[\\\n\r\t]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(value: string): string {
  return SPECIAL.test(value) ? value.replace(/[\\\n\r\t]/g, (one) => ESCAPES[one] ?? one) : value;
}
