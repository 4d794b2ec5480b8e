import { withClient } from '../../temporal-dev/parts/postgres-bootstrap.ts';
import type { RunFile } from '../../temporal-dev/run-file.ts';
import { runCell, type BenchContext, type Cell } from './cells.ts';
import { openBenchDatabase } from './database.ts';
import { median, type Measured } from './measure.ts';

export interface SizeFigure {
  readonly inFlight: number;
  readonly small: Measured;
  readonly large: Measured;
}

interface SizeOptions {
  readonly rounds: number;
  readonly count: number;
  readonly inFlight: readonly number[];
  readonly isolation: string;
  /** Transactions in the tables of the large database. */
  readonly large: number;
}

const SMALL = 10_000;
/** Seeded in steps, whole ones, so that the next sale begins behind them. */
const SEEDED_AT_ONCE = 10_000;

/** Our path on many merchants in two databases, one with a hundred times the other's payments, in turns. */
export async function compareSizes(
  run: RunFile,
  pgbench: string,
  options: SizeOptions,
): Promise<SizeFigure[]> {
  const [small, large] = [
    await openBenchDatabase(run, options.isolation),
    await openBenchDatabase(run, options.isolation),
  ];
  try {
    const contextOf = (database: typeof small): BenchContext => ({ pgbench, database, next: 0 });
    const [inSmall, inLarge] = [contextOf(small), contextOf(large)];
    await seed(inSmall, SMALL);
    await seed(inLarge, options.large);
    const runs = options.inFlight.map((inFlight) => ({
      inFlight,
      small: [] as Measured[],
      large: [] as Measured[],
    }));
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const one of runs) {
        const cell: Cell = { path: 'ours', inFlight: one.inFlight, hot: false };
        const count = one.inFlight < 8 ? Math.ceil(options.count / 4) : options.count;
        one.small.push(await runCell(inSmall, cell, count));
        one.large.push(await runCell(inLarge, cell, count));
      }
    }
    return runs.map((one) => ({
      inFlight: one.inFlight,
      small: median(one.small),
      large: median(one.large),
    }));
  } finally {
    await small.drop();
    await large.drop();
  }
}

/** As our path leaves them, in sets; then as it is after a night: vacuumed, counted, written out. */
async function seed(context: BenchContext, count: number): Promise<void> {
  await withClient(context.database.superuserUrl, async (client) => {
    for (; context.next < count; context.next += SEEDED_AT_ONCE) {
      await client.query('select bench.seed_sales($1::bigint, $2::integer)', [
        context.next,
        Math.min(SEEDED_AT_ONCE, count - context.next),
      ]);
      process.stderr.write(`seeded ${Math.min(context.next + SEEDED_AT_ONCE, count)} of ${count}\n`);
    }
    await client.query('select bench.seed_accounts()');
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
  });
}
