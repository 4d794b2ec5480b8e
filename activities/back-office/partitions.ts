import type pg from 'pg';
import type { Logger } from '../../platform/logger.ts';

export interface PartitionKeeperOptions {
  readonly pool: pg.Pool;
  readonly logger: Logger;
  /** Months after this one that have a partition. */
  readonly ahead: number;
}

/** What one turn found and did. */
export interface PartitionTurn {
  /** Names of the partitions that were made. */
  readonly made: readonly string[];
  /** Tables with ids that are no times: nothing of them will ever be archived. */
  readonly unordered: readonly string[];
}

/**
 * One turn: makes the partitions of the months to come, and what an archived month has left open
 * (schema: keep_partitions). Several at once do no harm. A month without a partition refuses its rows,
 * so this must have worked once in `ahead` months. Rejects when the database does not answer, and when
 * an archiver that is detaching keeps it waiting for 2 s: the next turn does it.
 */
export function createPartitionKeeper({ pool, logger, ahead }: PartitionKeeperOptions) {
  return async (): Promise<PartitionTurn> => {
    const { rows } = await pool.query<{ table: string; made: string[]; unordered: boolean }>(
      'select of_parent as table, made, unordered from keep_partitions($1)',
      [ahead],
    );
    const made = rows.flatMap((row) => row.made);
    const unordered = rows.flatMap(({ table, unordered: has }) => (has ? [table] : []));
    if (made.length > 0) logger.info('partitions_made', { partitions: made });
    if (unordered.length > 0) logger.warn('partition_ids_without_time', { tables: unordered });
    return { made, unordered };
  };
}
