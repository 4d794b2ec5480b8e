import { appendFileSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../platform/package-root.ts';
import { PART_NAMES } from './part-names.ts';
import type { PartName } from './part-names.ts';
import { readyText } from './ready-text.ts';
import { readRunFile } from './run-file.ts';
import { STACK_SETTINGS } from './settings.ts';
import { createStack } from './stack.ts';
import type { Stack } from './stack.ts';
import { FolderInUse } from './supervisor/folder-lock.ts';

const HELP = `Starts the whole stack on this machine and stays until Ctrl-C.

  npm start -- [--dir FOLDER] [--ports default|free] [--only PART,PART…] [--quiet]

  --dir FOLDER     state, logs and run.json of this stack (default: .quittance in the checkout)
  --ports default  the ports below (default)
  --ports free     free ports, chosen at the first start in that folder and kept
  --only PARTS     only these parts, comma-separated: ${PART_NAMES.join(', ')}
  --while-open     stop when standard input ends (for programs that start a stack)
  --quiet          only failures and restarts

Settings (environment):
${Object.values(STACK_SETTINGS)
  .map(
    ({ env, about, unit, fallback }) =>
      `  ${env.padEnd(38)} ${about} (${unit}${fallback === null || fallback === '' ? '' : `, default ${fallback}`})`,
  )
  .join('\n')}
`;

const SAME_REQUEST_MS = 1_000;

interface Arguments {
  readonly dir: string;
  readonly ports: 'default' | 'free';
  readonly only: readonly PartName[] | null;
  readonly quiet: boolean;
  readonly whileOpen: boolean;
}

/** @returns null when help was asked for. @throws Error that says which argument is wrong. */
function readArguments(args: readonly string[]): Arguments | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dir: { type: 'string', default: join(packageRoot(), '.quittance') },
      ports: { type: 'string', default: 'default' },
      only: { type: 'string' },
      quiet: { type: 'boolean', default: false },
      'while-open': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const { ports } = values;
  if (ports !== 'default' && ports !== 'free') throw new Error(`--ports ${ports}: default or free`);
  const only = values.only?.split(',').map((name) => {
    const part = PART_NAMES.find((known) => known === name.trim());
    if (part === undefined) throw new Error(`--only ${name}: the parts are ${PART_NAMES.join(', ')}`);
    return part;
  });
  return {
    dir: resolve(values.dir),
    ports,
    only: only ?? null,
    quiet: values.quiet,
    whileOpen: values['while-open'],
  };
}

async function main(): Promise<void> {
  const parsed = readArguments(process.argv.slice(2));
  if (parsed === null) {
    process.stdout.write(HELP);
    return;
  }
  const { dir, ports, only, quiet, whileOpen } = parsed;
  process.stdout.on('error', () => undefined); // whoever read us may leave; the stack stays
  process.stderr.on('error', () => undefined);
  mkdirSync(join(dir, 'logs'), { recursive: true });
  const log = join(dir, 'logs', 'supervisor.log');
  const say = (line: string): void => {
    appendFileSync(log, `${new Date().toISOString()} ${line}\n`);
    process.stderr.write(`${line}\n`);
  };

  let stack: Stack | null = null;
  let leavingSince: number | null = null;
  const isLeaving = () => leavingSince !== null;
  const leave = (why: string): void => {
    if (leavingSince !== null) {
      // Asked again: go at once, the guard ends what is left. (One Ctrl-C may arrive twice: from the
      // terminal and from npm.)
      if (Date.now() - leavingSince > SAME_REQUEST_MS) process.exit(1);
      return;
    }
    leavingSince = Date.now();
    if (!quiet) say(`stopping (${why}); once more to stop without draining`);
    (stack?.stop() ?? Promise.resolve()).then(
      () => process.exit(0),
      (error: unknown) => {
        say(`stopping failed: ${String(error)}`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      leave(signal);
    });
  if (whileOpen)
    process.stdin
      .on('end', () => {
        leave('standard input ended');
      })
      .on('error', () => undefined)
      .resume();

  try {
    const began = Date.now();
    stack = await createStack({ dir, ports, only, say });
    const run = await stack.start();
    if (isLeaving()) return;
    say(`ready after ${((Date.now() - began) / 1000).toFixed(1)} s`);
    if (!quiet) process.stdout.write(readyText(run));
  } catch (error) {
    if (isLeaving()) return;
    leavingSince = Date.now();
    say(error instanceof Error ? error.message : String(error));
    if (error instanceof FolderInUse) {
      const run = await readRunFile(join(dir, 'run.json')).catch(() => null);
      process.stdout.write(run === null ? 'it is not ready yet\n' : readyText(run));
    }
    await stack?.stop();
    process.exit(1);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
});
