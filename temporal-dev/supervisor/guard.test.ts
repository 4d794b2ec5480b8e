import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../platform/package-root.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { identify, isRunning } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** However a supervisor ends, what it started is gone a few seconds later. */
const LIMIT_MS = 20_000;
// Compiled: it has to be a process of its own.
const STAND_IN = join(packageRoot(), 'dist', 'temporal-dev', 'supervisor', 'testing', 'stand-in.js');

let folder: string;
let supervisor: ChildProcess;
let seen: Record<string, number>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-guard-'));
  seen = {};
  supervisor = spawn(process.execPath, [STAND_IN, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (supervisor.stdout === null) throw new Error('no output');
  createInterface(supervisor.stdout).on('line', (line) =>
    Object.assign(seen, JSON.parse(line) as Record<string, number>),
  );
  await waitUntil('the stand-in is ready (compile first)', LIMIT_MS, () => seen['ready']);
});

afterEach(async () => {
  supervisor.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function everyProcess(): Promise<ProcessIdentity[]> {
  const grandchild = Number(/child (\d+)/.exec(await readFile(join(folder, 'stubborn.log'), 'utf8'))?.[1]);
  return Promise.all(
    [seen['obedient'], seen['stubborn'], seen['guard'], grandchild].map((pid) => identify(pid ?? -1)),
  );
}

async function left(processes: readonly ProcessIdentity[]): Promise<number> {
  const running = await Promise.all(processes.map(isRunning));
  return running.filter(Boolean).length;
}

describe('what a supervisor started', () => {
  it('is gone after kill -9 of the supervisor, also what ignores SIGTERM, its children and the guard', async () => {
    const processes = await everyProcess();
    expect(await left(processes)).toBe(4);
    supervisor.kill('SIGKILL');
    await waitUntil('all are gone', LIMIT_MS, async () => (await left(processes)) === 0);
  });

  it('is gone after kill -9 of the guard and then of the supervisor', async () => {
    const first = seen['guard'] ?? -1;
    process.kill(first, 'SIGKILL');
    await waitUntil('there is a new guard', LIMIT_MS, () => seen['guard'] !== first);
    const processes = await everyProcess();
    expect(await left(processes)).toBe(4);
    supervisor.kill('SIGKILL');
    await waitUntil('all are gone', LIMIT_MS, async () => (await left(processes)) === 0);
  });
});
