import pg from 'pg';
import { withArchiver } from './connection.ts';
import { archivedLines, verifyArchive } from './file.ts';
import { digestOf, formOf, inOneSnapshot } from './lines.ts';
import type { Manifest } from './manifest.ts';

const PAGE = 1_000;
const TYPE = /^[a-z ]+(\(\d+(,\d+)?\))?$/;

/**
 * Loads an archive into a table of its own, `archived_<partition>`, for reading: whole or not at all,
 * and held against the manifest as it then stands in the database. Its columns are those that the
 * table had when it was written. To be done with it: drop the table.
 * @returns the name of the table.
 * @throws Error when the file is not what its manifest says, or the table is there already.
 */
export async function restore(
  ownerUrl: string,
  file: string,
  rowsRead: (rows: number) => void,
): Promise<string> {
  const manifest = await verifyArchive(file);
  const table = `archived_${manifest.partition}`;
  await withArchiver(ownerUrl, (client) =>
    inOneSnapshot(client, async () => {
      await create(client, table, manifest);
      let rows = 0;
      let page: string[] = [];
      const flush = async (): Promise<void> => {
        await client.query(
          `insert into public.${table} select * from json_populate_recordset(null::public.${table}, $1)`,
          [`[${page.join(',')}]`],
        );
        rows += page.length;
        page = [];
        rowsRead(rows);
      };
      for await (const line of archivedLines(file)) if (page.push(line) === PAGE) await flush();
      await flush();
      const loaded = await digestOf(client, table, await formOf(client, table));
      if (loaded.rows !== manifest.rows || loaded.sha256 !== manifest.sha256)
        throw new Error(
          `${table} would not be what ${file} says (${loaded.rows} of ${manifest.rows} rows): nothing was loaded`,
        );
    }),
  );
  return table;
}

async function create(client: pg.Client, table: string, { columns, key }: Manifest): Promise<void> {
  const name = (text: string): string => client.escapeIdentifier(text);
  const strange = columns.find(({ type }) => !TYPE.test(type));
  if (strange !== undefined) throw new Error(`${strange.type} is no type for the column ${strange.name}`);
  const definitions = columns.map(({ name: column, type }) => `${name(column)} ${type}`);
  try {
    await client.query(
      `create table public.${table} (${definitions.join(', ')}, primary key (${key.map(name).join(', ')}))`,
    );
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== '42P07') throw error;
    throw new Error(`the table ${table} is there already: read it, or drop it and restore again`, {
      cause: error,
    });
  }
  // Read, never edited: what is not what was archived would be worse than nothing.
  await client.query(
    `create trigger append_only before update or delete or truncate on public.${table} for each statement execute function refuse_change()`,
  );
}
