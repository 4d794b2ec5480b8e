import { withClient } from '../../temporal-dev/parts/postgres-bootstrap.ts';
import type { TestDatabase } from '../../temporal-dev/testing/database.ts';
import { countingWal } from './database.ts';
import { measure, type Commit, type Measured } from './measure.ts';
import { runOurs } from './ours.ts';
import { runPgbench } from './pgbench.ts';

export const PATHS = ['floor', 'fair', 'alone', 'ours'] as const;
export type Path = (typeof PATHS)[number];

/** One figure of the table: who posts, how many at once, on one merchant's accounts or on many. */
export interface Cell {
  readonly path: Path;
  readonly inFlight: number;
  readonly hot: boolean;
}

export function keyOf({ path, inFlight, hot }: Cell): string {
  return `${path} ${inFlight} ${hot ? 'hot' : 'cold'}`;
}

export interface BenchContext {
  readonly pgbench: string;
  readonly database: TestDatabase;
  /** The number of the next sale in that database. */
  next: number;
}

/** The texts of our answer and our event are about this long. */
const BODY = 'x'.repeat(1_100);

function merchantSql(hot: boolean): string {
  return hot ? "'mer_00000000000000000000000000'" : "'mer_' || lpad((1 + :number % 1000)::text, 26, '0')";
}

const BEGIN = {
  floor: 'floor.begin_sales',
  fair: 'fair.begin_sales',
  alone: 'bench.begin_sales',
  ours: 'bench.begin_sales',
} as const satisfies Record<Path, string>;

/** Commits of one client, at least and at most: the window that all of them share must not be empty. */
const EACH_MIN = 40;
const EACH_MAX = 10_000;

/**
 * Makes sales, as many as fill all clients evenly, and concludes them. Where the machine let one
 * client finish before another was warm it does so again, with twice as many.
 */
export async function runCell(context: BenchContext, cell: Cell, atLeast: number): Promise<Measured> {
  for (let each = Math.max(Math.ceil(atLeast / cell.inFlight), EACH_MIN); ; each *= 2) {
    const measured = await runOnce(context, cell, each * cell.inFlight);
    if (measured !== null) return measured;
    if (each > EACH_MAX)
      throw new Error(`one client finished ${each} commits before another was warm: give it more processors`);
  }
}

async function runOnce(
  context: BenchContext,
  { path, inFlight, hot }: Cell,
  count: number,
): Promise<Measured | null> {
  const { database, pgbench } = context;
  const first = context.next;
  context.next += count;
  await withClient(database.superuserUrl, (client) =>
    client.query(`select ${BEGIN[path]}($1::bigint, $2::integer, $3::boolean)`, [first, count, hot]),
  );
  const shared = { first, count };
  const byPgbench = (statement: string): Promise<{ commits: Commit[]; retries: number }> =>
    runPgbench({ ...shared, program: pgbench, url: database.superuserUrl, clients: inFlight, statement });
  const run = {
    floor: () =>
      byPgbench(`select floor.post(${merchantSql(hot)}, 'pay_' || lpad(:number::text, 26, '0'), 1, 9000)`),
    fair: () =>
      byPgbench(`select fair.post(${merchantSql(hot)}, lpad(:number::text, 26, '0'), 1, 9000, '${BODY}')`),
    alone: () => runOurs({ ...shared, url: database.workerUrl, inFlight, hot, inGroups: false }),
    ours: () => runOurs({ ...shared, url: database.workerUrl, inFlight, hot, inGroups: true }),
  } satisfies Record<Path, () => Promise<{ commits: Commit[]; retries: number }>>;
  const { done, bytes } = await countingWal(database.superuserUrl, run[path]);
  const measured = measure(done.commits);
  return (
    measured && {
      ...measured,
      retries: (done.retries * 100) / done.commits.length,
      wal: bytes / done.commits.length,
    }
  );
}
