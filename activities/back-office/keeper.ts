import pMap from 'p-map';
import { pause } from '../../platform/every.ts';
import type { Logger } from '../../platform/logger.ts';
import type { HasOpenRun } from './temporal.ts';

/** Rows that a workflow should be open for, in a fixed order. */
export interface KeptRows<Row> {
  /** The next rows after `last` (from the first one if undefined), at most `limit`. */
  page(last: Row | undefined, limit: number): Promise<readonly Row[]>;
  workflowId(row: Row): string;
  /** Asked again just before it is started: most of those without a run have finished meanwhile. */
  stillOpen(row: Row): Promise<boolean>;
  start(row: Row): Promise<void>;
}

export interface KeeperOptions<Row> {
  readonly rows: KeptRows<Row>;
  readonly hasOpenRun: HasOpenRun;
  readonly logger: Logger;
  /** Name of the log line of each start. */
  readonly event: string;
  /** Rows asked about at once. */
  readonly concurrency: number;
  /** Rows asked about in a second at most: the keeper must not be what Temporal is busy with. */
  readonly perSecond: number;
}

export interface KeeperTurn {
  readonly asked: number;
  readonly started: number;
}

/**
 * One turn over everything that should have an open run: what has none is started. It repairs every
 * way to lose a run: terminated, reset, retention, a lost server. Several keepers at once do no harm:
 * both start the same workflow id. Rejects when the database or Temporal does not answer.
 */
export function createKeeper<Row>(options: KeeperOptions<Row>): (signal: AbortSignal) => Promise<KeeperTurn> {
  const { rows, hasOpenRun, logger, event, concurrency, perSecond } = options;

  async function keep(row: Row): Promise<boolean> {
    const workflow = rows.workflowId(row);
    if (await hasOpenRun(workflow)) return false;
    if (!(await rows.stillOpen(row))) return false;
    await rows.start(row);
    logger.warn(event, { workflow_id: workflow });
    return true;
  }

  return async (signal) => {
    let asked = 0;
    let started = 0;
    const failures: unknown[] = [];

    /** One row that cannot be asked about must not keep those behind it from being kept. */
    async function keepOrNote(row: Row): Promise<boolean> {
      return keep(row).catch((error: unknown) => {
        failures.push(error);
        return false;
      });
    }

    for (let last: Row | undefined, full = true; full && !signal.aborted;) {
      const began = performance.now();
      const page = await rows.page(last, perSecond);
      const results = await pMap(page, keepOrNote, { concurrency, signal });
      asked += page.length;
      started += results.filter(Boolean).length;
      last = page.at(-1);
      full = page.length === perSecond;
      if (full) await pause(Math.max(1_000 - (performance.now() - began), 0), signal);
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} of ${asked} could not be kept`);
    return { asked, started };
  };
}
