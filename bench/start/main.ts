import { parseArgs } from 'node:util';
import { newStackFolder, removeStack, startStack } from '../../temporal-dev/start-stack.ts';
import { machineFacts } from '../support/machine.ts';
import { markdownTable } from '../support/markdown.ts';
import { positive } from '../../temporal-dev/option-numbers.ts';
import { openShop } from '../support/shop.ts';
import { median } from '../support/statistics.ts';
import { watchPorts } from './watch.ts';
import { runMain } from '../support/run-main.ts';

const HELP = `From nothing to the first payment. Prints Markdown.

  npm run bench:start -- [--rounds N]

  --rounds N   each with a new folder: a cold start in it, then a warm one (default 3); about half a minute each

Cold: no folder, so databases are made and all migrations run; programs are there already (built, fetched).
Warm: the same folder again, after a clean stop.
`;

/** What is waited for, in the order in which it comes; the names are those of the stack's ports. */
const PHASES = {
  postgresPort: 'PostgreSQL takes connections',
  redisPort: 'Redis takes connections',
  temporalPort: 'Temporal takes connections',
  kmsPort: 'KMS takes connections',
  vaultPort: 'vault listens (its schema is there)',
  apiPort: 'api listens (everything before it is there)',
  backOfficeHealthPort: 'back office runs',
  webhooksHealthPort: 'webhooks worker polls',
  acquirersHealthPort: 'acquirer worker polls',
  paymentsHealthPort: 'payments worker polls',
} as const;

type Times = Readonly<Record<string, number>>;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const rounds = positive('rounds', values.rounds);
  process.stderr.write(`this takes about ${Math.ceil(rounds * 0.6)} minutes\n`);
  const cold: Times[] = [];
  const warm: Times[] = [];
  let facts = '';
  for (let round = 0; round < rounds; round += 1) {
    const dir = await newStackFolder('bench');
    try {
      const first = await startAndPay(dir);
      cold.push(first.times);
      facts = first.facts;
      warm.push((await startAndPay(dir)).times);
    } finally {
      await removeStack(dir);
    }
  }
  console.log(`${new Date().toISOString().slice(0, 16)}Z. ${facts}. ${rounds} rounds, medians.\n`);
  const of = (starts: readonly Times[], phase: string): string =>
    (median(starts.map((times) => times[phase] ?? NaN)) / 1_000).toFixed(2);
  const phases = {
    ...PHASES,
    ready: 'ready: all healthy',
    first: 'first payment captured',
    second: 'second payment captured',
  };
  console.log(
    markdownTable(
      ['seconds from the start', 'cold', 'warm'],
      Object.entries(phases).map(([phase, name]) => [name, of(cold, phase), of(warm, phase)]),
    ),
  );
}

async function startAndPay(dir: string): Promise<{ times: Times; facts: string }> {
  const beganAt = performance.now();
  const sinceMs = (): number => performance.now() - beganAt;
  const over = new AbortController();
  const watching = watchPorts(dir, over.signal);
  const stack = await startStack({ dir, ports: 'free' }).catch(async (error: unknown) => {
    over.abort();
    await watching;
    throw error;
  });
  try {
    const ready = sinceMs();
    over.abort();
    const listening = await watching;
    const seeding = performance.now();
    const shop = await openShop({
      run: stack.runFile,
      webhooks: null,
      connections: 1,
      acquirers: ['acquirer-1'],
    });
    // The shop is the bench's: a merchant is there before his buyers.
    const seeded = performance.now() - seeding;
    try {
      await shop.pay();
      const first = sinceMs() - seeded;
      await shop.pay();
      const second = sinceMs() - seeded;
      return { times: { ...listening, ready, first, second }, facts: await machineFacts(stack.runFile) };
    } finally {
      await shop.close();
    }
  } finally {
    await stack.stop();
  }
}

runMain(main);
