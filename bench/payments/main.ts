import { parseArgs } from 'node:util';
import { GROUPS, groupsOf } from '../support/groups.ts';
import { mulberry32 } from '../../temporal-dev/mulberry32.ts';
import { closedLoop, openLoop } from '../support/load.ts';
import { loadAverage, machineFacts } from '../support/machine.ts';
import { summary } from '../support/errors.ts';
import { listOfPositive, positive } from '../../temporal-dev/option-numbers.ts';
import { ACQUIRERS, withBench } from '../support/open-bench.ts';
import { countCosts } from './counts.ts';
import {
  commitsTable,
  cpuTable,
  historiesTable,
  openTable,
  ratesTable,
  ratiosTable,
  storesTable,
  type OpenResult,
} from './report.ts';
import { medianOf, roundsOf, runRounds } from './rounds.ts';
import { createWorkloads, WORKLOAD_NAMES, type Workload } from './workloads.ts';
import { runMain } from '../support/run-main.ts';

const HELP = `What a payment costs, against the least that its shape could cost. Prints Markdown.

  npm run bench -- [--rounds N] [--seconds N] [--in-flight N,N…] [--open-seconds N] [--count N] [--no-settle]

  --rounds N        interleaved rounds; a figure is the median of them (default 5)
  --seconds N       of one workload at one number in flight in one round (default 4)
  --in-flight N,N…  requests under way at once (default 1,16,64)
  --warm-up N       seconds of each workload before the first round (default 5)
  --open-seconds N  of each open loop, at 60 % of what the closed loop reached (default 20; 0 = none)
  --count N         payments whose commits are counted, one after the other (default 50)
  --no-settle       do not count transactions that only read: PostgreSQL tells of them seconds later

Five workloads, each over HTTP from this process:
  a  an empty workflow by update-with-start, behind a bare express handler
  b  the floor: the payment's shape with empty bodies (a local activity, a regular one of another process, a local one)
  c  the real payment, with everything on: vault, risk, routing, ledger, ISO 8583 to the simulator, webhooks
  d  what is usually written: six regular activities with empty bodies
  e  GET of a payment
a, b and d run in processes of the bench: the worker settings of ours, and our codec, which seals every payload.
CPU is counted for the processes that have a part in a workload, for c all of them, and until its webhooks are
delivered; never for this process and the receiver.

The stack is the one that QUITTANCE_RUN_FILE names, else one of its own.
`;

const OPEN_SHARE = 0.6;
const UNANSWERED_MAX = 2_000;

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly inFlight: readonly number[];
  readonly warmUp: number;
  readonly openSeconds: number;
  readonly count: number;
  readonly settle: boolean;
}

/** @returns null when help was asked for. @throws Error that says which argument is wrong. */
function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '4' },
      'in-flight': { type: 'string', default: '1,16,64' },
      'warm-up': { type: 'string', default: '5' },
      'open-seconds': { type: 'string', default: '20' },
      count: { type: 'string', default: '50' },
      'no-settle': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  return {
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    inFlight: listOfPositive('in-flight', values['in-flight']),
    warmUp: positive('warm-up', values['warm-up']),
    openSeconds: values['open-seconds'] === '0' ? 0 : positive('open-seconds', values['open-seconds']),
    count: positive('count', values.count),
    settle: !values['no-settle'],
  };
}

/** About how long it takes, starting and stopping included (s). */
function estimate({ rounds, seconds, inFlight, warmUp, openSeconds, count, settle }: Options): number {
  const cells = rounds * inFlight.length * WORKLOAD_NAMES.length;
  return Math.ceil(
    30 +
      warmUp * WORKLOAD_NAMES.length +
      cells * (seconds + 0.4) +
      2 * openSeconds +
      count * 0.3 +
      (settle ? 70 : 0),
  );
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(HELP);
    return;
  }
  const { rounds, seconds, inFlight, warmUp, openSeconds, count, settle } = options;
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  say(`this takes about ${Math.ceil(estimate(options) / 60)} minutes`);
  const most = Math.max(...inFlight);
  const middle = inFlight.includes(16) ? 16 : most;
  const connections = most + UNANSWERED_MAX;
  await withBench({ connections }, async ({ stack, run, floors, shop }) => {
    const workloads = createWorkloads(floors.api, shop, connections, GROUPS);
    try {
      console.log(`${new Date().toISOString().slice(0, 16)}Z. ${await machineFacts(run)}.`);
      console.log(
        `${rounds} interleaved rounds of ${seconds} s, medians; load average before ${await loadAverage()}.\n`,
      );
      for (const name of WORKLOAD_NAMES) await warm(workloads.by[name], middle, warmUp * 1_000);
      say('warm');
      const cells = await runRounds(
        workloads,
        async () =>
          groupsOf(await stack.run(), {
            api: [floors.pids.api],
            'payments worker': [floors.pids.payments, floors.pids.usual],
            'acquirer worker': [floors.pids.acquirer],
          }),
        {
          rounds,
          inFlight,
          forMs: seconds * 1_000,
          onRound: (round) => {
            say(`round ${round} of ${rounds}`);
          },
        },
      );
      console.log(`${ratesTable(cells, inFlight)}\n`);
      console.log(`${ratiosTable(cells, inFlight)}\n`);
      console.log(`${cpuTable(cells, middle)}\n`);
      const open: OpenResult[] = [];
      for (const workload of ['b', 'c'] as const) {
        if (openSeconds === 0) continue;
        const rate = OPEN_SHARE * medianOf(roundsOf(cells, workload, most), (round) => round.rate);
        const loop = {
          rate,
          forMs: openSeconds * 1_000,
          random: mulberry32(1),
          unansweredMax: UNANSWERED_MAX,
        };
        open.push({ workload, rate, load: await openLoop(workloads.by[workload].send, loop) });
        await workloads.by[workload].quiet();
      }
      if (open.length > 0) console.log(`${openTable(open)}\n`);
      say('counting');
      const counts = await countCosts({
        run,
        by: workloads.by,
        shop,
        payments: count,
        inFlight: middle,
        settle,
        acquirers: ACQUIRERS,
      });
      console.log(`${historiesTable(counts)}\n`);
      console.log(`${commitsTable(counts)}\n`);
      console.log(
        "Temporal's own commits are not countable here: its store is a SQLite file, and each state transition is a commit or two of it (npm run bench:scale -- --temporal postgres counts them).\n",
      );
      console.log(storesTable(counts));
      const failed = [...cells.flatMap((cell) => cell.rounds), ...open.map(({ load }) => load)].flatMap(
        ({ errors }) => errors,
      );
      for (const line of summary(failed)) say(line);
      say(`load average after: ${await loadAverage()}`);
      process.exitCode = failed.length === 0 ? 0 : 1;
    } finally {
      await workloads.close();
    }
  });
}

async function warm({ send, quiet }: Workload, inFlight: number, forMs: number): Promise<void> {
  const { errors, answered } = await closedLoop(send, inFlight, forMs);
  if (answered === 0) throw new Error(`nothing was answered: ${errors[0] ?? 'no request was sent'}`);
  await quiet();
}

runMain(main);
