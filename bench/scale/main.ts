import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { countingCommits } from '../support/commits.ts';
import { groupsOf } from '../support/groups.ts';
import { closedLoop, type MeasuredLoad } from '../support/load.ts';
import { machineFacts } from '../support/machine.ts';
import { figure, markdownTable } from '../support/markdown.ts';
import { listOfPositive, positive } from '../../temporal-dev/option-numbers.ts';
import { cpuOf, cpuPerPayment, readProcesses, type Groups } from '../support/processes.ts';
import { DELIVERED_WITHIN_MS, withBench } from '../support/open-bench.ts';
import type { Shop } from '../support/shop.ts';
import { median } from '../support/statistics.ts';
import { historyCost } from '../support/histories.ts';
import { grownPerPayment, readStores } from '../support/stores.ts';
import { needsOf, type PaymentCost } from './derive.ts';
import { createMoreWorkers } from './more-workers.ts';
import { startTemporalOnPostgres, type TemporalOnPostgres } from './temporal-on-postgres.ts';
import { runMain } from '../support/run-main.ts';

const HELP = `What more processes bring on this machine, and what a payment costs in each part. Prints Markdown.

  npm run bench:scale -- [--workers N,N…] [--rounds N] [--seconds N] [--in-flight N] [--temporal sqlite|postgres]

  --workers N,N…    processes of each pool, in rising order (default 1,2,3)
  --rounds N        interleaved rounds; a figure is the median of them (default 3)
  --seconds N       of each number of processes in one round (default 6)
  --in-flight N     payments under way at once (default 64)
  --temporal WHAT   sqlite: the development server's file (default); postgres: Temporal's server on a
                    PostgreSQL of its own, whose commits are counted too
  --temporal-server PATH, --temporal-sql-tool PATH   for postgres (default: those names on PATH)

Both programs are built from Temporal's public Go module, in some minutes:
  go install go.temporal.io/server/cmd/server@v1.31.2 go.temporal.io/server/cmd/tools/sql@v1.31.2
`;

const COUNTED = 40;
const WARM_UP_MS = 3_000;

interface Options {
  readonly workers: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
  readonly inFlight: number;
  readonly temporal: 'sqlite' | 'postgres';
  readonly server: string;
  readonly sqlTool: string;
}

/** @returns null when help was asked for. @throws Error that says which argument is wrong. */
function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      workers: { type: 'string', default: '1,2,3' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '6' },
      'in-flight': { type: 'string', default: '64' },
      temporal: { type: 'string', default: 'sqlite' },
      'temporal-server': { type: 'string', default: 'temporal-server' },
      'temporal-sql-tool': { type: 'string', default: 'temporal-sql-tool' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const { temporal } = values;
  if (temporal !== 'sqlite' && temporal !== 'postgres')
    throw new Error(`--temporal ${temporal}: sqlite or postgres`);
  return {
    workers: listOfPositive('workers', values.workers).sort((left, right) => left - right),
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    inFlight: positive('in-flight', values['in-flight']),
    temporal,
    server: values['temporal-server'],
    sqlTool: values['temporal-sql-tool'],
  };
}

interface Measured extends MeasuredLoad {
  readonly cpu: Readonly<Record<string, number>>;
  readonly cpuMs: number;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(HELP);
    return;
  }
  const { workers, rounds, seconds, temporal } = options;
  const most = workers.at(-1) ?? 1;
  process.stderr.write(
    `this takes about ${Math.ceil((60 + rounds * (workers.length * (seconds + 4) + most * 5)) / 60)} minutes\n`,
  );
  const server = temporal === 'postgres' ? await startTemporalOnPostgres(options) : null;
  try {
    await measureAll(options, server);
  } finally {
    await server?.close();
  }
}

async function measureAll(options: Options, server: TemporalOnPostgres | null): Promise<void> {
  const { workers, rounds, seconds, inFlight } = options;
  const env: Record<string, string> =
    server === null ? {} : { QUITTANCE_STACK_TEMPORAL_ADDRESS: server.address };
  await withBench({ connections: inFlight, env }, async ({ stack, run, shop }) => {
    const figures = new Map<number, Measured[]>(workers.map((count) => [count, []]));
    const storesBefore = await readStores(run);
    let made = 0;
    for (let round = 0; round < rounds; round += 1) {
      const more = await createMoreWorkers(run);
      try {
        let there = 1;
        for (const count of workers) {
          for (; there < count; there += 1) await more.add();
          made += (await closedLoop(shop.pay, inFlight, WARM_UP_MS)).answered;
          const { payments, acquirers } = more.pids();
          const groups = {
            ...groupsOf(await stack.run(), {
              'payments worker': payments,
              'acquirer worker': acquirers,
              Temporal: server === null ? [] : [server.pids.server],
            }),
            ...(server === null ? {} : { "Temporal's PostgreSQL": [server.pids.postgres] }),
          };
          const measured = await measure(shop, inFlight, seconds * 1_000, groups);
          made += measured.answered;
          figures.get(count)?.push(measured);
        }
      } finally {
        await more.stop();
      }
      process.stderr.write(`round ${round + 1} of ${rounds}\n`);
    }
    console.log(`${new Date().toISOString().slice(0, 16)}Z. ${await machineFacts(run)}.\n`);
    console.log(
      `Temporal on ${options.temporal === 'sqlite' ? 'a SQLite file' : 'PostgreSQL'}; ${inFlight} in flight, ${rounds} interleaved rounds of ${seconds} s, medians.\n`,
    );
    console.log(`${table(figures)}\n`);
    if (server !== null) console.log(`${await temporalCommits(server, shop)}\n`);
    const bytes = grownPerPayment(storesBefore, await readStores(run), made);
    await shop.pay();
    const { transitions } = await historyCost(run, shop.recent(1));
    const [alone] = figures.values();
    console.log(needs({ cpuMs: medianCpu(alone ?? []), bytes, transitions }));
    process.exitCode = [...figures.values()].flat().every(({ errors }) => errors.length === 0) ? 0 : 1;
  });
}

async function measure(shop: Shop, inFlight: number, forMs: number, groups: Groups): Promise<Measured> {
  await shop.quiet(DELIVERED_WITHIN_MS);
  const before = cpuOf(await readProcesses(), groups);
  const load = await closedLoop(shop.pay, inFlight, forMs);
  await shop.quiet(DELIVERED_WITHIN_MS);
  const cpu = cpuPerPayment(before, cpuOf(await readProcesses(), groups), load.answered);
  return { ...load, cpu, cpuMs: Object.values(cpu).reduce((sum, ms) => sum + ms, 0) };
}

function table(figures: ReadonlyMap<number, readonly Measured[]>): string {
  const all = [...figures];
  const of = (measured: readonly Measured[], one: (measured: Measured) => number): string =>
    figure(median(measured.map(one)));
  const groups = Object.keys(all[0]?.[1][0]?.cpu ?? {});
  return markdownTable(
    ['processes of each pool', ...all.map(([count]) => String(count))],
    [
      ['payments/s', ...all.map(([, measured]) => of(measured, ({ rate }) => rate))],
      ['p50 ms', ...all.map(([, measured]) => of(measured, ({ p50 }) => p50))],
      ['p99 ms', ...all.map(([, measured]) => of(measured, ({ p99 }) => p99))],
      [
        `of ${cpus().length} cores busy with it`,
        ...all.map(([, measured]) => of(measured, ({ rate, cpuMs }) => (rate * cpuMs) / 1_000)),
      ],
      ['CPU ms a payment', ...all.map(([, measured]) => of(measured, ({ cpuMs }) => cpuMs))],
      ...groups.map((group) => [
        `… ${group}`,
        ...all.map(([, measured]) => of(measured, ({ cpu }) => cpu[group] ?? NaN)),
      ]),
      ['errors', ...all.map(([, measured]) => String(measured.flatMap(({ errors }) => errors).length))],
    ],
  );
}

function medianCpu(measured: readonly Measured[]): Record<string, number> {
  const groups = Object.keys(measured[0]?.cpu ?? {});
  return Object.fromEntries(
    groups.map((group) => [group, median(measured.map(({ cpu }) => cpu[group] ?? NaN))]),
  );
}

const RATES = [1_000, 10_000, 100_000] as const;

/** By arithmetic alone, from the smallest number of processes. */
function needs(cost: PaymentCost): string {
  const [first] = RATES;
  return markdownTable(
    ['needed, by arithmetic (docs/scale.md)', ...RATES.map((rate) => `${rate.toLocaleString('en')}/s`)],
    needsOf(first, cost).map(({ what, unit }, line) => [
      `${what}, ${unit}`,
      ...RATES.map((rate) => figure(needsOf(rate, cost)[line]?.amount ?? NaN).replace(/\.0+$/, '')),
    ]),
  );
}

async function temporalCommits(server: TemporalOnPostgres, shop: Shop): Promise<string> {
  const { commits } = await countingCommits(server.superuserUrl, false, async () => {
    for (let made = 0; made < COUNTED; made += 1) await shop.pay();
    await shop.quiet(DELIVERED_WITHIN_MS);
  });
  return markdownTable(
    ['Temporal: writing commits a payment', `of ${COUNTED}, one after the other`],
    Object.entries(commits.writing ?? {}).map(([database, count]) => [database, figure(count / COUNTED)]),
  );
}

runMain(main);
