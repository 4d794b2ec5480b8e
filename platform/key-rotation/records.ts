import type pg from 'pg';
import type { Rotation, RotationRecords } from './rotation.ts';

/** Runs one statement, which is one transaction. */
export type Query = <Row extends pg.QueryResultRow>(
  name: string,
  text: string,
  values: readonly unknown[],
) => Promise<readonly Row[]>;

/** As a pool runs it: prepared, one name a text. */
export function poolQuery(pool: pg.Pool): Query {
  return async <Row extends pg.QueryResultRow>(name: string, text: string, values: readonly unknown[]) =>
    (await pool.query<Row>({ name, text, values: [...values] })).rows;
}

interface RotationRow {
  readonly id: string;
  readonly from_master_key: string | null;
  readonly to_master_key: string | null;
  readonly turned: boolean;
  readonly finished: boolean;
  readonly rewrapped: number;
}

const COLUMNS =
  'id, from_master_key, to_master_key, turned_at is not null as turned, finished_at is not null as finished, rewrapped::integer as rewrapped';

const toRotation = (row: RotationRow): Rotation => ({
  id: row.id,
  from: row.from_master_key,
  to: row.to_master_key,
  turned: row.turned,
  finished: row.finished,
  rewrapped: row.rewrapped,
});

/**
 * The table `key_rotations` of a schema; the vault's and the main database have one each, of the same
 * shape.
 */
export function createRotationRecords(query: Query, schema: 'vault' | 'public'): RotationRecords {
  async function one(rows: Promise<readonly RotationRow[]>, id: string): Promise<Rotation> {
    const [row] = await rows;
    if (row === undefined) throw new Error(`rotation ${id} is not in ${schema}.key_rotations`);
    return toRotation(row);
  }

  return {
    async begin(id) {
      await query(
        'begin_rotation',
        `insert into ${schema}.key_rotations (id)
         select $1 where not exists (select from ${schema}.key_rotations where finished_at is null)
         on conflict do nothing`,
        [id],
      );
      return one(
        query<RotationRow>(
          'find_rotation',
          `select ${COLUMNS} from ${schema}.key_rotations where id = $1 or finished_at is null order by id = $1 desc limit 1`,
          [id],
        ),
        id,
      );
    },
    async choose(id, from, to) {
      await query(
        'choose_master_keys',
        `update ${schema}.key_rotations set from_master_key = $2, to_master_key = $3 where id = $1 and to_master_key is null`,
        [id, from, to],
      );
      return one(
        query<RotationRow>('load_rotation', `select ${COLUMNS} from ${schema}.key_rotations where id = $1`, [
          id,
        ]),
        id,
      );
    },
    async retire(id) {
      await query('retire_master_keys', `select ${schema}.retire_master_keys($1)`, [id]);
    },
    async count(id, rewrapped) {
      if (rewrapped === 0) return;
      await query(
        'count_rewrapped',
        `update ${schema}.key_rotations set rewrapped = rewrapped + $2 where id = $1`,
        [id, rewrapped],
      );
    },
    async finish(id) {
      await query(
        'finish_rotation',
        `update ${schema}.key_rotations set finished_at = coalesce(finished_at, now()) where id = $1`,
        [id],
      );
    },
  };
}
