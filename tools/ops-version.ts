/** npm run ops:version: which build of a pool's workers gets the work. See HELP. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { readBuildId } from '../platform/build-id.ts';
import { loadConfig } from '../platform/config.ts';
import {
  countPollers,
  DEPLOYMENTS,
  describeDeployment,
  grpcCode,
  setCurrentVersion,
  setRampingVersion,
  type Deployment,
  type DeploymentName,
} from '../platform/deployments.ts';
import { packageRoot } from '../platform/package-root.ts';
import { createTemporalClient } from '../platform/temporal.ts';
import { readRunFile } from '../temporal-dev/run-file.ts';
import { ENDED, messageOf, needed, readArguments, runCommand, UsageError } from './command-frame.ts';

const HELP = `npm run ops:version -- status
npm run ops:version -- current --by WHO [--pool POOL]… [--build ID] [--pollers N] [--wait SECONDS]
npm run ops:version -- ramp --by WHO --pool POOL --percent N [--build ID] [--wait SECONDS]
npm run ops:version -- unramp --by WHO --pool POOL

Which build of the workers gets the work of a pool (${DEPLOYMENTS.join(', ')}; acquirer pools have no versions).
A worker says its build when it starts (log pool_version); it gets nothing until that build is ramping or
current. Open workflows go on with it as new ones do, each with its next task.

  current           new and open workflows go on with this build; a ramp ends
  ramp              so many of a hundred workflows do, always the same ones; the others stay
  unramp            they go back to the current build
  --pool POOL       for current: may be said again (default: all of them)
  --build ID        default: that of this installation (dist/build-id)
  --pollers N       for current: not before so many workers of that build poll (default 1), so that few are
                    not given the work of many; a build that is current already is not held back
  --percent N       from 0 to 100
  --wait SECONDS    until workers of that build poll (default 60; 0 = now or not at all)
  --by WHO          Temporal keeps it as who changed the deployment last
  --run-file FILE   run.json of a running stack (default: .quittance/run.json of this checkout; where there
                    is none, QUITTANCE_TEMPORAL_ADDRESS and QUITTANCE_TEMPORAL_NAMESPACE)

Ends with 0 when done, 1 when Temporal refused or too few workers of that build poll, 2 when what was typed is not
a command, and 3 when Temporal did not answer.
`;

/** What nobody runs is a slip of the hand. */
const POLLERS_MAX = 10_000;
const ACTIONS = ['status', 'current', 'ramp', 'unramp'] as const;

interface Options {
  readonly action: (typeof ACTIONS)[number];
  readonly pools: readonly DeploymentName[];
  readonly build: string | null;
  readonly percent: number;
  /** Workers of the build without which it does not become the current one. */
  readonly pollers: number;
  readonly waitMs: number;
  readonly by: string;
  readonly runFile: string | null;
}

function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values, positionals } = readArguments({
    args: [...args],
    options: {
      pool: { type: 'string', multiple: true },
      build: text,
      percent: text,
      pollers: text,
      wait: text,
      by: text,
      'run-file': text,
    },
    allowPositionals: true,
  });
  const action = ACTIONS.find((known) => known === positionals[0]);
  if (action === undefined || positionals.length !== 1) throw new UsageError(`say ${ACTIONS.join(', ')}`);
  const pools = (values.pool ?? []).map((name) => {
    const pool = DEPLOYMENTS.find((known) => known === name);
    if (pool === undefined) throw new UsageError(`--pool ${name}: the pools are ${DEPLOYMENTS.join(', ')}`);
    return pool;
  });
  if ((action === 'ramp' || action === 'unramp') && pools.length !== 1)
    throw new UsageError(`${action} is about one --pool`);
  const percent = Number(values.percent ?? NaN);
  if (action === 'ramp' && !(percent >= 0 && percent <= 100))
    throw new UsageError('--percent is not a number from 0 to 100');
  const pollers = Number(values.pollers ?? '1');
  if (!(Number.isInteger(pollers) && pollers >= 1 && pollers <= POLLERS_MAX))
    throw new UsageError(`--pollers is not a whole number from 1 to ${POLLERS_MAX}`);
  if (values.pollers !== undefined && action !== 'current') throw new UsageError('--pollers is for current');
  const by = action === 'status' ? (values.by?.trim() ?? '') : needed('by', values.by).trim();
  const seconds = Number(values.wait ?? '60');
  if (!(seconds >= 0 && seconds <= 3_600))
    throw new UsageError('--wait is not a number of seconds up to 3600');
  return {
    action,
    pools: pools.length === 0 ? DEPLOYMENTS : pools,
    build: values.build ?? null,
    percent,
    pollers,
    waitMs: seconds * 1_000,
    by,
    runFile: values['run-file'] ?? null,
  };
}

async function addressOf(runFile: string | null): Promise<{ address: string; namespace: string }> {
  const own = join(packageRoot(), '.quittance', 'run.json');
  if (runFile !== null || existsSync(own)) return (await readRunFile(runFile ?? own)).temporal;
  const { temporalAddress, temporalNamespace } = loadConfig(['temporalAddress', 'temporalNamespace']);
  return { address: temporalAddress, namespace: temporalNamespace };
}

/** One pool, in lines for a person. */
function textOf(name: DeploymentName, deployment: Deployment | null): string {
  if (deployment === null) return `${name}: no worker with a version has polled here`;
  const { current, ramping, settled, versions } = deployment;
  const others = versions.filter(({ buildId }) => buildId !== current && buildId !== ramping?.buildId);
  return [
    `${name}: current ${current ?? 'none: its workers get nothing'}`,
    ramping === null ? '' : `, ramping ${ramping.buildId} (${ramping.percent} %)`,
    settled ? '' : ', not every queue knows yet',
    ...others.map(({ buildId, status }) => `\n  ${buildId} ${status}`),
  ].join('');
}

const PAUSE_MS = 200;

/** What Temporal answers while no worker of that build has polled: NOT_FOUND and FAILED_PRECONDITION. */
const NOT_YET: readonly (number | null)[] = [5, 9];
/** DEADLINE_EXCEEDED and UNAVAILABLE: it may be back before the wait is over. */
const AWAY: readonly (number | null)[] = [4, 14];
const notYet = (error: unknown): boolean =>
  error instanceof TooFewPollers || NOT_YET.includes(grpcCode(error));

class TooFewPollers extends Error {
  override readonly name = 'TooFewPollers';
}

/** Does it, and waits until every queue knows, or the wait is over; what Temporal refuses is tried until then. */
async function change(
  client: Client,
  name: DeploymentName,
  waitMs: number,
  work: () => Promise<void>,
): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (let isDone = false; ;) {
    try {
      if (!isDone) await work();
      isDone = true;
      const isSettled = (await describeDeployment(client, name))?.settled === true;
      if (isSettled || performance.now() > deadline) return;
    } catch (error) {
      if (!(notYet(error) || AWAY.includes(grpcCode(error))) || performance.now() > deadline) throw error;
    }
    await delay(PAUSE_MS);
  }
}

async function act(client: Client, options: Options): Promise<void> {
  const { action, pools } = options;
  const buildId = action === 'status' || action === 'unramp' ? '' : (options.build ?? (await readBuildId()));
  const refusals: unknown[] = [];
  for (const name of pools) {
    // One pool that cannot change keeps no other from it.
    await actOn(client, name, options, buildId).catch((error: unknown) => refusals.push(error));
    process.stdout.write(`${textOf(name, await describeDeployment(client, name))}\n`);
  }
  if (refusals.length > 0) throw refusals[0];
}

async function actOn(
  client: Client,
  name: DeploymentName,
  { action, percent, pollers, waitMs }: Options,
  buildId: string,
): Promise<void> {
  switch (action) {
    case 'status':
      return;
    case 'current':
      return change(client, name, waitMs, async () => {
        if (pollers > 1) await requirePollers(client, name, buildId, pollers);
        await setCurrentVersion(client, name, buildId);
      });
    case 'ramp':
      return change(client, name, waitMs, () => setRampingVersion(client, name, { buildId, percent }));
    case 'unramp':
      return change(client, name, waitMs, () => setRampingVersion(client, name, null));
  }
}

/** @throws TooFewPollers when fewer workers of that build poll, and it is not the current one already. */
async function requirePollers(
  client: Client,
  name: DeploymentName,
  buildId: string,
  pollers: number,
): Promise<void> {
  if ((await describeDeployment(client, name))?.current === buildId) return;
  const polling = await countPollers(client, name, buildId);
  if (polling < pollers)
    throw new TooFewPollers(`${polling} of ${pollers} workers of build ${buildId} poll ${name}`);
}

async function main(args: readonly string[]): Promise<number> {
  if (args.length === 0 || args.includes('--help')) {
    process.stdout.write(HELP);
    return ENDED.done;
  }
  const options = readOptions(args);
  const identity = options.by === '' ? 'ops-version' : options.by;
  const temporal = createTemporalClient({
    ...(await addressOf(options.runFile)),
    identity,
    // Nothing that is sealed is asked for.
    dataConverter: {},
    retries: true,
  });
  try {
    await act(temporal.client, options);
    return ENDED.done;
  } catch (error) {
    if (!notYet(error)) throw error;
    process.stderr.write(`refused: ${messageOf(error)}\n`);
    return ENDED.refused;
  } finally {
    await temporal.close();
  }
}

await runCommand('ops:version', main);
