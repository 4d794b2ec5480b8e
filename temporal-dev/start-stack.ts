import { spawn } from 'node:child_process';
import { access, chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { wholeEnvironment } from '../platform/config.ts';
import { packageRoot } from '../platform/package-root.ts';
import { outsideFolder } from './parts/postgres.ts';
import type { PartName } from './part-names.ts';
import { readRunFile } from './run-file.ts';
import type { RunFile } from './run-file.ts';

export interface StartStackOptions {
  readonly dir: string;
  readonly ports: 'default' | 'free';
  /** Parts to start; all when left out. */
  readonly only?: readonly PartName[];
  /** Settings for the processes of the stack, over those of this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Takes the supervisor's lines (progress, restarts, failures). */
  readonly say?: (line: string) => void;
}

export interface StartedStack {
  readonly runFile: RunFile;
  /** Path of run.json, which is kept up to date. */
  readonly runPath: string;
  /** Stops it cleanly and waits for that. State stays in its folder. */
  stop(): Promise<void>;
}

/** Fetching programs over a slow line included. */
const START_LIMIT_MS = 300_000;
const STOP_LIMIT_MS = 60_000;

/** A new folder for a stack that is thrown away after, among the temporary files of this machine. */
export async function newStackFolder(purpose: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `quittance-${purpose}-`));
  await chmod(dir, 0o711); // PostgreSQL may run as another user; what is put in it before the stack starts, too
  return dir;
}

/**
 * Starts a stack with a supervisor process of its own, and resolves when it is ready. The stack
 * stops when this process ends, however it ends.
 * @throws Error with what the supervisor said, when it does not come up.
 */
export async function startStack(options: StartStackOptions): Promise<StartedStack> {
  const entry = join(packageRoot(), 'dist', 'temporal-dev', 'up.js');
  await access(entry).catch(() => {
    throw new Error(`${entry} is missing: compile first (npm run build)`);
  });
  const only = options.only === undefined ? [] : ['--only', options.only.join(',')];
  const args = [
    '--enable-source-maps',
    entry,
    '--dir',
    options.dir,
    '--ports',
    options.ports,
    '--while-open',
    '--quiet',
    ...only,
  ];
  const supervisor = spawn(process.execPath, args, {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...wholeEnvironment(), ...options.env },
  });
  const said: string[] = [];
  let rest = '';
  supervisor.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      said.push(line);
      options.say?.(line);
    }
  });
  const isEnded = () => supervisor.exitCode !== null || supervisor.signalCode !== null || failed;
  let failed = false;
  const ended = new Promise<void>((resolve) => {
    supervisor.once('close', () => {
      resolve();
    });
    supervisor.once('error', (error) => {
      failed = true;
      said.push(error.message);
    });
  });

  const stop = async (): Promise<void> => {
    supervisor.stdin.end();
    const late = new AbortController();
    await Promise.race([
      ended,
      delay(STOP_LIMIT_MS, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
    if (!isEnded()) supervisor.kill('SIGKILL'); // its guard ends the parts
    await ended;
  };

  const runPath = join(options.dir, 'run.json');
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (isEnded()) throw new Error(`the stack in ${options.dir} did not start:\n${said.join('\n')}`);
    const runFile = await readRunFile(runPath).catch(() => null);
    // A file that a killed run left behind is another supervisor's.
    if (runFile !== null && runFile.processes['supervisor'] === supervisor.pid)
      return { runFile, runPath, stop };
    if (Date.now() > deadline) {
      await stop();
      throw new Error(
        `the stack in ${options.dir} was not ready within ${START_LIMIT_MS} ms:\n${said.join('\n')}`,
      );
    }
    await delay(50);
  }
}

/** Removes the folder of a stopped stack, and its data that is kept elsewhere. */
export async function removeStack(dir: string): Promise<void> {
  const outside = await outsideFolder(dir);
  if (outside !== null) await rm(outside, { recursive: true, force: true });
  await rm(dir, { recursive: true, force: true });
}
