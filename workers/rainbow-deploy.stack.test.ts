import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBuildId } from '../platform/build-id.ts';
import { describeDeployment } from '../platform/deployments.ts';
import { packageRoot } from '../platform/package-root.ts';
import { testCard } from '../proof/support/cards.ts';
import { addFault } from '../proof/support/faults.ts';
import { idOf, openWorld, sale, settled, type World } from '../proof/support/world.ts';
import { PART_NAMES } from '../temporal-dev/part-names.ts';
import { newStackFolder, removeStack, startStack, type StartedStack } from '../temporal-dev/start-stack.ts';
import { startPaymentsWorker, type PaymentsWorker } from '../temporal-dev/testing/payments-worker.ts';
import { makeSecondBuild, type Change, type SecondBuild } from '../temporal-dev/testing/second-build.ts';
import { waitUntil } from '../temporal-dev/testing/wait-until.ts';
import type { Run } from '../tools/histories/history-file.ts';
import { patchesOf } from '../tools/replay/explain.ts';
import { quietRuntime } from '../tools/replay/replay-runs.ts';
import { replayAll } from '../tools/replay/replay-suite.ts';
import { runsOfQuery } from '../tools/replay/sources.ts';
import { openTemporal, type TemporalAccess } from '../tools/temporal-access.ts';

/**
 * The promise: workers of a second version take over from those of the first while payments wait, for their
 * capture, for a person, for an acquirer that does not answer: none is stuck, none diverges, and the first
 * version can be stopped. As docs/operating.md says, with its command. A worker is ready only while its
 * version is the current one.
 */

/** What the second version does otherwise: a step more, behind a patch, before and after where payments wait. */
const PATCHES = ['rehearsed-authorize', 'rehearsed-follow-up'] as const;
const step = (id: string): string => `if (patched('${id}')) await ledger.load(ref);`;
const CHANGES: readonly Change[] = [
  {
    file: 'workflows/payment/authorize.js',
    text: 'const card = await vault.tokenize(',
    replacement: `${step(PATCHES[0])} const card = await vault.tokenize(`,
  },
  {
    file: 'workflows/payment/follow-up.js',
    text: 'const begun = await ledger.beginFollowUp(',
    replacement: `${step(PATCHES[1])} const begun = await ledger.beginFollowUp(`,
  },
  ...['workflows/payment/authorize.js', 'workflows/payment/follow-up.js'].map((file) => ({
    file,
    text: 'import { ',
    replacement: "import { patched } from '@temporalio/workflow';\nimport { ",
  })),
];

const MANUAL = { capture: 'manual' } as const;
/** An amount that the acquirer does not answer about until it is told to. */
const UNANSWERED = 4_751;
/** temporal.api.enums.v1.WorkflowTaskFailedCause: somebody rang while the task was on its way; it is done again. */
const UNHANDLED_COMMAND = 1;
/** The risk rules hold it for a person. */
const REVIEWED = 2_500_000;

let dir: string;
let stack: StartedStack;
let second: SecondBuild;
let first: string;
let world: World;
let temporal: TemporalAccess;
const workers: PaymentsWorker[] = [];

beforeAll(async () => {
  quietRuntime();
  dir = await newStackFolder('rainbow');
  const left = ['payments', 'webhooks', 'gateway', 'acquirer-3', 'acquirer-4'];
  [stack, second, first] = await Promise.all([
    startStack({
      dir,
      ports: 'free',
      only: PART_NAMES.filter((part) => !left.includes(part)),
    }),
    makeSecondBuild(CHANGES),
    readBuildId(),
  ]);
  temporal = await openTemporal(stack.runPath, 'a test');
  world = await openWorld(stack.runPath, { acquirers: ['acquirer-1'], singleMessage: false });
}, 240_000);
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await world.close();
  await temporal.close();
  await stack.stop();
  await removeStack(dir);
  await second.remove();
}, 120_000);

let cards = 7_000;
async function pay(rest: Record<string, unknown>): Promise<string> {
  cards += 1;
  return idOf(await world.post('/v1/payments', { ...sale(testCard(cards)), ...rest }, { wait: 0 }));
}
async function held(): Promise<string> {
  const id = await pay(MANUAL);
  expect((await settled(world, id))['status']).toBe('authorized');
  return id;
}
async function capture(id: string): Promise<void> {
  const answer = await world.post(`/v1/payments/${id}/capture`, {}, { wait: 30 });
  expect(answer.body['status'], answer.text).toBe('captured');
}

/** npm run ops:version, as built. */
async function ops(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(packageRoot(), 'dist', 'tools', 'ops-version.js'),
    ...args,
    ...['--pool', 'payments', '--run-file', stack.runPath],
    ...(args[0] === 'status' ? [] : ['--by', 'a test']),
  ]);
  return stdout;
}

const allRuns = async (): Promise<readonly Run[]> => {
  const runs: Run[] = [];
  const counts = { found: 0, gone: 0 };
  for await (const run of runsOfQuery(temporal.client, "WorkflowType = 'payment'", counts)) runs.push(run);
  return runs;
};
/** The builds that worked on a run, in the order in which they came. */
function buildsOf({ history }: Run): readonly string[] {
  const builds = (history.events ?? []).flatMap(
    ({ workflowTaskCompletedEventAttributes: done }) => done?.deploymentVersion?.buildId ?? [],
  );
  return [...new Set(builds)];
}
async function buildsOfWorkflow(id: string): Promise<readonly string[]> {
  const history = await temporal.client.workflow.getHandle(id).fetchHistory();
  return buildsOf({ workflowId: id, name: id, history });
}
const statusOf = async (id: string): Promise<unknown> =>
  (await world.get(`/v1/payments/${id}`)).body['status'];

async function* each(runs: readonly Run[]): AsyncGenerator<Run> {
  yield* runs;
}

it('payments go on with a second version while the first is drained and stopped', async () => {
  const run = stack.runFile;
  const before = await startPaymentsWorker(run, packageRoot());
  workers.push(before);
  expect(await before.isReady()).toBe(false);
  // One worker is not to get the work of two; it gets that of one.
  await expect(ops('current', '--pollers', '2', '--wait', '2')).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining('payments: current none') as string,
    stderr: expect.stringContaining(`refused: 1 of 2 workers of build ${first} poll payments`) as string,
  });
  const another = await startPaymentsWorker(run, packageRoot());
  expect(await ops('current', '--pollers', '2')).toContain(`current ${first}`);
  expect(await another.stop()).toBe(0);

  // In flight on the first: for their capture, for an acquirer, for a person.
  await addFault(world, {
    match: { kind: 'authorization', amount: UNANSWERED },
    action: { type: 'lose_answer' },
  });
  await addFault(world, {
    match: { kind: 'reversal', amount: UNANSWERED },
    action: { type: 'lose_answer' },
    times: 100_000,
  });
  const [unknown, reviewed, ...waiting] = await Promise.all([
    pay({ ...MANUAL, amount: UNANSWERED }),
    pay({ ...MANUAL, amount: REVIEWED }),
    ...Array.from({ length: 6 }, held),
  ]);
  await waitUntil('the worker of the current version is ready', 30_000, () => before.isReady());
  await waitUntil('a person is asked', 30_000, async () => (await statusOf(reviewed)) === 'in_review');
  const isUnknown = async (): Promise<boolean> => {
    const rows = await world.sql<{ phase: string }>(
      "select phase from operations where payment_id = $1 and state = 'pending'",
      [unknown],
    );
    return rows.some(({ phase }) => phase === 'reversing');
  };
  await waitUntil('one is unknown', 30_000, isUnknown);
  expect(await buildsOfWorkflow(unknown)).toEqual([first]);

  // A part of them, and of the new ones, goes to the second.
  expect(second.buildId).not.toBe(first);
  const after = await startPaymentsWorker(run, second.root);
  workers.push(after);
  expect(await ops('ramp', '--build', second.buildId, '--percent', '50')).toContain(
    `ramping ${second.buildId} (50 %)`,
  );
  const ramped = new Map<string, string>();
  await waitUntil('both versions have new payments', 60_000, async () => {
    const id = await held();
    ramped.set(id, (await buildsOfWorkflow(id)).join());
    return new Set(ramped.values()).size === 2;
  });
  expect(new Set(ramped.values())).toEqual(new Set([first, second.buildId]));
  await Promise.all(waiting.slice(0, 2).map(capture));
  // Whoever replaced the first version's workers now would take half of the payments from them.
  expect([await before.isReady(), await after.isReady()]).toEqual([true, false]);

  // All of them; the first is done with and leaves.
  expect(await ops('current', '--build', second.buildId)).toContain(`current ${second.buildId}`);
  await waitUntil('the first version is drained', 60_000, async () => {
    const deployment = await describeDeployment(temporal.client, 'payments');
    return deployment?.versions.some(({ buildId, status }) => buildId === first && status === 'drained');
  });
  await waitUntil('the second is ready', 30_000, () => after.isReady());
  await waitUntil('the first is not ready any more', 30_000, async () => !(await before.isReady()));
  expect(await before.stop()).toBe(0);
  expect(await isUnknown()).toBe(true);

  // What waited ends, and so does what is new.
  const [acquirer] = stack.runFile.acquirers;
  await fetch(`${acquirer?.control}/faults`, { method: 'DELETE', signal: AbortSignal.timeout(5_000) });
  await world.sql(
    `insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body)
     values ($1, $2, $3, 'review', 'operator', $4, '{"decision": "approve"}')`,
    [world.merchant, reviewed.replace('pay_', 'cmd_'), reviewed, reviewed.replace('pay_', 'review_')],
  );
  await Promise.all([...waiting.slice(2), ...ramped.keys(), await held()].map(capture));
  await waitUntil('it is approved', 30_000, async () => (await statusOf(reviewed)) === 'authorized');
  await capture(reviewed);
  // Where the test is slow, the pause before its reversal is repeated has grown to 64 s.
  await waitUntil(
    'the unknown one is not unknown any more',
    90_000,
    async () => (await statusOf(unknown)) === 'failed',
  );
  await waitUntil('no run is open', 30_000, async () => {
    const { count } = await temporal.client.workflow.count(
      "WorkflowType = 'payment' AND ExecutionStatus = 'Running'",
    );
    return count === 0;
  });
  expect(await world.sql('select id from payments where pending')).toEqual([]);

  const runs = await allRuns();
  expect(new Set(runs.map(({ workflowId }) => workflowId)).size).toBe(waiting.length + ramped.size + 3);
  const crossed = runs.filter((one) => buildsOf(one).join() === `${first},${second.buildId}`);
  expect(crossed.map(({ workflowId }) => workflowId)).toEqual(
    expect.arrayContaining([unknown, reviewed, ...waiting.slice(2)]),
  );
  for (const one of runs) {
    const failed = one.history.events?.flatMap(({ workflowTaskFailedEventAttributes: failure }) =>
      failure == null || Number(failure.cause) === UNHANDLED_COMMAND ? [] : [failure.failure?.message],
    );
    expect(failed, `failed tasks of ${one.workflowId}`).toEqual([]);
  }
  // Of either side of both patches, and of one each: begun on the first, and gone on with on the second.
  const patches = new Set(
    runs.map((one) =>
      patchesOf(one.history)
        .filter((id) => /^rehearsed/.test(id))
        .join(),
    ),
  );
  expect(patches).toEqual(new Set(['', PATCHES[1], PATCHES.join()]));

  const bundle = { codePath: join(second.root, 'dist', 'workflow-bundle.js') };
  const { dataConverter } = temporal;
  const { replayed, diverged } = await replayAll({ bundle, dataConverter }, each(runs));
  expect({ replayed, diverged }).toEqual({ replayed: runs.length, diverged: [] });
}, 240_000);
