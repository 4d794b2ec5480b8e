import { execFile } from 'node:child_process';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { openPayloads, type OpenPayloads } from '../../temporal-dev/testing/payloads.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { decision, status, timeline } from '../../workflows/payment/payment.contract.ts';
import { idOf, openWorld, sale, until, type World } from '../support/world.ts';

/**
 * The promise: an operator finds a payment by what is the matter with it, reads what it waits for, and
 * may let its run begin again without anything being done twice.
 */
let world: World;
let connection: Connection;
let client: Client;
let payloads: OpenPayloads;

beforeAll(async () => {
  const run = await readRunFile(stackRunFile());
  payloads = openPayloads(run);
  const { dataConverter } = payloads;
  connection = await Connection.connect({ address: run.temporal.address });
  client = new Client({ connection, namespace: run.temporal.namespace, dataConverter });
  world = await openWorld(stackRunFile(), { singleMessage: false, acquirers: ['acquirer-1'] });
});
afterAll(async () => {
  await Promise.all([world.close(), connection.close(), payloads.close()]);
});

/** The payments of this merchant that a saved view of docs/operating.md shows. */
async function view(query: string): Promise<readonly string[]> {
  const ids: string[] = [];
  const mine = `${query} AND QuittanceMerchant = '${world.merchant}'`;
  for await (const { workflowId } of client.workflow.list({ query: mine })) ids.push(workflowId);
  return ids;
}

const shows = (query: string, id: string): Promise<unknown> =>
  until(
    `${query} shows ${id}`,
    () => view(query),
    (found) => found.includes(id),
  );

async function tool(...args: string[]): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    const all = ['dist/tools/cli/main.js', 'ops', 'reset', ...args, '--run-file', stackRunFile()];
    execFile(process.execPath, all, (error, out, errors) => {
      resolve({ code: error === null ? 0 : Number(error.code), out: out + errors });
    });
  });
}

/** What reached the acquirer of the payments of that amount. */
async function sentOf(amount: number): Promise<readonly unknown[]> {
  return (await world.journal()).filter((line) => Number(line.amount) === amount).map(({ kind }) => kind);
}

async function pay(rest: Record<string, unknown>, number = '5555555555554444'): Promise<string> {
  return idOf(
    await world.post('/v1/payments', { ...sale(number), capture: 'manual', ...rest }, { wait: 20 }),
  );
}

describe('in Temporal Web', () => {
  it('a payment in review is found, and says that a person decides', async () => {
    const id = await pay({ amount: 2_500_000 });
    await shows(`ExecutionStatus = 'Running' AND QuittanceAttention = 'review'`, id);
    await shows(`QuittanceStatus = 'in_review' AND QuittanceBand = '10000-99999 review'`, id);
    const handle = client.workflow.getHandle(id);
    expect(await handle.query(status)).toMatchObject({
      status: 'in_review',
      waits_for: expect.stringContaining('a person decides') as string,
    });
    const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    expect(metadata.currentDetails).toMatch(/^in_review; a person decides its review, .*, since /);
    const { staticSummary } = await handle.describe();
    expect(await staticSummary()).toMatch(/^card payment, started by the api for cmd_/);
    await world.post(`/v1/payments/${id}/void`, {});
  });

  it('an unknown payment is found by its attention and its acquirer, and when it is over by how it ended', async () => {
    const began = new Date().toISOString();
    const id = idOf(
      await world.post('/v1/payments', { ...sale('4000000000000119'), capture: 'manual' }, { wait: 0 }),
    );
    await shows(`ExecutionStatus = 'Running' AND QuittanceStatus = 'processing'`, id);
    await shows(`QuittanceAcquirer = 'acquirer-1' AND StartTime > '${began}'`, id);
    await until(
      `${id} is reversed`,
      () => world.get(`/v1/payments/${id}`),
      ({ body }) => body['status'] === 'failed',
    );
    await shows(
      `ExecutionStatus = 'Completed' AND QuittanceStatus = 'failed' AND QuittanceAttention = 'none'`,
      id,
    );
    const handle = client.workflow.getHandle(id);
    const steps = (await handle.query(timeline)).map(({ step }) => step);
    expect(steps).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^authorization at acquirer-1, attempt 1$/),
        expect.stringMatching(/^resolve authorize/),
      ]),
    );
    expect(await handle.query(decision)).toMatchObject({ left: {} });
  });
});

describe('a reset to the first task', () => {
  it('authorizes nothing a second time, is refused for another run than the current one, and is made once in a batch', async () => {
    const id = await pay({ amount: 6_001 });
    const { runId } = await client.workflow.getHandle(id).describe();
    const why = ['--by', 'anna', '--reason', 'a test', '--batch', `batch-${id}`];
    expect(await tool(id, ...why)).toMatchObject({
      code: 0,
      out: expect.stringContaining(`would reset ${id} run ${runId} RUNNING`) as string,
    });
    const done = await tool(id, '--run', runId, ...why, '--go');
    expect(done.code, done.out).toBe(0);
    const now = await client.workflow.getHandle(id).describe();
    expect(now.runId).not.toBe(runId);
    const older = await tool(id, '--run', runId, ...why, '--go');
    expect([older.code, older.out]).toEqual([1, expect.stringContaining('is not the current run')]);
    const again = await tool('--query', `WorkflowId = '${id}'`, ...why, '--go');
    expect([again.code, again.out]).toEqual([0, expect.stringContaining(`${id} goes on as ${now.runId}`)]);

    const captured = await world.post(`/v1/payments/${id}/capture`, {});
    expect(captured.body['status'], captured.text).toBe('captured');
    expect(await sentOf(6_001)).toEqual(['approved', 'captured']);
    const audited = await world.sql<{ login: string; action: string }>(
      `select login, action from gateway_audit where kind = 'command_line' and workflow_ids @> array[$1] order by id limit 1`,
      [id],
    );
    expect(audited).toEqual([{ login: 'anna', action: `reset ${id} [batch-${id}]: a test (anna)` }]);
  });
});
