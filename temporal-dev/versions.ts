import { setTimeout as delay } from 'node:timers/promises';
import { readBuildId } from '../platform/build-id.ts';
import {
  DEPLOYMENTS,
  describeDeployment,
  setCurrentVersion,
  type DeploymentName,
} from '../platform/deployments.ts';
import { createTemporalClient } from '../platform/temporal.ts';

/** Sees to it that what the workers of a stack run is the current version of their pools. */
export interface Versions {
  /** A part was started: from now on it runs what is built now. */
  launched(part: string): void;
  /** A part does its work: if it is a pool its version becomes the current one; if it is Temporal it is asked whether it knows all of them. */
  healthy(part: string): void;
  /** Resolves when every pool that was healthy has its version. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

export interface VersionsOptions {
  /** host:port of the frontend. */
  readonly address: string;
  readonly namespace: string;
  /** Takes one line for the person who waits. */
  readonly say: (line: string) => void;
}

const PAUSE_MS = 50;
const PAUSE_MAX_MS = 1_000;
/** A pool that waits for its version for so long does no work, and somebody should know. */
const TELL_AFTER_MS = 15_000;
/**
 * How long a version that is current is waited for until every queue has been told. Temporal's own note that
 * they all have can be minutes late or never come (temporalio/temporal#11842), though they have.
 */
const SETTLE_LIMIT_MS = 15_000;

/**
 * On one machine the newest start decides: a worker that was started again from another build gets its work,
 * and a Temporal that lost its state file is told anew. Until a version is current its workers get nothing,
 * so this goes on until it is.
 */
export function createVersions({ address, namespace, say }: VersionsOptions): Versions {
  const temporal = createTemporalClient({
    address,
    namespace,
    identity: 'supervisor',
    dataConverter: {},
    retries: false,
  });
  const stopping = new AbortController();
  const builds = new Map<DeploymentName, Promise<string>>();
  const working = new Map<DeploymentName, { again: boolean; readonly done: Promise<void> }>();

  async function makeCurrent(name: DeploymentName): Promise<'no' | 'told to some' | 'yes'> {
    const buildId = await builds.get(name);
    if (buildId === undefined) return 'yes';
    const deployment = await describeDeployment(temporal.client, name);
    if (deployment?.current === buildId) return deployment.settled ? 'yes' : 'told to some';
    if (deployment !== null) await setCurrentVersion(temporal.client, name, buildId);
    return 'no';
  }

  async function insist(name: DeploymentName): Promise<void> {
    const began = performance.now();
    let told = false;
    let currentSince: number | null = null;
    for (let pauseMs = PAUSE_MS; !stopping.signal.aborted; pauseMs = Math.min(pauseMs * 1.5, PAUSE_MAX_MS)) {
      let reason = 'no worker of it polls yet';
      try {
        const isCurrent = await makeCurrent(name);
        if (isCurrent === 'yes') return;
        currentSince = isCurrent === 'no' ? null : (currentSince ?? performance.now());
        if (currentSince !== null && performance.now() - currentSince > SETTLE_LIMIT_MS) {
          say(
            `${name} has its version; Temporal still says that it tells the queues, which is not waited for`,
          );
          return;
        }
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
      if (!told && performance.now() - began > TELL_AFTER_MS) {
        told = true;
        say(`${name} waits for its version to be current: ${reason}`);
      }
      await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  function see(name: DeploymentName): void {
    const now = working.get(name);
    if (now !== undefined) {
      now.again = true;
      return;
    }
    const done = (async () => {
      await insist(name);
      const again = working.get(name)?.again === true;
      working.delete(name);
      if (again) see(name);
    })();
    working.set(name, { again: false, done });
  }

  const poolOf = (part: string): DeploymentName | undefined => DEPLOYMENTS.find((name) => name === part);
  return {
    launched(part) {
      const name = poolOf(part);
      if (name === undefined) return;
      const build = readBuildId();
      build.catch(() => undefined); // told when it is waited for
      builds.set(name, build);
    },
    healthy(part) {
      const name = poolOf(part);
      if (name !== undefined) see(name);
      if (part === 'temporal') for (const known of builds.keys()) see(known);
    },
    async ready() {
      while (working.size > 0) await Promise.all([...working.values()].map(({ done }) => done));
    },
    async stop() {
      stopping.abort();
      await temporal.close(); // with what is on its way
      await Promise.all([...working.values()].map(({ done }) => done));
    },
  };
}
