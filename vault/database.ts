import type pg from 'pg';
import { atBoundary } from '../platform/crash-points.ts';
import { VaultProblem, isDatabaseAway } from './problem.ts';

/** Runs one prepared statement, which is one transaction: when it resolves, it is committed. */
export interface VaultDatabase {
  /**
   * @param name of the prepared statement, one per text.
   * @throws VaultProblem `database_unavailable` when it may simply be asked again, else PostgreSQL's error.
   */
  readonly query: <Row extends pg.QueryResultRow>(
    name: string,
    text: string,
    values: readonly unknown[],
  ) => Promise<Row[]>;
}

/** The statements by which a card comes, is taken, and is given out. */
const WRITES: ReadonlySet<string> = new Set(['stage', 'tokenize_known', 'tokenize_new', 'detokenize']);

export function createVaultDatabase(pool: pg.Pool): VaultDatabase {
  return {
    async query<Row extends pg.QueryResultRow>(name: string, text: string, values: readonly unknown[]) {
      try {
        const query = () => pool.query<Row>({ name, text, values: [...values] });
        const { rows } = await (WRITES.has(name) ? atBoundary('vault-write', query) : query());
        return rows;
      } catch (error) {
        if (!isDatabaseAway(error)) throw error;
        throw new VaultProblem('database_unavailable', 'the vault’s database does not answer; ask again', {
          cause: error,
        });
      }
    },
  };
}
