import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { BenchStack } from '../support/bench-stack.ts';
import { groupsOf } from '../support/groups.ts';
import { mulberry32 } from '../../temporal-dev/mulberry32.ts';
import { closedLoop, openLoop } from '../support/load.ts';
import { machineFacts } from '../support/machine.ts';
import { figure, markdownTable, megabytes } from '../support/markdown.ts';
import { summary } from '../support/errors.ts';
import { positive } from '../../temporal-dev/option-numbers.ts';
import { DELIVERED_WITHIN_MS, withBench } from '../support/open-bench.ts';
import { memoryOf, readProcesses } from '../support/processes.ts';
import type { Shop } from '../support/shop.ts';
import { readStores } from '../support/stores.ts';
import { judge, type Reading } from './table.ts';
import { runMain } from '../support/run-main.ts';

const HELP = `A steady load for a long time: does anything grow that should not? Prints Markdown.

  npm run bench:soak -- [--minutes N] [--share PERCENT]

  --minutes N      how long (default 30); about two minutes more for starting, finding the rate and stopping
  --share PERCENT  of what a closed loop with 64 in flight reaches on this machine now (default 60)
  --find-seconds N how long that is measured (default 20)

Memory is that of each process, PostgreSQL's shared buffers counted once (Pss). Ends with 1 when a payment
failed, or when a process goes on growing.
`;

const IN_FLIGHT = 64;
const UNANSWERED_MAX = 2_000;
const READINGS = 40;
const READ_EVERY_MIN_MS = 5_000;

interface Options {
  readonly minutes: number;
  readonly share: number;
  readonly findSeconds: number;
}

/** @returns null when help was asked for. @throws Error that says which argument is wrong. */
function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '30' },
      share: { type: 'string', default: '60' },
      'find-seconds': { type: 'string', default: '20' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  return {
    minutes: positive('minutes', values.minutes),
    share: positive('share', values.share),
    findSeconds: positive('find-seconds', values['find-seconds']),
  };
}

/** What is read at one moment, by name; processes and stores. */
interface Snapshot {
  readonly hours: number;
  readonly payments: number;
  readonly memory: Readonly<Record<string, number>>;
  readonly stores: Readonly<Record<string, number>>;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(HELP);
    return;
  }
  const { minutes, share, findSeconds } = options;
  process.stderr.write(`this takes about ${minutes + 2} minutes\n`);
  await withBench({ connections: UNANSWERED_MAX }, async ({ stack, run, shop }) => {
    await closedLoop(shop.pay, IN_FLIGHT, (findSeconds * 1_000) / 2);
    const found = await closedLoop(shop.pay, IN_FLIGHT, findSeconds * 1_000);
    await shop.quiet(DELIVERED_WITHIN_MS);
    const rate = Math.max(1, (found.rate * share) / 100);
    process.stderr.write(`${figure(found.rate)}/s at most; ${figure(rate)}/s from now on\n`);
    const { snapshots, errors } = await soak(stack, shop, rate, minutes * 60_000);
    console.log(
      `${new Date().toISOString().slice(0, 16)}Z. ${await machineFacts(run)}.\n\n${minutes} minutes at ${figure(rate)} payments/s, ${share} % of the ${figure(found.rate)}/s that ${IN_FLIGHT} in flight reached; ${snapshots.at(-1)?.payments ?? 0} payments, ${errors.length} errors.\n`,
    );
    const grew = report(snapshots);
    for (const line of summary(errors)) process.stderr.write(`${line}\n`);
    process.exitCode = errors.length === 0 && grew.length === 0 ? 0 : 1;
    if (grew.length > 0) process.stderr.write(`these grow: ${grew.join(', ')}\n`);
  });
}

async function soak(
  stack: BenchStack,
  shop: Shop,
  rate: number,
  forMs: number,
): Promise<{ snapshots: Snapshot[]; errors: readonly string[] }> {
  const snapshots: Snapshot[] = [];
  const beganAt = Date.now();
  let payments = 0;
  const over = new AbortController();
  const read = async (): Promise<void> => {
    const run = await stack.run();
    snapshots.push({
      hours: (Date.now() - beganAt) / 3_600_000,
      payments,
      memory: await memoryOf(await readProcesses(), groupsOf(run)),
      stores: await readStores(run),
    });
  };
  const every = Math.max(READ_EVERY_MIN_MS, forMs / READINGS);
  const reading = (async () => {
    while (!over.signal.aborted) {
      await read();
      await delay(every, undefined, { signal: over.signal }).catch(() => undefined);
    }
  })();
  const load = await openLoop(
    async () => {
      await shop.pay();
      payments += 1;
    },
    { rate, forMs, random: mulberry32(1), unansweredMax: UNANSWERED_MAX },
  );
  over.abort();
  await reading;
  await shop.quiet(DELIVERED_WITHIN_MS);
  await read();
  return { snapshots, errors: load.errors };
}

/** Prints both tables; answers which processes grow. */
function report(snapshots: readonly Snapshot[]): string[] {
  const readingsOf = (of: (snapshot: Snapshot) => number | undefined): Reading[] =>
    snapshots.map((snapshot) => ({ ...snapshot, bytes: of(snapshot) ?? 0 }));
  const [first] = snapshots;
  const grew: string[] = [];
  const rows = (kind: 'memory' | 'stores'): string[][] =>
    Object.keys(first?.[kind] ?? {}).map((name) => {
      const judged = judge(
        readingsOf((snapshot) => snapshot[kind][name]),
        kind === 'stores',
      );
      if (judged.trend === 'grows') grew.push(name);
      return [
        name,
        megabytes(judged.first),
        megabytes(judged.last),
        megabytes(judged.highest),
        megabytes(judged.perHour),
        kind === 'stores' ? judged.perPayment.toFixed(0) : '',
        judged.trend,
      ];
    });
  const header = (what: string): string[] => [
    what,
    'first MB',
    'last MB',
    'highest MB',
    'MB an hour',
    'bytes a payment',
    '',
  ];
  console.log(`${markdownTable(header('process'), rows('memory'))}\n`);
  console.log(markdownTable(header('store'), rows('stores')));
  return grew;
}

runMain(main);
