import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import { readRunFile, type RunFile } from '../temporal-dev/run-file.ts';
import { createDatabase } from '../temporal-dev/testing/database.ts';
import { waitUntil } from '../temporal-dev/testing/wait-until.ts';
import { openGateway, type OwnGateway } from './testing/own-gateway.ts';
import { heldPayment } from './testing/payments.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/**
 * The promise: nobody does through Temporal Web what their role may not, whatever the page shows, and
 * what is done has been written down before.
 */

let run: RunFile;
let gateway: OwnGateway;
let connection: Connection;
let temporal: Client;

beforeAll(async () => {
  run = await readRunFile(stackRunFile());
  gateway = await openGateway(run);
  connection = await Connection.connect({ address: run.temporal.address });
  temporal = new Client({ connection, namespace: run.temporal.namespace });
});
afterAll(async () => {
  await connection.close();
  await gateway.close();
});

const at = (payment: string, rest: string) =>
  `/api/v1/namespaces/${run.temporal.namespace}/workflows/${payment}/${rest}`;

async function events(payment: string) {
  const { events: all } = await temporal.workflow.getHandle(payment).fetchHistory();
  return all ?? [];
}

describe('a viewer', () => {
  it('is refused every write, on whatever path, and the payment does not notice', async () => {
    const { id: payment } = await heldPayment(run);
    const viewer = await gateway.visitor('viewer');
    const before = (await events(payment)).length;
    const refused = [
      at(payment, 'terminate'),
      at(payment, 'terminate?execution.runId='),
      at(payment, 'cancel'),
      at(payment, 'reset'),
      at(payment, 'signal/knock'),
      at(payment, 'update/ring'),
      at(payment, 'pause'),
      at(payment, 'whatever-comes-next'),
      at(payment, 'x/../terminate'),
      `/api/v1/namespaces/default/batch-operations/1`,
      '/api/v1/namespaces',
      '/api/v1/settings',
    ];
    for (const path of refused) {
      const answer = await viewer.post(path, { reason: 'x' }, { 'x-http-method-override': 'GET' });
      expect(answer, path).toMatchObject({ status: 403 });
      expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    }
    expect(await viewer.post('/namespaces/default/workflows', {})).toMatchObject({ status: 405 });
    expect(await events(payment)).toHaveLength(before);
    expect((await temporal.workflow.getHandle(payment).describe()).status.name).toBe('RUNNING');

    const lines = (await gateway.audit(viewer.login)).filter(({ kind }) => kind === 'write_refused');
    expect(lines).toHaveLength(refused.length);
    expect(lines[0]).toMatchObject({ role: 'viewer', action: 'terminate', workflow_ids: [payment] });
  });

  it('may ask a workflow what it waits for', async () => {
    const { id: payment } = await heldPayment(run);
    const viewer = await gateway.visitor('viewer');
    const answer = await viewer.post(at(payment, 'query/__stack_trace'), {
      execution: { workflowId: payment },
      query: { queryType: '__stack_trace' },
    });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toHaveProperty('queryResult.payloads');
  });
});

describe('an operator', () => {
  it('signals, in their own name, and both the call and its answer are written down', async () => {
    const { id: payment } = await heldPayment(run);
    const operator = await gateway.visitor('operator');
    const answer = await operator.post(at(payment, 'signal/knock'), {
      signalName: 'knock',
      identity: 'somebody else',
      workflowExecution: { workflowId: payment },
    });
    expect(answer.status, answer.text).toBe(200);
    const signals = (await events(payment)).flatMap(
      ({ workflowExecutionSignaledEventAttributes: signal }) => signal ?? [],
    );
    expect(signals).toMatchObject([{ signalName: 'knock', identity: `operator:${operator.login}` }]);

    const [write, answered] = (await gateway.audit(operator.login)).slice(-2);
    expect(write).toMatchObject({
      kind: 'write',
      role: 'operator',
      action: 'signal knock',
      namespace: run.temporal.namespace,
      workflow_ids: [payment],
    });
    expect(answered).toMatchObject({ kind: 'answered', answers: write?.id, status: 200 });
  });

  it('rings for a decision with what the codec sealed, and the run takes it', async () => {
    const { id: payment, merchant, status } = await heldPayment(run);
    const operator = await gateway.visitor('operator');
    const command = newId('cmd');
    // A decision is a row; the update carries only its id.
    await gateway.owner.query(
      `insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body)
       values ($1, $2, $3, 'void', 'operator', $4, '{}')`,
      [merchant, command, payment, newId('void')],
    );
    const args = await operator.post(
      '/codec/encode',
      {
        payloads: [
          {
            metadata: { encoding: Buffer.from('json/plain').toString('base64') },
            data: Buffer.from(JSON.stringify(command)).toString('base64'),
          },
        ],
      },
      { 'x-namespace': run.temporal.namespace },
    );
    const answer = await operator.post(at(payment, 'update/ring'), {
      workflowExecution: { workflowId: payment },
      waitPolicy: { lifecycleStage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED' },
      request: { meta: { updateId: command }, input: { name: 'ring', args: args.body } },
    });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toHaveProperty('outcome.success');
    await waitUntil('the payment is voided', 30_000, async () => (await status()) === 'voided');
    const [accepted] = (await events(payment)).flatMap(
      ({ workflowExecutionUpdateAcceptedEventAttributes: update }) =>
        update?.acceptedRequest?.meta?.updateId === command ? [update.acceptedRequest.meta] : [],
    );
    expect(accepted?.identity).toBe(`operator:${operator.login}`);
  });

  it('may neither stop a payment nor act elsewhere', async () => {
    const { id: payment } = await heldPayment(run);
    const operator = await gateway.visitor('operator');
    for (const path of [at(payment, 'terminate'), at(payment, 'pause')])
      expect(await operator.post(path, {})).toMatchObject({
        status: 403,
        body: { code: 'role_insufficient' },
      });
    expect(await operator.post('/api/v1/namespaces/temporal-system/workflows/x/signal/y', {})).toMatchObject({
      status: 403,
      body: { code: 'action_refused' },
    });
  });
});

describe('an admin', () => {
  it('terminates a run, which the keeper starts anew; nobody cancels, resets, starts or reaches many at once', async () => {
    const { id: payment, status } = await heldPayment(run);
    const admin = await gateway.visitor('admin');
    for (const path of [
      at(payment, 'cancel'),
      at(payment, 'reset'),
      at(payment, 'signal-with-start/knock'),
      '/api/v1/namespaces/default/batch-operations/job',
      '/api/v1/namespaces/default/activity-complete',
    ])
      expect(await admin.post(path, {})).toMatchObject({ status: 403, body: { code: 'action_refused' } });
    const { runId } = await temporal.workflow.getHandle(payment).describe();
    const answer = await admin.post(at(payment, 'terminate'), { reason: 'a test' });
    expect(answer.status, answer.text).toBe(200);
    await waitUntil('the keeper has started the payment again', 40_000, async () => {
      const now = await temporal.workflow.getHandle(payment).describe();
      return now.runId !== runId && now.status.name === 'RUNNING';
    });
    expect(await status()).toBe('authorized');
  });
});

describe('what cannot be written down', () => {
  it('is not done', async () => {
    const { id: payment } = await heldPayment(run);
    const database = await createDatabase(run, { schema: 'main' });
    const own = await openGateway(run, { database });
    try {
      const operator = await own.visitor('operator');
      const before = (await events(payment)).length;
      const superuser = new pg.Client({ connectionString: database.superuserUrl });
      await superuser.connect();
      await superuser.query('revoke insert on gateway_audit from quittance_gateway');
      await superuser.query(
        'revoke insert (kind, login, role, address, action, namespace, workflow_ids, payloads, answers, status) on gateway_audit from quittance_gateway',
      );
      await superuser.end();
      const signal = await operator.post(at(payment, 'signal/knock'), { signalName: 'knock' });
      expect(signal.status).toBe(500);
      expect((await operator.post('/codec/decode', { payloads: [] })).status).toBe(500);
      expect(await events(payment)).toHaveLength(before);
    } finally {
      await own.close();
      await database.drop();
    }
  });
});
