import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { ServiceSpec } from '../supervisor/service.ts';
import { DYNAMIC_CONFIG } from './temporal-dynamic-config.ts';
import type { FetchDeps } from './fetch.ts';
import { temporalProgram } from './programs.ts';
import { registerSearchAttributes, SEARCH_ATTRIBUTE_ARGS } from './search-attributes.ts';

/** How long a closed run can still be looked at (temporal-rules: a run may be lost at any time). */
export const NAMESPACE_RETENTION_DAYS = 30;

export interface TemporalOptions {
  readonly dir: string;
  readonly logs: string;
  readonly port: number;
  readonly webPort: number;
  readonly namespace: string;
  /** A run with so many events is told to continue as new. */
  readonly continueAfterEvents: number;
  readonly fetch: FetchDeps;
}

/** Temporal's development server with Temporal Web, its state in a file of the stack's folder. */
export async function prepareTemporal(options: TemporalOptions): Promise<ServiceSpec> {
  const { dir, logs, port, webPort, namespace, continueAfterEvents, fetch } = options;
  const data = join(dir, 'temporal');
  await mkdir(data, { recursive: true });
  const address = `127.0.0.1:${port}`;
  return {
    role: 'temporal',
    log: join(logs, 'temporal.log'),
    command: {
      program: await temporalProgram(fetch),
      args: [
        ...['server', 'start-dev', '--db-filename', join(data, 'temporal.sqlite'), '--namespace', namespace],
        ...[
          '--ip',
          '127.0.0.1',
          '--port',
          String(port),
          '--ui-ip',
          '127.0.0.1',
          '--ui-port',
          String(webPort),
        ],
        ...['--log-level', 'warn', '--ui-disable-news-fetch'],
        ...SEARCH_ATTRIBUTE_ARGS,
        ...Object.entries({
          ...DYNAMIC_CONFIG,
          'limit.historyCount.suggestContinueAsNew': continueAfterEvents,
        }).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${JSON.stringify(value)}`]),
      ],
      // A tenth of the server's time was garbage collection (architecture, "What Temporal costs").
      env: { ...fetch.env, GOGC: '400' },
      cwd: data,
      user: null,
    },
    probe: (signal) => probeOwnTemporal(address, namespace, signal),
    startDeadlineMs: 60_000,
    stopSignal: 'SIGTERM',
    stopGraceMs: 10_000,
    guardSignal: 'SIGTERM',
  };
}

/** Resolves when the frontend answers for that namespace, which then has our search attributes. */
export async function probeTemporal(address: string, namespace: string, signal: AbortSignal): Promise<void> {
  await describe(address, namespace, signal, (connection) => registerSearchAttributes(connection, namespace));
}

/**
 * As probeTemporal, and the namespace keeps closed runs long enough: part of being healthy, because
 * a server that lost its state file makes the namespace anew.
 */
async function probeOwnTemporal(address: string, namespace: string, signal: AbortSignal): Promise<void> {
  const retention = msToTs(NAMESPACE_RETENTION_DAYS * 24 * 60 * 60 * 1_000);
  await describe(address, namespace, signal, async (connection, current) => {
    await registerSearchAttributes(connection, namespace);
    if (Number(current) === Number(retention.seconds)) return;
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: retention },
    });
  });
}

async function describe(
  address: string,
  namespace: string,
  signal: AbortSignal,
  then: (connection: Connection, retentionSeconds: unknown) => Promise<void>,
): Promise<void> {
  // gRPC pauses for a second after a refused connection: knock first.
  await knock(address, signal);
  await withTemporal(address, async (connection) => {
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    await then(connection, config?.workflowExecutionRetentionTtl?.seconds);
  });
}

async function withTemporal<T>(address: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  // Loaded while the server starts, not before.
  const client = await import('@temporalio/client');
  const connection = await client.Connection.connect({ address, connectTimeout: 2_000 });
  try {
    return await connection.withDeadline(Date.now() + 5_000, () => work(connection));
  } finally {
    await connection.close();
  }
}

async function knock(address: string, signal: AbortSignal): Promise<void> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const socket = connect({ host: hostname, port: Number(port), signal });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
  } finally {
    socket.destroy();
  }
}
