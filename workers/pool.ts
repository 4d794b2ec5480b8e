import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataConverter } from '@temporalio/common';
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import type { Registry } from 'prom-client';
import { readBuildId } from '../platform/build-id.ts';
import { areCrashPointsArmed } from '../platform/crash-points.ts';
import { describeDeployment, type DeploymentName } from '../platform/deployments.ts';
import type { Logger } from '../platform/logger.ts';
import { packageRoot } from '../platform/package-root.ts';
import type { RunningProcess } from '../platform/process.ts';
import { createNativeConnection } from '../platform/temporal.ts';
import { activityInterceptor } from './activity-interceptor.ts';
import { passAtWorkflowTasks } from './workflow-task-boundaries.ts';
import { watchVersion } from './version-watch.ts';
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
  /** Whether activities are spans of their caller's trace; false when left out. */
  readonly tracing?: boolean;
  /** Whether this pool runs workflows: all of its bundle. */
  readonly workflows: boolean;
  /** The path of another bundle than dist/workflow-bundle.js: a bench's. */
  readonly bundle?: string;
  /**
   * The Worker Deployment that this pool is: it gets work when the build that it runs is the current or the
   * ramping version there. Left out: without versions, it gets whatever comes.
   */
  readonly deployment?: DeploymentName;
  /** Where it shows how its build stands there; nowhere when left out. */
  readonly registry?: Registry;
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
  /** Where the Temporal core of this process shows its metrics: host:port. */
  readonly coreMetrics: string;
  /** How long activities may go on after the pool was asked to stop (ms). */
  readonly shutdownGraceMs: number;
}

export interface RunningPool extends RunningProcess {
  /** Whether work comes here: healthy, and its build is the current one of its deployment, where it has one. */
  ready(): Promise<boolean>;
}

/** How often a pool asks whether its build is the current one (ms): one small request. */
const VERSION_INTERVAL_MS = 5_000;
/** After the grace, before the worker is given up: less than runProcess waits. */
const FORCE_AFTER_GRACE_MS = 1_000;
/** A restart by the supervisor after a minute is better than waiting for ever in silence. */
const CONNECT_PATIENCE_MS = 60_000;
const CONNECT_PAUSE_MIN_MS = 500;
const CONNECT_PAUSE_MAX_MS = 5_000;

/**
 * Starts the worker of one task queue and answers once it polls. A worker that fails for good ends
 * the process (an unhandled rejection, see runProcess), for a supervisor to start it again.
 * @throws when Temporal cannot be reached for a minute, or the workflow bundle or its id is not built.
 */
export async function startPool(options: PoolOptions): Promise<RunningPool> {
  const { taskQueue, logger, shutdownGraceMs } = options;
  const workflows = workflowOptions(options);
  const buildId = options.deployment === undefined ? null : await readBuildId();
  const version = versionOptions(options, buildId);
  installTemporalRuntime(logger, options.coreMetrics);
  const connection = await connect(options.address, logger);
  const worker = await Worker.create({
    connection,
    namespace: options.namespace,
    dataConverter: options.dataConverter,
    taskQueue,
    // In containers all have the same process id, and Temporal takes workers of one identity for one.
    identity: `${taskQueue}@${process.pid}@${hostname()}`,
    activities: options.activities,
    interceptors: { activity: [activityInterceptor(options.tracing ?? false)] },
    ...workflows,
    ...version,
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
  if (options.workflows && areCrashPointsArmed()) passAtWorkflowTasks(worker);

  let stopping = false;
  const running = worker.run().then(() => {
    if (!stopping) throw new Error(`the worker of ${taskQueue} stopped by itself`);
  });
  running.catch((error: unknown) => {
    if (stopping) return; // stop() reports it
    logger.error('worker_failed', { task_queue: taskQueue, error });
    throw error;
  });

  const { deployment, namespace, registry } = options;
  const client = new Client({ connection, namespace });
  const watch =
    deployment === undefined || buildId === null
      ? null
      : watchVersion({
          deployment,
          buildId,
          describe: () => describeDeployment(client, deployment),
          intervalMs: VERSION_INTERVAL_MS,
          ...(registry === undefined ? {} : { registry }),
          logger,
        });
  const isRunning = (): boolean => worker.getState() === 'RUNNING';

  return {
    healthy: () => Promise.resolve(isRunning()),
    ready: () => Promise.resolve(isRunning() && (watch?.isReady() ?? true)),
    async stop() {
      stopping = true;
      // A request that is on its way to a Temporal that is away takes a while.
      const watched = watch?.stop();
      if (isRunning()) worker.shutdown();
      try {
        await running;
      } finally {
        await watched;
        await connection.close();
      }
    },
  };
}

function workflowOptions({
  workflows,
  bundle,
  slots,
  pollers,
  maxCachedWorkflows,
}: PoolOptions): Partial<WorkerOptions> {
  if (!workflows) return {};
  const codePath = bundle ?? join(packageRoot(), 'dist', 'workflow-bundle.js');
  if (!existsSync(codePath)) throw new Error(`${codePath} is not there: run npm run build`);
  return {
    workflowBundle: { codePath },
    maxConcurrentWorkflowTaskExecutions: slots.workflowTasks,
    workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: pollers.workflowTasks },
    maxCachedWorkflows,
  };
}

/**
 * Open runs go on with the version that is current when their next task comes: a payment may live for weeks,
 * and its old code with it (docs/decisions/015-worker-versions.md).
 */
function versionOptions({ deployment, logger }: PoolOptions, buildId: string | null): Partial<WorkerOptions> {
  if (deployment === undefined || buildId === null) return {};
  logger.info('pool_version', { deployment, build_id: buildId });
  return {
    workerDeploymentOptions: {
      version: { deploymentName: deployment, buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
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
