import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataConverter } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import type { Logger } from '../platform/logger.ts';
import { packageRoot } from '../platform/package-root.ts';
import type { RunningProcess } from '../platform/process.ts';
import { createNativeConnection } from '../platform/temporal.ts';
import { installTemporalRuntime } from './temporal-runtime.ts';

export interface PoolOptions {
  /** host:port of the Temporal frontend. */
  readonly address: string;
  readonly namespace: string;
  /** Opens what Temporal sends and seals what goes back (platform/payload-codec). */
  readonly dataConverter: DataConverter;
  readonly taskQueue: string;
  /** Activity functions by name, local ones included. */
  readonly activities: object;
  /** Whether this pool runs workflows: all of dist/workflow-bundle.js. */
  readonly workflows: boolean;
  /** Tasks at work at once, of each kind. */
  readonly slots: {
    /** At least 2 where the pool runs workflows. */
    readonly workflowTasks: number;
    readonly activities: number;
    readonly localActivities: number;
  };
  /** Requests for work that wait at the server at once. */
  readonly pollers: {
    /** At least 2 where the pool runs workflows: one is for the cached ones. */
    readonly workflowTasks: number;
    /** 0 = takes no activity tasks; local activities only. */
    readonly activities: number;
  };
  /** Runs kept in memory between their tasks; one that is not is replayed from its history. */
  readonly maxCachedWorkflows: number;
  readonly logger: Logger;
  /** How long activities may go on after the pool was asked to stop (ms). */
  readonly shutdownGraceMs: number;
}

/** After the grace, before the worker is given up: less than runProcess waits. */
const FORCE_AFTER_GRACE_MS = 1_000;
/** A restart by the supervisor after a minute is better than waiting for ever in silence. */
const CONNECT_PATIENCE_MS = 60_000;
const CONNECT_PAUSE_MIN_MS = 500;
const CONNECT_PAUSE_MAX_MS = 5_000;

/**
 * Starts the worker of one task queue and answers once it polls. A worker that fails for good ends
 * the process (an unhandled rejection, see runProcess), for a supervisor to start it again.
 * @throws when Temporal cannot be reached for a minute, or the workflow bundle is not built.
 */
export async function startPool(options: PoolOptions): Promise<RunningProcess> {
  const { taskQueue, logger, shutdownGraceMs } = options;
  const workflows = workflowOptions(options);
  installTemporalRuntime(logger);
  const connection = await connect(options.address, logger);
  const worker = await Worker.create({
    connection,
    namespace: options.namespace,
    dataConverter: options.dataConverter,
    taskQueue,
    identity: `${taskQueue}@${process.pid}`,
    activities: options.activities,
    ...workflows,
    maxConcurrentLocalActivityExecutions: options.slots.localActivities,
    ...(options.pollers.activities === 0
      ? { enableNonLocalActivities: false }
      : {
          maxConcurrentActivityTaskExecutions: options.slots.activities,
          activityTaskPollerBehavior: { type: 'simple-maximum', maximum: options.pollers.activities },
        }),
    shutdownGraceTime: shutdownGraceMs,
    shutdownForceTime: shutdownGraceMs + FORCE_AFTER_GRACE_MS,
  });

  let stopping = false;
  const running = worker.run().then(() => {
    if (!stopping) throw new Error(`the worker of ${taskQueue} stopped by itself`);
  });
  running.catch((error: unknown) => {
    if (stopping) return; // stop() reports it
    logger.error('worker_failed', { task_queue: taskQueue, error });
    throw error;
  });

  return {
    healthy: () => Promise.resolve(worker.getState() === 'RUNNING'),
    async stop() {
      stopping = true;
      if (worker.getState() === 'RUNNING') worker.shutdown();
      try {
        await running;
      } finally {
        await connection.close();
      }
    },
  };
}

function workflowOptions({
  workflows,
  slots,
  pollers,
  maxCachedWorkflows,
}: PoolOptions): Partial<WorkerOptions> {
  if (!workflows) return {};
  const codePath = join(packageRoot(), 'dist', 'workflow-bundle.js');
  if (!existsSync(codePath)) throw new Error(`${codePath} is not there: run npm run build`);
  return {
    workflowBundle: { codePath },
    maxConcurrentWorkflowTaskExecutions: slots.workflowTasks,
    workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: pollers.workflowTasks },
    maxCachedWorkflows,
  };
}

/** Tries to connect, with growing pauses, for a minute. */
async function connect(address: string, logger: Logger): Promise<NativeConnection> {
  const deadline = performance.now() + CONNECT_PATIENCE_MS;
  for (let pauseMs = CONNECT_PAUSE_MIN_MS; ; pauseMs = Math.min(pauseMs * 2, CONNECT_PAUSE_MAX_MS)) {
    try {
      return await createNativeConnection(address);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (performance.now() + pauseMs > deadline) {
        throw new Error(
          `Temporal at ${address} did not answer for ${CONNECT_PATIENCE_MS / 1_000} s: ${reason}`,
          { cause: error },
        );
      }
      logger.warn('temporal_not_reached', { address, reason, next_try_ms: pauseMs });
      await delay(pauseMs);
    }
  }
}
