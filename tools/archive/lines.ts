import { createHash } from 'node:crypto';
import type pg from 'pg';

/** A table as it is written to a file. */
export interface TableForm {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Its primary key: the order of the lines. */
  readonly key: readonly string[];
}

/** What lines are, in short. */
export interface Digest {
  readonly rows: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

const PAGE = 2_000;

/** @throws Error when there is no such table. */
export async function formOf(client: pg.ClientBase, table: string): Promise<TableForm> {
  const { rows } = await client.query<{ name: string; type: string; place: number | null }>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, array_position(i.indkey::int2[], a.attnum) as place
     from pg_attribute a left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
     where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [`public.${table}`],
  );
  if (rows.length === 0) throw new Error(`there is no table ${table}`);
  const key = rows
    .filter(({ place }) => place !== null)
    .sort((one, other) => (one.place ?? 0) - (other.place ?? 0))
    .map(({ name }) => name);
  return { columns: rows.map(({ name, type }) => ({ name, type })), key };
}

/**
 * The rows of one table, not of its partitions, as lines of JSON in the order of its key, a page at a
 * time, from one snapshot. The connection's time zone must be UTC and it must be in a transaction.
 */
export async function* linesOf(
  client: pg.Client,
  table: string,
  { key }: TableForm,
): AsyncGenerator<readonly string[], void> {
  const columns = key.map((name) => client.escapeIdentifier(name)).join(', ');
  await client.query(
    `declare archived_lines no scroll cursor for
     select row_to_json(t)::text as line from only public.${client.escapeIdentifier(table)} t order by ${columns}`,
  );
  for (;;) {
    const { rows } = await client.query<{ line: string }>(`fetch ${PAGE} from archived_lines`);
    if (rows.length > 0) yield rows.map(({ line }) => line);
    if (rows.length < PAGE) break;
  }
  await client.query('close archived_lines');
}

/** What a table holds now. */
export async function digestOf(client: pg.Client, table: string, form: TableForm): Promise<Digest> {
  const hash = createHash('sha256');
  let rows = 0;
  for await (const lines of linesOf(client, table, form)) {
    rows += lines.length;
    hash.update(textOf(lines));
  }
  return { rows, sha256: hash.digest('hex') };
}

/** Lines as they stand in a file. */
export function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** Runs `work` in a transaction that sees one snapshot; rolled back when it rejects. */
export async function inOneSnapshot<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin isolation level repeatable read');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    // A connection that is gone has rolled back by itself; the first error is the one to tell.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
