/**
 * npm run proof: a stack of its own, payments on it, blows by a schedule from a seed, rest, proof:check. Ends
 * with 0 when every promise held, with 1 when one was broken or nothing came to rest, with 2 when it could not run.
 */
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeStack, startStack } from '../../temporal-dev/start-stack.ts';
import { textOf } from '../check/report.ts';
import { textOfProof } from './report.ts';
import { runProof } from './run-proof.ts';

const HELP = `npm run proof -- [options]

  --payments N   payments made meanwhile (default 120)
  --kills K      blows: kill -9, SIGSTOP and SIGCONT, terminated workflows (default 30)
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
      kills: { type: 'string', default: '30' },
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
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  const dir = await mkdtemp(join(tmpdir(), 'quittance-proof-'));
  await chmod(dir, 0o711); // PostgreSQL may run as another user
  const stack = await startStack({ dir, ports: 'free' });
  let kept = values.keep;
  try {
    const proof = await runProof({
      runPath: stack.runPath,
      payments: positive('--payments', values.payments),
      kills: positive('--kills', values.kills),
      seconds: positive('--seconds', values.seconds),
      seed: Number(values.seed),
      quietMs: positive('--quiet', values.quiet) * 1_000,
      say,
    });
    say(textOf(proof.report) + textOfProof(proof));
    const { violationCount, broken } = proof.report;
    kept ||= violationCount > 0;
    if (violationCount > 0 || proof.underway !== 0) return 1;
    return broken > 0 ? 2 : 0;
  } finally {
    await stack.stop();
    if (kept) say(`kept: ${dir}`);
    else await removeStack(dir);
  }
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${option} ${text} is not a whole number above zero`);
  return value;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(
    `proof could not run: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 2;
}
