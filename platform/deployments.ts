import { isGrpcServiceError, type Client } from '@temporalio/client';

/**
 * The pools that run workflows. Each is one Worker Deployment of Temporal, named as its queue; its versions
 * are builds (platform/build-id.ts). Acquirer pools run activities only and have none (docs/decisions/015).
 */
export const DEPLOYMENTS = ['payments', 'webhooks', 'back-office'] as const;
export type DeploymentName = (typeof DEPLOYMENTS)[number];

/** What a version is to its pool; `created` and `inactive` ones get nothing. */
const STATUS = ['unspecified', 'inactive', 'current', 'ramping', 'draining', 'drained', 'created'] as const;
export type VersionStatus = (typeof STATUS)[number];

export interface Deployment {
  readonly name: DeploymentName;
  /** The build that gets what no other does; null = none yet, and then workers with a version get nothing. */
  readonly current: string | null;
  readonly ramping: { readonly buildId: string; readonly percent: number } | null;
  /** Whether every queue has been told. */
  readonly settled: boolean;
  readonly versions: readonly { readonly buildId: string; readonly status: VersionStatus }[];
}

/** temporal.api.enums.v1.RoutingConfigUpdateState */
const IN_PROGRESS = 1;
/** google.rpc.Code */
const NOT_FOUND = 5;
const REQUEST_LIMIT_MS = 10_000;

/** google.rpc.Code of what the server answered; null = it is no answer of the server. */
export function grpcCode(error: unknown): number | null {
  return isGrpcServiceError(error) ? error.code : null;
}

/** How a deployment stands; null = no worker of it has ever polled here. */
export async function describeDeployment(client: Client, name: DeploymentName): Promise<Deployment | null> {
  const { namespace } = client.options;
  try {
    const { workerDeploymentInfo: info } = await client.withDeadline(Date.now() + REQUEST_LIMIT_MS, () =>
      client.workflowService.describeWorkerDeployment({ namespace, deploymentName: name }),
    );
    const routing = info?.routingConfig;
    const ramping = routing?.rampingDeploymentVersion?.buildId ?? '';
    const told: number = info?.routingConfigUpdateState ?? 0;
    return {
      name,
      current: routing?.currentDeploymentVersion?.buildId ?? null,
      ramping: ramping === '' ? null : { buildId: ramping, percent: routing?.rampingVersionPercentage ?? 0 },
      settled: told !== IN_PROGRESS,
      versions: (info?.versionSummaries ?? []).map(({ deploymentVersion, status }) => {
        const place: number = status ?? 0;
        return {
          buildId: deploymentVersion?.buildId ?? '',
          status: STATUS[place] ?? 'unspecified',
        };
      }),
    };
  } catch (error) {
    if (grpcCode(error) === NOT_FOUND) return null;
    throw error;
  }
}

/**
 * How many workers of a build ask for workflow tasks of its pool, as far as Temporal tells: those of the last
 * minutes, also one that has just left, and of a queue with several partitions (Temporal's default is four)
 * those that asked at the first, which each does sooner or later.
 */
export async function countPollers(client: Client, name: DeploymentName, buildId: string): Promise<number> {
  const { namespace } = client.options;
  const { pollers } = await client.withDeadline(Date.now() + REQUEST_LIMIT_MS, () =>
    client.workflowService.describeTaskQueue({ namespace, taskQueue: { name } }),
  );
  const ofBuild = pollers.filter(
    ({ deploymentOptions }) =>
      deploymentOptions?.deploymentName === name && deploymentOptions.buildId === buildId,
  );
  return new Set(ofBuild.map(({ identity }) => identity)).size;
}

/**
 * Makes a build the current one of its pool: new runs go there, and open ones with their next task. A ramp
 * to it ends with that. Said again it changes nothing.
 * @throws what Temporal says: no worker of that build polls (yet), or one of the pool's queues has none.
 */
export async function setCurrentVersion(
  client: Client,
  name: DeploymentName,
  buildId: string,
): Promise<void> {
  const { namespace, identity } = client.options;
  await client.withDeadline(Date.now() + REQUEST_LIMIT_MS, () =>
    client.workflowService.setWorkerDeploymentCurrentVersion({
      namespace,
      deploymentName: name,
      buildId,
      identity,
    }),
  );
}

/**
 * Lets a build take so many of a hundred workflows, always the same ones of them; null ends the ramp.
 * @throws as setCurrentVersion.
 */
export async function setRampingVersion(
  client: Client,
  name: DeploymentName,
  ramp: { readonly buildId: string; readonly percent: number } | null,
): Promise<void> {
  const { namespace, identity } = client.options;
  await client.withDeadline(Date.now() + REQUEST_LIMIT_MS, () =>
    client.workflowService.setWorkerDeploymentRampingVersion({
      namespace,
      deploymentName: name,
      buildId: ramp?.buildId ?? '',
      percentage: ramp?.percent ?? 0,
      identity,
    }),
  );
}
