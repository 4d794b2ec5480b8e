import type { RunFile } from '../../temporal-dev/run-file.ts';
import { runCell, type BenchContext, type Cell } from './cells.ts';
import { openBenchDatabase } from './database.ts';
import { median, type Measured } from './measure.ts';

/** Stripes of every kind of account in the databases that are compared. */
export const STRIPES = [1, 4, 16] as const;
const COMPARED = ['alone', 'ours'] as const;

export interface StripeFigure {
  readonly path: (typeof COMPARED)[number];
  readonly inFlight: number;
  /** In the order of STRIPES. */
  readonly measured: readonly Measured[];
}

interface StripeOptions {
  readonly rounds: number;
  readonly count: number;
  readonly inFlight: readonly number[];
  readonly isolation: string;
}

/** Our paths on one hot merchant, in databases that differ in their stripes alone, in turns. */
export async function compareStripes(
  run: RunFile,
  pgbench: string,
  options: StripeOptions,
): Promise<StripeFigure[]> {
  const contexts: BenchContext[] = [];
  try {
    for (const stripes of STRIPES)
      contexts.push({
        pgbench,
        database: await openBenchDatabase(run, options.isolation, stripes),
        next: 0,
      });
    const runs = COMPARED.flatMap((path) =>
      options.inFlight.map((inFlight) => ({
        cell: { path, inFlight, hot: true } satisfies Cell,
        measured: contexts.map((): Measured[] => []),
      })),
    );
    for (const context of contexts) for (const { cell } of runs) await runCell(context, cell, options.count);
    for (let round = 1; round <= options.rounds; round += 1)
      for (const { cell, measured } of runs)
        for (const [index, context] of contexts.entries())
          measured[index]?.push(await runCell(context, cell, options.count));
    return runs.map(({ cell, measured }) => ({
      path: cell.path,
      inFlight: cell.inFlight,
      measured: measured.map(median),
    }));
  } finally {
    for (const { database } of contexts) await database.drop();
  }
}
