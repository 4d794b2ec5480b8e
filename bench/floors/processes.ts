import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../platform/package-root.ts';
import { PLATFORM_KEY_ALIAS } from '../../temporal-dev/key-aliases.ts';
import type { RunFile } from '../../temporal-dev/run-file.ts';
import { bundleFloors } from './bundle.ts';
import { FLOOR_ROLES, type FloorOrder, type FloorReady, type FloorRole } from './order.ts';

export interface Floors {
  /** Base URL of their api: POST /empty, /floor, /usual. */
  readonly api: string;
  /** A merchant's receiver of webhooks, which takes all. */
  readonly receiver: string;
  readonly pids: Readonly<Record<FloorRole, number>>;
  close(): Promise<void>;
}

/** Starts every process of the floors against the Temporal, the key service and the database of a running stack. */
export async function startFloors(run: RunFile): Promise<Floors> {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-floors-'));
  const bundle = join(folder, 'floors.js');
  const children = new Map<FloorRole, ChildProcess>();
  const close = async (): Promise<void> => {
    await Promise.all([...children.values()].map(leave));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await bundleFloors(bundle);
    const ports = new Map<FloorRole, number | null>();
    await Promise.all(
      FLOOR_ROLES.map(async (role) => {
        const child = fork(join(packageRoot(), 'dist', 'bench', 'floors', 'main.js'), {
          execArgv: ['--enable-source-maps'],
          // Standard output is the report's.
          stdio: ['ignore', 2, 2, 'ipc'],
        });
        children.set(role, child);
        child.send({ role, bundle, ...orderOf(run) } satisfies FloorOrder);
        ports.set(role, (await answerOf(child, role)).port);
      }),
    );
    const urlOf = (role: FloorRole): string => `http://127.0.0.1:${ports.get(role) ?? 0}`;
    const pidOf = (role: FloorRole): number => children.get(role)?.pid ?? 0;
    return {
      api: urlOf('api'),
      receiver: urlOf('receiver'),
      pids: {
        api: pidOf('api'),
        payments: pidOf('payments'),
        acquirer: pidOf('acquirer'),
        usual: pidOf('usual'),
        receiver: pidOf('receiver'),
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function orderOf(run: RunFile): Omit<FloorOrder, 'role' | 'bundle'> {
  return {
    address: run.temporal.address,
    namespace: run.temporal.namespace,
    databaseUrl: run.postgres.urls.worker,
    payloads: {
      kmsEndpoint: run.kms.endpoint,
      kmsRegion: run.kms.region,
      kmsKeyId: PLATFORM_KEY_ALIAS,
      kmsAccessKeyId: 'bench',
      kmsSecretAccessKey: 'bench',
      dataKeyMaxAgeMs: 3_600_000,
      dataKeyMaxUses: 100_000,
      dataKeyGraceMs: 14_400_000,
    },
  };
}

/** @throws Error when it ended instead. */
async function answerOf(child: ChildProcess, role: FloorRole): Promise<FloorReady> {
  const ended = once(child, 'exit').then(([code]: unknown[]) => {
    throw new Error(`the bench's ${role} process ended with ${String(code)} before it was ready`);
  });
  const [ready] = (await Promise.race([once(child, 'message'), ended])) as [FloorReady];
  ended.catch(() => undefined);
  return ready;
}

async function leave(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  if (child.connected) child.disconnect();
  await exited;
}
