import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { foreignEnvironment } from '../../platform/config.ts';
import { ENTRIES } from '../part-specs.ts';
import { freePort } from '../ports.ts';
import { processEnvironment } from '../process-environment.ts';
import type { RunFile } from '../run-file.ts';
import { keepSecrets } from '../secrets.ts';
import { PORT_NAMES, type Ports } from '../settings.ts';
import { waitUntil } from './wait-until.ts';

export interface PaymentsWorker {
  /** Whether an orchestrator may count on it: its build is the current one. */
  isReady(): Promise<boolean>;
  /** Asks it to finish and leave; the code it left with. */
  stop(): Promise<number | null>;
}

const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;

/**
 * A payments worker beside (or in the place of) that of a running stack.
 * @param root of the build that it runs (packageRoot() for this one).
 * @throws Error when it is not ready within a minute.
 */
export async function startPaymentsWorker(run: RunFile, root: string): Promise<PaymentsWorker> {
  const port = await freePort(new Set());
  // It listens on one port, and is told of no other.
  const ports = Object.fromEntries(PORT_NAMES.map((name) => [name, port])) as Ports;
  const secrets = await keepSecrets(run.dir);
  const worker = spawn(process.execPath, ['--enable-source-maps', join(root, 'dist', ENTRIES.payments)], {
    env: {
      ...foreignEnvironment(),
      ...processEnvironment('payments', { addresses: run, ports, secrets, isKmsOurs: true, via: {} }),
      QUITTANCE_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => worker.once('exit', resolve));
  const stop = async (): Promise<number | null> => {
    worker.kill('SIGTERM');
    const killer = setTimeout(() => worker.kill('SIGKILL'), STOP_LIMIT_MS);
    const code = await ended;
    clearTimeout(killer);
    return code;
  };
  try {
    await waitUntil('the payments worker is ready', READY_LIMIT_MS, async () => {
      if (worker.exitCode !== null) throw new Error(`it ended with ${worker.exitCode}`);
      return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { isReady: async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok, stop };
}
