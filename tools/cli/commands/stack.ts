import { spawn } from 'node:child_process';
import { closeSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import { readyText } from '../../../temporal-dev/ready-text.ts';
import { readRunFile, type RunFile } from '../../../temporal-dev/run-file.ts';
import { supervisorIn } from '../../../temporal-dev/supervisor/folder-lock.ts';
import { isRunning } from '../../../temporal-dev/supervisor/process-identity.ts';
import { contextOf, type Context, type Surroundings } from '../context.ts';
import { Failure } from '../failure.ts';
import { openPrivateFile } from '../private-file.ts';
import { withProgress } from '../terminal.ts';

/** A first start fetches its parts; a start after a crash reads what was in flight. */
const START_LIMIT_MS = 10 * 60_000;
const STOP_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 200;

interface UpOptions {
  readonly dir?: string;
  readonly ports: 'default' | 'free';
}

/** `up` and `down`: the stack of this checkout in the background. `npm start` is the same in the foreground. */
export function addStack(program: Command, surroundings: Surroundings): void {
  const dirOption = (): Option =>
    new Option('--dir <folder>', 'state of the stack (default: .quittance in the checkout)');
  program
    .command('up')
    .description('Starts the whole stack on this machine in the background, and waits until it is ready.')
    .addOption(dirOption())
    .addOption(
      new Option('--ports <which>', 'free: any free ones').choices(['default', 'free']).default('default'),
    )
    .action(async (_, command: Command) => {
      const context = contextOf<UpOptions>(command, surroundings);
      const { run, already } = await up(context);
      context.print(
        { api: run.api, run_file: join(run.dir, 'run.json'), merchant: run.merchant.id },
        () => `${already ? 'it is up already\n' : ''}${readyText(run)}\nstop it with: npx quittance down\n`,
      );
    });
  program
    .command('down')
    .description('Stops the stack of this checkout; what is open goes on when it is up again.')
    .addOption(dirOption())
    .action(async (_, command: Command) => {
      const context = contextOf<{ dir?: string }>(command, surroundings);
      const dir = folderOf(context);
      const supervisor = await supervisorIn(dir);
      if (supervisor === null) {
        context.print({ stopped: false }, () => `no stack runs in ${dir}\n`);
        return;
      }
      process.kill(supervisor.pid, 'SIGTERM');
      await withProgress(
        context.terminal,
        () => 'stopping the stack',
        async () => {
          const end = Date.now() + STOP_LIMIT_MS;
          while (await isRunning(supervisor)) {
            if (Date.now() > end)
              throw new Failure(
                `the supervisor (process ${supervisor.pid}) does not end: look at ${dir}/logs`,
              );
            await delay(LOOK_EVERY_MS);
          }
        },
      );
      context.print({ stopped: true }, () => 'stopped\n');
    });
}

const folderOf = ({ options, checkout }: Context<{ dir?: string }>): string =>
  options.dir === undefined ? join(checkout, '.quittance') : resolve(options.dir);

async function up(
  context: Context<UpOptions>,
): Promise<{ readonly run: RunFile; readonly already: boolean }> {
  const { terminal, checkout, options, signal } = context;
  const dir = folderOf(context);
  const runPath = join(dir, 'run.json');
  if ((await supervisorIn(dir)) !== null) {
    const run = await readRunFile(runPath).catch(() => null);
    if (run !== null) return { run, already: true };
    throw new Failure(`a stack is starting or stopping in ${dir}: try again in a moment`);
  }

  mkdirSync(join(dir, 'logs'), { recursive: true });
  const log = join(dir, 'logs', 'up.log');
  // What a stack says when it is ready has its passwords and its key.
  const file = openPrivateFile(log);
  const child = spawn(
    process.execPath,
    [join(checkout, 'dist', 'temporal-dev', 'up.js'), '--dir', dir, '--ports', options.ports],
    {
      cwd: checkout,
      // A process group of its own: Ctrl-C here does not reach it.
      detached: true,
      stdio: ['ignore', file, file],
      env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    },
  );
  closeSync(file);
  let ended = false;
  child.once('error', () => (ended = true));
  child.once('exit', () => (ended = true));
  const lastLine = async (): Promise<string> => (await readFile(log, 'utf8')).trim().split('\n').at(-1) ?? '';
  let step = 'starting the stack';
  const run = await withProgress(
    terminal,
    () => step,
    async () => {
      const end = Date.now() + START_LIMIT_MS;
      for (;;) {
        const found = await readRunFile(runPath).catch(() => null);
        if (found !== null && found.processes['supervisor'] === child.pid) return found;
        step = `starting the stack: ${await lastLine()}`.trimEnd();
        if (ended || signal.aborted || Date.now() > end) break;
        await delay(LOOK_EVERY_MS);
      }
      if (!ended && child.pid !== undefined) process.kill(child.pid, 'SIGTERM');
      const tail = (await readFile(log, 'utf8')).trim().split('\n').slice(-5).join('\n');
      throw new Failure(`the stack did not come up (${log}):\n${tail}`);
    },
  );
  child.unref();
  return { run, already: false };
}
