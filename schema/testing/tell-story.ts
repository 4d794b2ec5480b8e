import pg from 'pg';

/** Numbers are printed from the right: int8, int2, int4, numeric. */
const NUMERIC_OIDS: ReadonlySet<number> = new Set([20, 21, 23, 1700]);

/**
 * Runs a story on one connection and answers it with what each statement printed, as psql would show
 * it: rows as a table, a refusal as its error. Paragraphs are separated by blank lines; one that is
 * nothing but comment lines is prose.
 */
export async function tellStory(url: string, story: string): Promise<string> {
  // Every value as PostgreSQL writes it.
  const types = { getTypeParser: () => (text: string) => text } as pg.CustomTypesConfig;
  const client = new pg.Client({ connectionString: url, types, statement_timeout: 10_000 });
  await client.connect();
  try {
    const told: string[] = [];
    for (const paragraph of story.trim().split(/\n\s*\n/)) {
      told.push(paragraph);
      if (paragraph.split('\n').every((line) => line.startsWith('--'))) continue;
      const printed = await run(client, paragraph);
      if (printed !== null) told.push(printed);
    }
    return `${told.join('\n\n')}\n`;
  } finally {
    await client.end();
  }
}

async function run(client: pg.Client, statement: string): Promise<string | null> {
  try {
    const { fields, rows } = await client.query<Record<string, string | null>>(statement);
    return fields.length === 0 ? null : table(fields, rows);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return `ERROR:  ${error.message}`;
  }
}

function table(fields: readonly pg.FieldDef[], rows: readonly Record<string, string | null>[]): string {
  const columns = fields.map(({ name, dataTypeID }) => {
    const values = rows.map((row) => row[name] ?? '');
    const width = Math.max(name.length, ...values.map((value) => value.length));
    const right = NUMERIC_OIDS.has(dataTypeID);
    return {
      head: name.padEnd(width),
      rule: '-'.repeat(width),
      cells: values.map((value) => (right ? value.padStart(width) : value.padEnd(width))),
    };
  });
  const line = (parts: readonly string[], between: string): string => parts.join(between).trimEnd();
  return [
    line(
      columns.map(({ head }) => head),
      ' | ',
    ),
    line(
      columns.map(({ rule }) => rule),
      '-+-',
    ),
    ...rows.map((_, index) =>
      line(
        columns.map(({ cells }) => cells[index] ?? ''),
        ' | ',
      ),
    ),
    `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`,
  ].join('\n');
}
