import { Gauge, type Registry } from 'prom-client';
import type { Deployment, DeploymentName } from '../platform/deployments.ts';
import { every } from '../platform/every.ts';
import type { Logger } from '../platform/logger.ts';

/** How the build of a worker stands in the Worker Deployment of its pool. */
export interface VersionStanding {
  /** Whether any build is the current one: without one no worker with a version gets anything. */
  readonly hasCurrent: boolean;
  /** Whether it is this one. */
  readonly isCurrent: boolean;
}

export interface VersionWatchOptions {
  readonly deployment: DeploymentName;
  readonly buildId: string;
  /** How the deployment stands now; null = Temporal knows of none. Throws when Temporal does not answer. */
  readonly describe: () => Promise<Deployment | null>;
  readonly intervalMs: number;
  /** Where it is shown; nowhere when left out. */
  readonly registry?: Registry;
  readonly logger: Logger;
}

export interface VersionWatch {
  /**
   * Whether this build is the current one, as far as Temporal last said; false until it has. While Temporal
   * is away nothing is new. A build that ramps is not: an orchestrator that took it for ready would replace
   * the workers of the build that has the rest. Neither is one that drains: open runs go on with the current one.
   */
  isReady(): boolean;
  /** Resolves when nothing is asked any more. */
  stop(): Promise<void>;
}

/** Asks again and again how this build stands in its pool's deployment. */
export function watchVersion(options: VersionWatchOptions): VersionWatch {
  const { deployment, buildId, describe, intervalMs, registry, logger } = options;
  const show = registry === undefined ? () => undefined : registerStanding(registry, deployment);
  let standing: VersionStanding = { hasCurrent: false, isCurrent: false };
  const stopping = new AbortController();
  const watching = every({ name: 'version_watch', intervalMs, signal: stopping.signal, logger }, async () => {
    const now = standingOf(await describe(), buildId);
    if (now.isCurrent !== standing.isCurrent)
      logger.info('version_standing', { deployment, build_id: buildId, is_current: now.isCurrent });
    standing = now;
    show(standing);
  });
  return {
    isReady: () => standing.isCurrent,
    stop() {
      stopping.abort();
      return watching;
    },
  };
}

export function standingOf(deployment: Deployment | null, buildId: string): VersionStanding {
  const current = deployment?.current ?? null;
  return { hasCurrent: current !== null, isCurrent: current === buildId };
}

/** Shown once Temporal has said how it is. */
function registerStanding(
  registry: Registry,
  deployment: DeploymentName,
): (standing: VersionStanding) => void {
  const hasCurrent = new Gauge({
    name: 'worker_deployment_has_current_version',
    help: 'Whether the Worker Deployment of this pool has a current version: 1, else 0 and its workers get nothing.',
    labelNames: ['deployment'],
    registers: [registry],
  });
  const isCurrent = new Gauge({
    name: 'worker_build_is_current',
    help: 'Whether the build of this worker is the current version of its pool: 1, else 0.',
    labelNames: ['deployment'],
    registers: [registry],
  });
  return (standing) => {
    hasCurrent.set({ deployment }, standing.hasCurrent ? 1 : 0);
    isCurrent.set({ deployment }, standing.isCurrent ? 1 : 0);
  };
}
