import { parseArgs } from 'node:util';
import pMap from 'p-map';
import { listOfPositive, positive, wholeNumber } from '../../temporal-dev/option-numbers.ts';
import { startPlainApi, type PlainApi } from '../plain-api/start.ts';
import { openBenchStack, type BenchStack } from '../support/bench-stack.ts';
import { summary } from '../support/errors.ts';
import { groupsOf } from '../support/groups.ts';
import { closedLoop } from '../support/load.ts';
import { loadAverage, machineFacts } from '../support/machine.ts';
import { ACQUIRERS } from '../support/open-bench.ts';
import { memoryOf, readProcesses, type Groups } from '../support/processes.ts';
import { runMain } from '../support/run-main.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { openIdleConnections } from './idle.ts';
import { errorsOf, idleTable, ratesTable, type IdleFigures } from './report.ts';
import { PATH_NAMES, runRounds, SIDES, type Workload, type Workloads } from './rounds.ts';

const HELP = `What the merchant API costs over HTTP, beside plain express and pg. Prints Markdown.

  npm run bench:api -- [--rounds N] [--seconds N] [--in-flight N,N…] [--payments N] [--idle N]

  --rounds N        interleaved rounds; a figure is the median of them (default 5)
  --seconds N       of one kind of request of one side at one number in flight in one round (default 3)
  --in-flight N,N…  requests under way at once (default 1,16,64)
  --payments N      payments that there are before (default 200)
  --warm-up N       seconds of each kind of request of each side before the first round (default 3)
  --idle N          connections that are held idle afterwards (default 10000; 0 = none)

GET of a payment with everything beside it, a list of 20 and a creation; each with ours, and with a plain
server (bench/plain-api) in a process of its own. That one reads the same rows of the same database as JSON, and
asks nobody who they are: no key, no limits, no tenants, no checks, no log. Its creation is one row with a unique
key in one transaction, of ours it is a captured payment: card in the vault, fraud, routing, acquirer, ledger.
CPU is that of the server and of PostgreSQL; for our creation, of the whole stack.

The stack is the one that QUITTANCE_RUN_FILE names, else one of its own.
`;

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly inFlight: readonly number[];
  readonly payments: number;
  readonly warmUp: number;
  readonly idle: number;
}

/** @returns null when help was asked for. @throws Error that says which argument is wrong. */
function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      'in-flight': { type: 'string', default: '1,16,64' },
      payments: { type: 'string', default: '200' },
      'warm-up': { type: 'string', default: '3' },
      idle: { type: 'string', default: '10000' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  return {
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    inFlight: listOfPositive('in-flight', values['in-flight']),
    payments: positive('payments', values.payments),
    warmUp: positive('warm-up', values['warm-up']),
    idle: wholeNumber('idle', values.idle, 0),
  };
}

/** About how long it takes, starting and stopping included (s). */
function estimate({ rounds, seconds, inFlight, payments, warmUp, idle }: Options): number {
  const kinds = PATH_NAMES.length * SIDES.length;
  return Math.ceil(
    20 +
      payments / 10 +
      kinds * warmUp +
      rounds * inFlight.length * kinds * (seconds + 0.1) +
      (idle === 0 ? 0 : 10 + 2 * seconds),
  );
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(HELP);
    return;
  }
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  say(`this takes about ${Math.ceil(estimate(options) / 60)} minutes`);
  const connections = Math.max(...options.inFlight);
  const stack = await openBenchStack();
  try {
    const run = await stack.run();
    const shop = await openShop({ run, webhooks: null, connections, acquirers: ACQUIRERS });
    try {
      await pMap(Array.from({ length: options.payments }), shop.pay, { concurrency: 8 });
      const plain = await startPlainApi({ run, shop, connections });
      try {
        await bench(options, { stack, shop, plain, say });
      } finally {
        await plain.close();
      }
    } finally {
      await shop.close();
    }
  } finally {
    await stack.close();
  }
}

interface Parts {
  readonly stack: BenchStack;
  readonly shop: Shop;
  readonly plain: PlainApi;
  readonly say: (line: string) => void;
}

async function bench(
  { rounds, seconds, inFlight, warmUp, idle }: Options,
  { stack, shop, plain, say }: Parts,
): Promise<void> {
  const workloads = workloadsOf(stack, shop, plain);
  console.log(`${new Date().toISOString().slice(0, 16)}Z. ${await machineFacts(await stack.run())}.`);
  console.log(
    `${rounds} interleaved rounds of ${seconds} s, medians; load average before ${await loadAverage()}.\n`,
  );
  for (const path of PATH_NAMES)
    for (const side of SIDES) await closedLoop(workloads[path][side].send, 4, warmUp * 1_000);
  say('warm');
  const cells = await runRounds(workloads, {
    rounds,
    inFlight,
    forMs: seconds * 1_000,
    onRound: (round) => {
      say(`round ${round} of ${rounds}`);
    },
  });
  console.log(`${ratesTable(cells)}\n`);
  const failed = [...errorsOf(cells)];
  if (idle > 0) {
    const figures = await holdIdle(stack, shop, idle, seconds * 1_000);
    console.log(`${idleTable(figures)}\n`);
    failed.push(...figures.load.before.errors, ...figures.load.after.errors);
    if (figures.open < idle) failed.push(`${idle - figures.open} idle connections were closed`);
  }
  for (const line of summary(failed)) say(line);
  say(`load average after: ${await loadAverage()}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

function workloadsOf(stack: BenchStack, shop: Shop, plain: PlainApi): Workloads {
  const all = async (): Promise<Groups> => groupsOf(await stack.run());
  const reading = async (): Promise<Groups> => {
    const { api = [], PostgreSQL = [] } = await all();
    return { api, PostgreSQL };
  };
  const beside = async (): Promise<Groups> => ({
    plain: [plain.pid],
    PostgreSQL: (await all())['PostgreSQL'] ?? [],
  });
  const both = (ours: Workload, send: Workload['send']) => ({ ours, plain: { send, groups: beside } });
  return {
    get: both({ send: shop.read, groups: reading }, plain.read),
    list: both({ send: shop.list, groups: reading }, plain.list),
    create: both({ send: shop.pay, groups: all }, plain.create),
  };
}

/** GET of payments, one at a time, without and with many connections that do nothing. */
async function holdIdle(stack: BenchStack, shop: Shop, count: number, forMs: number): Promise<IdleFigures> {
  const run = await stack.run();
  const memory = async (): Promise<number> => {
    const { api = [] } = groupsOf(run);
    return (await memoryOf(await readProcesses(), { api }))['api'] ?? NaN;
  };
  const [bytesBefore, before] = [await memory(), await closedLoop(shop.read, 1, forMs)];
  const began = performance.now();
  const connections = await openIdleConnections(run.api, count);
  try {
    const openedMs = performance.now() - began;
    const after = await closedLoop(shop.read, 1, forMs);
    return {
      count,
      open: connections.open(),
      openedMs,
      bytes: { before: bytesBefore, after: await memory() },
      load: { before, after },
    };
  } finally {
    connections.close();
  }
}

runMain(main);
