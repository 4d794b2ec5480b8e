import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { foreignEnvironment } from '../../platform/config.ts';
import { NAMESPACE_RETENTION_DAYS, probeTemporal } from '../../temporal-dev/parts/temporal.ts';
import { DYNAMIC_CONFIG } from '../../temporal-dev/parts/temporal-dynamic-config.ts';
import { freePort } from '../../temporal-dev/ports.ts';
import { newStackFolder, removeStack, startStack } from '../../temporal-dev/start-stack.ts';
import { configText } from './temporal-config.ts';

export interface TemporalPrograms {
  /** temporal-server; built from its module it is called `server`. */
  readonly server: string;
  /** temporal-sql-tool; built from its module it is called `sql`. */
  readonly sqlTool: string;
}

export interface TemporalOnPostgres {
  readonly address: string;
  /** Of the PostgreSQL that is Temporal's alone; databases temporal and temporal_visibility. */
  readonly superuserUrl: string;
  readonly pids: { readonly server: number; readonly postgres: number };
  close(): Promise<void>;
}

const NAMESPACE = 'default';
const DATABASES = { temporal: 'postgresql/v12/temporal', temporal_visibility: 'postgresql/v12/visibility' };
const READY_WITHIN_MS = 90_000;
const SHARDS = 4;

/**
 * Temporal's server on a PostgreSQL of its own, with the settings of every stack.
 * @throws Error when a program is not there or the server does not come up.
 */
export async function startTemporalOnPostgres(programs: TemporalPrograms): Promise<TemporalOnPostgres> {
  const dir = await newStackFolder('temporal');
  const stack = await startStack({ dir, ports: 'free', only: ['postgres'] });
  const url = new URL(stack.runFile.postgres.superuserUrl);
  let server: ReturnType<typeof spawn> | null = null;
  const close = async (): Promise<void> => {
    if (server !== null && server.exitCode === null && server.signalCode === null) {
      server.kill('SIGTERM');
      await once(server, 'exit');
    }
    await stack.stop();
    await removeStack(dir);
  };
  try {
    for (const [database, schema] of Object.entries(DATABASES)) {
      const tool = (...args: string[]): Promise<unknown> =>
        promisify(execFile)(
          programs.sqlTool,
          [
            ...['--plugin', 'postgres12', '--endpoint', url.hostname, '--port', url.port],
            ...['--user', url.username, '--password', url.password, '--database', database],
            ...args,
          ],
          { timeout: READY_WITHIN_MS },
        );
      await tool('create-database');
      await tool('setup-schema', '--version', '0.0');
      await tool('update-schema', '--schema-name', schema);
    }
    const taken = new Set<number>();
    const port = async (): Promise<number> => {
      const free = await freePort(taken);
      taken.add(free);
      return free;
    };
    const frontend = await port();
    const config = join(dir, 'config');
    await mkdir(config);
    await writeFile(
      join(config, 'dynamic.yaml'),
      `${JSON.stringify(
        Object.fromEntries(Object.entries(DYNAMIC_CONFIG).map(([key, value]) => [key, [{ value }]])),
      )}\n`,
    );
    const roles = ['frontend', 'history', 'matching', 'worker'] as const;
    const rpc = new Map<string, { readonly grpc: number; readonly membership: number }>();
    for (const role of roles)
      rpc.set(role, { grpc: role === 'frontend' ? frontend : await port(), membership: await port() });
    await writeFile(
      join(config, 'bench.yaml'),
      configText({ postgres: url, rpc, dynamicConfig: join(config, 'dynamic.yaml'), shards: SHARDS }),
    );
    server = spawn(programs.server, ['--root', dir, '--config', 'config', '--env', 'bench', 'start'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...foreignEnvironment(), GOGC: '400' },
    });
    const address = `127.0.0.1:${frontend}`;
    await untilReady(address, server);
    const postgres = stack.runFile.processes['postgres'];
    if (server.pid === undefined || postgres === undefined) throw new Error('a process without a pid');
    return {
      address,
      superuserUrl: url.href,
      pids: { server: server.pid, postgres },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Makes the namespace as soon as the server takes it, and waits until it is there. */
async function untilReady(address: string, server: ReturnType<typeof spawn>): Promise<void> {
  let failure: unknown = null;
  server.once('error', (error) => (failure = error));
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    if (failure !== null || server.exitCode !== null)
      throw new Error('Temporal’s server did not start: its last lines are above', { cause: failure });
    try {
      await makeNamespace(address);
      await probeTemporal(address, NAMESPACE, AbortSignal.timeout(5_000));
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await delay(500);
    }
  }
}

async function makeNamespace(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    await connection.workflowService
      .registerNamespace({
        namespace: NAMESPACE,
        workflowExecutionRetentionPeriod: msToTs(NAMESPACE_RETENTION_DAYS * 24 * 60 * 60 * 1_000),
      })
      .catch((error: unknown) => {
        if (!String(error).includes('ALREADY_EXISTS')) throw error;
      });
  } finally {
    await connection.close();
  }
}
