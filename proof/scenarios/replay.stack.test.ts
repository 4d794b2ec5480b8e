import { Client, Connection } from '@temporalio/client';
import {
  DefaultLogger,
  Runtime,
  Worker,
  type ReplayResult,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { openPayloads, type OpenPayloads } from '../../temporal-dev/testing/payloads.ts';
import { BUNDLE, brokenBundle } from '../support/bundles.ts';
import { idOf, openWorld, sale, settled, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: the workflow code that is about to be deployed goes on with every payment that the
 * running one has begun: real histories, of every kind of run, replay without a difference. And the
 * check checks itself: code that does the same in another order is refused.
 */
type History = Parameters<typeof Worker.runReplayHistory>[1];

interface Recorded {
  readonly workflowId: string;
  readonly history: History;
}

let world: World;
let twoMessages: World;
let connection: Connection;
let client: Client;
let payloads: OpenPayloads;
let recorded: readonly Recorded[] = [];

beforeAll(async () => {
  // What is provoked here is read from the results.
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } },
  });
  const runFile = await readRunFile(stackRunFile());
  const { temporal } = runFile;
  payloads = openPayloads(runFile);
  connection = await Connection.connect({ address: temporal.address });
  client = new Client({ connection, namespace: temporal.namespace });
  world = await openWorld(stackRunFile());
  twoMessages = await openWorld(stackRunFile(), { singleMessage: false });
  recorded = (await Promise.all((await payments()).map(runsOf))).flat();
}, 180_000);
afterAll(async () => {
  await Promise.all([world.close(), twoMessages.close(), connection.close(), payloads.close()]);
});

async function create(shop: World, number: string, rest: Record<string, unknown> = {}): Promise<string> {
  const id = idOf(await shop.post('/v1/payments', { ...sale(number), ...rest }, { wait: 0 }));
  await settled(shop, id);
  return id;
}

async function follow(shop: World, id: string, path: string, body: Record<string, unknown>): Promise<string> {
  const answer = await shop.post(`/v1/payments/${id}/${path}`, body, { wait: 30 });
  expect([200, 201, 409, 422], answer.text).toContain(answer.status);
  return id;
}

/** One payment of each kind of life, ended or still open. */
async function payments(): Promise<readonly string[]> {
  const manual = { capture: 'manual' };
  const [sold, declined, lost, silent, partial, captured, voided, held, reviewed, cancelled] =
    await Promise.all([
      create(world, '4242424242424242'),
      create(world, '4000000000000002'),
      create(world, '4000000000000119'),
      create(world, '4000000000000259'),
      create(world, '4000000000000010'),
      create(twoMessages, '5555555555554444'),
      create(twoMessages, '5555555555554444', manual),
      create(twoMessages, '4242424242424242', manual),
      create(twoMessages, '4242424242424242', { amount: 2_500_000 }),
      create(twoMessages, '4000000000000077', manual),
    ]);
  await follow(world, sold, 'refunds', { amount: 1_000 });
  await Promise.all([1, 2, 3].map(() => follow(world, sold, 'refunds', { amount: 2_000 })));
  await follow(twoMessages, captured, 'refunds', {});
  await follow(twoMessages, voided, 'void', {});
  await follow(twoMessages, held, 'capture', { amount: 1_500 });
  await follow(twoMessages, reviewed, 'capture', {});
  await client.workflow.getHandle(cancelled).cancel();
  await until(
    `${cancelled} is voided`,
    () => twoMessages.get(`/v1/payments/${cancelled}`),
    ({ body }) => body['status'] === 'voided',
  );
  return [sold, declined, lost, silent, partial, captured, voided, held, reviewed, cancelled];
}

/** The history of every run of a payment, as the server keeps it. */
async function runsOf(workflowId: string): Promise<readonly Recorded[]> {
  const runs = await until(
    `the runs of ${workflowId} can be listed`,
    async () => {
      const found = [];
      for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
        found.push(runId);
      return found;
    },
    (found) => found.length > 0,
  );
  return Promise.all(
    runs.map(async (runId) => ({
      workflowId,
      history: await client.workflow.getHandle(workflowId, runId).fetchHistory(),
    })),
  );
}

async function replay(bundle: WorkflowBundleOption, histories: readonly Recorded[]): Promise<ReplayResult[]> {
  const results: ReplayResult[] = [];
  const { dataConverter } = payloads;
  for await (const result of Worker.runReplayHistories({ workflowBundle: bundle, dataConverter }, histories))
    results.push(result);
  return results;
}

const failed = (results: readonly ReplayResult[]): string[] =>
  results.flatMap(({ workflowId, error }) =>
    error === undefined ? [] : [`${workflowId}: ${error.message}`],
  );

describe('the histories of a day', () => {
  it('replay without a difference with the workflows that are built now', async () => {
    expect(recorded.length).toBeGreaterThan(10);
    const results = await replay(BUNDLE, recorded);
    expect(results).toHaveLength(recorded.length);
    expect(failed(results)).toEqual([]);
  });

  it.each([
    ['scores after it has chosen the acquirer', 'payment/authorize.js', 'fraud.score(', 'routing.route('],
    ['forgets to record how a call ended', 'payment/send.js', 'ledger.conclude(', 'ledger.load('],
    ['refunds where it captured', 'payment/call.js', "capture: 'capture'", "capture: 'refund'"],
  ])('do not replay with a workflow that %s', async (_what, file, text, replacement) => {
    const bundle = await brokenBundle(file, text, replacement);
    const results = await replay(bundle, recorded);
    expect(failed(results).join('\n')).toMatch(/nondetermini/i);
  });
});
