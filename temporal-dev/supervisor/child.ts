import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { Guard } from './guard.ts';

/** A program to start. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Another user to run as; null = ours. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
}

/** How a process ended, in words: "code 1" or "SIGKILL". */
export interface Ending {
  readonly code: number | null;
  readonly text: string;
}

export interface Child {
  readonly pid: number;
  /** Settles when the process has ended and the rest of its group is gone. */
  readonly ended: Promise<Ending>;
  signal(signal: NodeJS.Signals): void;
}

// The shell waits for a line before it becomes the program (same process id), so that nothing runs
// that the guard does not know: if we die before, the line never comes and the shell leaves.
// No core dumps, of any of them and not to be raised again: the memory of several holds card numbers.
const GATE = 'ulimit -c 0; read -r go || exit 1; exec "$@" </dev/null';

/**
 * Starts a program as leader of its own process group, known to the guard before it runs, with
 * standard output and error appended to `log`.
 * @param guardSignal how the guard ends it when the supervisor is gone.
 */
export async function startChild(
  command: Command,
  log: string,
  guard: Guard,
  guardSignal: NodeJS.Signals,
): Promise<Child> {
  const output = await open(log, 'a', 0o600);
  try {
    const started = spawn('/bin/sh', ['-c', GATE, 'sh', command.program, ...command.args], {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ['pipe', output.fd, output.fd],
      ...(command.user === null ? {} : { uid: command.user.uid, gid: command.user.gid }),
    });
    const { pid, stdin } = started;
    if (pid === undefined || stdin === null) {
      const reason = await new Promise<Error>((resolve) => started.once('error', resolve));
      throw new Error(`${command.program} cannot be started in ${command.cwd}: ${reason.message}`);
    }
    const ended = new Promise<Ending>((resolve) => {
      started.once('exit', (code, signal) => {
        killGroup(pid);
        guard.remove(pid);
        resolve({ code, text: signal ?? `code ${code ?? '?'}` });
      });
    });
    stdin.on('error', () => undefined); // it ended before the line came: `ended` tells
    await guard.add(pid, guardSignal);
    stdin.end('go\n');
    return {
      pid,
      ended,
      signal: (signal) => {
        started.kill(signal);
      },
    };
  } finally {
    await output.close();
  }
}

/** Runs a program to its end. @returns how it ended; its output is in `log`. */
export async function runToEnd(command: Command, log: string, guard: Guard): Promise<Ending> {
  const child = await startChild(command, log, guard, 'SIGTERM');
  return child.ended;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // nothing was left of it
  }
}
