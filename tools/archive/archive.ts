import type pg from 'pg';
import type { Month } from './file.ts';
import { withArchiver } from './connection.ts';
import { planArchive, type PlannedMonth, type Retention } from './plan.ts';
import { takeOff, unfinished } from './take-off.ts';

export interface ArchiveOptions extends Retention {
  /** Of the role that owns the tables. */
  readonly ownerUrl: string;
  /** YYYY-MM: months before this one. */
  readonly before: string;
  readonly folder: string;
  /** Only says what would be done. */
  readonly dryRun: boolean;
  /** How long others may keep a month from being detached (ms). */
  readonly patienceMs: number;
  readonly rowsWritten: (month: Month, rows: number) => void;
  /** Called when a month is done, or is found to have to stay. */
  readonly settled: (month: SettledMonth) => void;
}

export interface SettledMonth extends Month {
  /** Rows that were taken off; of a month that stays or would go, what PostgreSQL believes there is. */
  readonly rows: number;
  /** Why it stays; null = it is gone, or would go. */
  readonly reason: string | null;
}

/**
 * Takes off every whole month before `before` in which nothing is needed any more, the oldest first,
 * after what an earlier run has left half done.
 * @throws Error when another archiver is at work, and when a month could not be taken off whole; what
 *   was begun is finished by the next run.
 */
export async function archive(options: ArchiveOptions): Promise<readonly SettledMonth[]> {
  return withArchiver(options.ownerUrl, async (client) => {
    const all: SettledMonth[] = [];
    const settle = (month: SettledMonth): void => {
      all.push(month);
      options.settled(month);
    };
    for (const month of await unfinished(client))
      settle(await gone(client, options, { ...month, rowsEstimated: 0 }));
    for (const month of await planArchive(client, options.before, options))
      settle(
        month.reason === null ? await gone(client, options, month) : settled(month, month.rowsEstimated),
      );
    return all;
  });
}

async function gone(
  client: pg.Client,
  options: ArchiveOptions,
  month: Omit<PlannedMonth, 'reason'>,
): Promise<SettledMonth> {
  if (options.dryRun) return settled(month, month.rowsEstimated);
  const { table, partition, low, high } = month;
  const { rows } = await takeOff({ client, ...options }, { table, partition, low, high });
  return settled(month, rows);
}

function settled(
  month: Omit<PlannedMonth, 'reason'> & { readonly reason?: string | null },
  rows: number,
): SettledMonth {
  const { table, partition, low, high, reason = null } = month;
  return { table, partition, low, high, rows, reason };
}
