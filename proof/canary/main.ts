/**
 * npm run proof:canary: a stack of its own, payments on it with card numbers, codes and keys that stand
 * nowhere else, parts killed under them, and then a search for them wherever something is written down.
 * Ends with 0 when nothing was found, with 1 when something was, with 2 when it could not tell.
 */
import { rename, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { positive } from '../../temporal-dev/option-numbers.ts';
import { newStackFolder, removeStack, startStack } from '../../temporal-dev/start-stack.ts';
import { canaryPrometheusOf } from './prometheus.ts';
import { proveNothingLeaks } from './prove.ts';
import { textOfSearch } from './search.ts';

const HELP = `npm run proof:canary -- [options]

  --payments N   payments that go well, beside those that do not (default 30)
  --quiet S      how long everything may take to come to rest (default 240)
  --prometheus FILE  write what was found as metrics, for node exporter's textfile collector
  --keep         leave the stack's folder for looking at
  --help
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      payments: { type: 'string', default: '30' },
      quiet: { type: 'string', default: '240' },
      prometheus: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  // Before a stack is started for nothing.
  const asked = {
    payments: positive('payments', values.payments),
    quietMs: positive('quiet', values.quiet) * 1_000,
  };
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  const repository = process.cwd();
  const dir = await newStackFolder('canary');
  const stack = await startStack({ dir, ports: 'free' });
  let kept = values.keep;
  try {
    const { searched, missed, planted, payments, underway } = await proveNothingLeaks({
      runPath: stack.runPath,
      ...asked,
      stack: 'own',
      repository,
      say,
    });
    if (values.prometheus !== undefined) {
      // Whole or not at all: its reader may come at any time.
      await writeFile(`${values.prometheus}.part`, canaryPrometheusOf({ searched, missed }, new Date()));
      await rename(`${values.prometheus}.part`, values.prometheus);
    }
    say(
      `${payments} payments were taken; ${underway === 0 ? 'everything came to rest' : `${underway} things are not at rest`}`,
    );
    say(textOfSearch(searched));
    say(`planted: ${planted} canaries, ${missed.length === 0 ? 'every one was found' : 'NOT FOUND:'}`);
    for (const line of missed) say(`    ${line}`);
    const leaks = searched.filter(({ found }) => found.size > 0);
    kept ||= leaks.length > 0;
    if (leaks.length > 0) return 1;
    return missed.length > 0 ? 2 : 0;
  } finally {
    await stack.stop();
    if (kept) say(`kept: ${dir}`);
    else await removeStack(dir);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(
    `proof:canary could not run: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 2;
}
