import { createHash } from 'node:crypto';
import pMap from 'p-map';
import type pg from 'pg';
import type { ObjectStore } from '../../platform/object-store/object-store.ts';

/** What became of the objects of the export when each was held against its record. */
export interface VerifiedExport {
  readonly recorded: number;
  /** Objects that are not there, or not what was written: of each the first words say which. */
  readonly wrong: readonly string[];
  /** Objects that no row tells of: an export that died before it, or is under way, left them. */
  readonly unrecorded: number;
}

/** Rows read, and names looked up, at once. */
const PAGE = 500;
/** Objects read at once. */
const CONCURRENCY = 8;

interface Row {
  run_id: string;
  object: string;
  sha256: Buffer;
}

/**
 * Reads every exported history and holds it against its checksum; then looks for objects without a record.
 * Throws what the database throws; an object that the store does not give is one that is wrong.
 * @param tell how many have been looked at, after each page.
 */
export async function verifyExport(
  pool: Pick<pg.Pool, 'query'>,
  store: Pick<ObjectStore, 'get' | 'list'>,
  tell: (recorded: number) => void = () => undefined,
): Promise<VerifiedExport> {
  const wrong: string[] = [];
  let recorded = 0;
  for (let after = ''; ;) {
    const { rows } = await pool.query<Row>(
      'select run_id, object, sha256 from history_exports where run_id > $1 order by run_id limit $2',
      [after, PAGE],
    );
    const found = await pMap(rows, (row) => wrongWith(store, row), { concurrency: CONCURRENCY });
    wrong.push(...found.filter((one) => one !== null));
    recorded += rows.length;
    tell(recorded);
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.run_id;
  }

  let unrecorded = 0;
  let names: string[] = [];
  const look = async (): Promise<void> => {
    const { rows } = await pool.query<{ known: string }>(
      'select count(*) as known from history_exports where object = any($1)',
      [names],
    );
    unrecorded += names.length - Number(rows[0]?.known ?? 0);
    names = [];
  };
  for await (const { name } of store.list()) {
    names.push(name);
    if (names.length === PAGE) await look();
  }
  await look();
  return { recorded, wrong, unrecorded };
}

async function wrongWith(store: Pick<ObjectStore, 'get'>, { object, sha256 }: Row): Promise<string | null> {
  try {
    const bytes = await store.get(object);
    if (bytes === null) return `${object} is not in the store`;
    return isWhole(bytes, sha256) ? null : `${object} is not what was written: its checksum differs`;
  } catch (error) {
    return `${object} could not be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export const isWhole = (bytes: Uint8Array, sha256: Uint8Array): boolean =>
  createHash('sha256').update(bytes).digest().equals(sha256);
