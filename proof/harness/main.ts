/**
 * npm run proof: a stack of its own, payments on it, blows by a schedule from a seed, rest, proof:check. Ends
 * with 0 when every promise held, with 1 when one was broken or nothing came to rest, with 2 when it could not run.
 */
import { parseArgs } from 'node:util';
import { positive, wholeNumber } from '../../temporal-dev/option-numbers.ts';
import { textOf } from '../check/report.ts';
import { startBreakableStack } from './breakable-stack.ts';
import { markdownOf } from './report.ts';
import { runProof } from './run-proof.ts';

const HELP = `npm run proof -- [options]

  --payments N   payments made meanwhile (default 120)
  --kills K      blows: deaths at crash points, kills, restarts, pauses, tampered workflows, bad links,
                 a lost Temporal, a full disk, a clock that jumps (default 64)
  --seconds S    over so long (default 90)
  --seed X       the same seed gives the same schedule and the same requests (default: from the clock)
  --quiet S      how long everything may take to come to rest afterwards (default 180)
  --keep         leave the stack's folder for looking at
  --help
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      payments: { type: 'string', default: '120' },
      kills: { type: 'string', default: '64' },
      seconds: { type: 'string', default: '90' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      quiet: { type: 'string', default: '180' },
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
    kills: positive('kills', values.kills),
    seconds: positive('seconds', values.seconds),
    seed: wholeNumber('seed', values.seed, 0),
    quietMs: positive('quiet', values.quiet) * 1_000,
  };
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  const breakable = await startBreakableStack();
  let kept = values.keep;
  // Whoever breaks it off leaves no processes and no mounted file system behind.
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => {
      void breakable.close(kept).finally(() => process.exit(2));
    });
  try {
    const { stack, orders, links, disk, clocks, spared } = breakable;
    const proof = await runProof({
      runPath: stack.runPath,
      orders,
      links,
      disk,
      clocks,
      ...asked,
      say,
    });
    say(`${textOf(proof.report)}\n${markdownOf(proof, spared)}`);
    const { violationCount, broken } = proof.report;
    kept ||= violationCount > 0 || proof.underway !== 0;
    if (violationCount > 0 || proof.underway !== 0) return 1;
    return broken > 0 ? 2 : 0;
  } finally {
    await breakable.close(kept);
    if (kept) say(`kept: ${breakable.dir}`);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(
    `proof could not run: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 2;
}
