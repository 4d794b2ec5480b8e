import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../platform/package-root.ts';

/** Ends every registered process when this process ends in whatever way; see guard.sh. */
export interface Guard {
  /** Resolves once the guard is certain to learn of it, also if this process dies right after. */
  add(pid: number, signal: NodeJS.Signals): Promise<void>;
  remove(pid: number): void;
  /** Id of the guard's own process, which changes when it had to be replaced. */
  pid(): number;
  /** Lets the guard go: what is still registered is ended. */
  close(): Promise<void>;
}

/**
 * Starts the guard: a process in a session of its own, that neither a signal from the terminal nor
 * the end of our process group reaches. If it dies, a new one takes over what is registered.
 * @param onPid told the process id of the guard, at the start and of each replacement, which then has what is registered.
 */
export function startGuard(onPid: (pid: number) => void): Guard {
  const registered = new Map<number, NodeJS.Signals>();
  let closing = false;
  let process_ = launch();

  function launch(): ChildProcess {
    const child = spawn('/bin/sh', [join(packageRoot(), 'temporal-dev', 'supervisor', 'guard.sh')], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    if (child.pid === undefined) throw new Error('/bin/sh cannot be started: the stack needs it');
    // A guard that died is noticed by its exit; a write to it in between is lost with it.
    child.stdin.on('error', () => undefined);
    child.once('exit', () => {
      if (closing) return;
      process_ = launch();
    });
    child.unref();
    // Before anybody hears of it: whoever does may count on it.
    for (const [pid, signal] of registered) child.stdin.write(`add ${pid} ${name(signal)}\n`);
    onPid(child.pid);
    return child;
  }

  return {
    async add(pid, signal) {
      registered.set(pid, signal);
      await new Promise<void>((resolve) => {
        process_.stdin?.write(`add ${pid} ${name(signal)}\n`, () => {
          resolve();
        });
      });
    },
    remove(pid) {
      if (registered.delete(pid)) process_.stdin?.write(`remove ${pid}\n`);
    },
    pid: () => process_.pid ?? 0,
    async close() {
      closing = true;
      process_.ref(); // it is waited for
      process_.stdin?.end();
      if (process_.exitCode === null && process_.signalCode === null) await once(process_, 'exit');
    },
  };
}

function name(signal: NodeJS.Signals): string {
  return signal.slice('SIG'.length);
}
