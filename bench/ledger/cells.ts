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

/** Commits of one client at least: the window that all of them share must not be empty. */
const EACH_MIN = 40;

/** Makes sales, as many as fill all clients evenly, and concludes them. */
export async function runCell(
  context: BenchContext,
  { path, inFlight, hot }: Cell,
  atLeast: number,
): Promise<Measured> {
  const { database, pgbench } = context;
  const count = Math.max(Math.ceil(atLeast / inFlight), EACH_MIN) * inFlight;
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
  return {
    ...measure(done.commits),
    retries: (done.retries * 100) / done.commits.length,
    wal: bytes / done.commits.length,
  };
}
