import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../platform/package-root.ts';
import type { ServiceSpec } from '../supervisor/service.ts';

export interface OwnProcess {
  readonly role: string;
  /** The compiled entry point, below dist/. */
  readonly entry: string;
  /** The settings of this process, and only these. */
  readonly settings: Readonly<Record<string, string>>;
  /** Where it answers GET /healthz. */
  readonly healthPort: number;
  readonly stopGraceMs: number;
  /** What every program inherits: PATH, HOME and the like. */
  readonly inherited: Readonly<Record<string, string>>;
  readonly dir: string;
  readonly logs: string;
}

/** One of our own processes, run as in production but with source maps. */
export async function prepareOwnProcess(own: OwnProcess): Promise<ServiceSpec> {
  const entry = join(packageRoot(), 'dist', own.entry);
  await access(entry).catch(() => {
    throw new Error(`${own.role} cannot start: ${entry} is missing; compile first (npm run build)`);
  });
  return {
    role: own.role,
    log: join(own.logs, `${own.role}.log`),
    command: {
      program: process.execPath,
      args: ['--enable-source-maps', entry],
      env: { ...own.inherited, ...own.settings },
      cwd: own.dir,
      user: null,
    },
    probe: (signal) => probeHealth(`http://127.0.0.1:${own.healthPort}/healthz`, signal),
    startDeadlineMs: 60_000,
    stopSignal: 'SIGTERM',
    stopGraceMs: own.stopGraceMs,
    guardSignal: 'SIGTERM',
  };
}

async function probeHealth(url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal });
  const body = await response.text();
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status} ${body.trim().slice(0, 200)}`);
}
