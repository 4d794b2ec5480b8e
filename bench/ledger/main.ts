import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { withClient } from '../../temporal-dev/parts/postgres-bootstrap.ts';
import { keyOf, PATHS, runCell, type BenchContext, type Cell } from './cells.ts';
import { openBenchDatabase, openServer, serverFacts } from './database.ts';
import { median, type Measured } from './measure.ts';
import { findPgbench } from './pgbench.ts';
import { renderPaths, renderSizes, renderStripes } from './report.ts';
import { compareSizes } from './sizes.ts';
import { compareStripes } from './stripes.ts';
import { runMain } from '../support/run-main.ts';

const HELP = `How fast the ledger is, against the least that a payment's posting could cost.

  npm run bench:ledger -- [--rounds N] [--count N] [--seed N] [--in-flight N,N…] [--isolation LEVEL] [--stripes] [--large N]

  --rounds N        interleaved rounds; a figure is the median of them (default 5)
  --count N         payments of one figure in one round at 8 and more in flight; a quarter at 1 (default 6000)
  --seed N          payments of each path that are in the tables before (default 5000)
  --in-flight N,N…  payments under way at once (default 1,8,32)
  --isolation LEVEL default_transaction_isolation of all paths (default "read committed")
  --stripes         also: what stripes bring, on one hot merchant
  --large N         also: the cost of a payment with N in the tables (say 1000000), against ten thousand

Four paths, each on one merchant's accounts (hot) and on those of a thousand (cold):
  floor  pgbench calls one SQL function: state with a version check, header, two legs, two balances
  fair   pgbench calls one SQL function that writes the same rows as ours, without what keeps them right
  alone  Node decides what an approved sale does and writes it, each in a transaction of its own
  ours   the same as the payments worker does it: what comes at once shares a transaction (activities/ledger)

PostgreSQL is that of the stack which QUITTANCE_RUN_FILE names, else one that is started for it, with the
settings of every stack (fsync on). It works in databases of its own, which it removes.
`;

interface Options {
  readonly rounds: number;
  readonly count: number;
  readonly seed: number;
  readonly inFlight: readonly number[];
  readonly isolation: string;
  readonly large: number | null;
  readonly stripes: boolean;
}

/** @returns null when help was asked for. @throws Error that says which argument is wrong. */
function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      count: { type: 'string', default: '6000' },
      seed: { type: 'string', default: '5000' },
      'in-flight': { type: 'string', default: '1,8,32' },
      isolation: { type: 'string', default: 'read committed' },
      large: { type: 'string' },
      stripes: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const positive = (name: string, text: string): number => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} ${text}: a whole number from 1`);
    return number;
  };
  return {
    rounds: positive('rounds', values.rounds),
    count: positive('count', values.count),
    seed: positive('seed', values.seed),
    inFlight: values['in-flight'].split(',').map((text) => positive('in-flight', text)),
    isolation: values.isolation,
    large: values.large === undefined ? null : positive('large', values.large),
    stripes: values.stripes,
  };
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(HELP);
    return;
  }
  const pgbench = await findPgbench();
  const server = await openServer();
  try {
    const facts = await serverFacts(server.run.postgres.superuserUrl);
    console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}; Node ${process.version}; ${facts}`);
    console.log(
      `isolation ${options.isolation}; ${options.rounds} interleaved rounds of ${options.count}, medians\n`,
    );
    const database = await openBenchDatabase(server.run, options.isolation);
    try {
      const context = { pgbench, database, next: 0 };
      console.log(renderPaths(await comparePaths(context, options), options.inFlight));
    } finally {
      await database.drop();
    }
    if (options.stripes) console.log(renderStripes(await compareStripes(server.run, pgbench, options)));
    const { large } = options;
    if (large !== null)
      console.log(renderSizes(large, await compareSizes(server.run, pgbench, { ...options, large })));
  } finally {
    await server.close();
  }
}

/** All cells in every round, so that what disturbs the machine disturbs all of them. */
async function comparePaths(context: BenchContext, options: Options): Promise<Map<string, Measured>> {
  const cells: Cell[] = options.inFlight.flatMap((inFlight) =>
    [true, false].flatMap((hot) => PATHS.map((path) => ({ path, inFlight, hot }))),
  );
  for (const hot of [true, false])
    for (const path of PATHS) await runCell(context, { path, inFlight: 8, hot }, options.seed);
  await withClient(context.database.superuserUrl, (client) => client.query('vacuum (analyze)'));
  const runs = new Map<string, Measured[]>(cells.map((cell) => [keyOf(cell), []]));
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const cell of cells) {
      const count = cell.inFlight < 8 ? Math.ceil(options.count / 4) : options.count;
      runs.get(keyOf(cell))?.push(await runCell(context, cell, count));
    }
    process.stderr.write(`round ${round} of ${options.rounds}\n`);
  }
  return new Map([...runs].map(([key, measured]) => [key, median(measured)]));
}

runMain(main);
