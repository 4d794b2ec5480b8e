import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { openedText, storedText } from '../../temporal-dev/testing/open-history.ts';
import { openPayloads, type OpenPayloads } from '../../temporal-dev/testing/payloads.ts';
import { temporalCommand } from '../../temporal-dev/testing/temporal-command.ts';
import { idOf, openWorld, sale, settled, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

const execute = promisify(execFile);

let world: World;
let connection: Connection;
/** Somebody who reaches Temporal and has none of our keys. */
let stranger: Client;
let payloads: OpenPayloads;

beforeAll(async () => {
  const run = await readRunFile(stackRunFile());
  world = await openWorld(stackRunFile(), { singleMessage: false });
  connection = await Connection.connect({ address: run.temporal.address });
  stranger = new Client({ connection, namespace: run.temporal.namespace });
  payloads = openPayloads(run);
});
afterAll(async () => {
  await payloads.close();
  await connection.close();
  await world.close();
});

async function held(): Promise<string> {
  const id = idOf(await world.post('/v1/payments', { ...sale('4242424242424242'), capture: 'manual' }));
  await settled(world, id);
  return id;
}

describe('what Temporal keeps of a payment', () => {
  it('is sealed: neither token nor card facts stand open in its history, and our keys open them', async () => {
    const id = await held();
    const history = await stranger.workflow.getHandle(id).fetchHistory();
    const [row] = await world.sql<{ card_token: string; card_bin: string }>(
      'select card_token, card_bin from payments where id = $1',
      [id],
    );
    const stored = storedText(history);
    expect(row?.card_token).toMatch(/^card_/);
    expect(stored).not.toContain(row?.card_token);
    const opened = await openedText(history, payloads.dataConverter.payloadCodecs?.[0]);
    expect(opened).toContain(row?.card_token);
    expect(opened).not.toContain('quittance/refused');
  });
});

describe('a plain message of a stranger', () => {
  it('leaves a payment healthy: the signal is dropped, the update rejected, the query refused', async () => {
    const id = await held();
    const handle = stranger.workflow.getHandle(id);
    await handle.signal('knock', { not: 'ours' });
    await expect(
      handle.executeUpdate('ring', { args: ['cmd_of_a_stranger'], updateId: 'of-a-stranger' }),
    ).rejects.toThrow();
    await expect(handle.query('anything', 'at all')).rejects.toThrow();
    const { events } = await handle.fetchHistory();
    const accepted = (events ?? []).flatMap(
      ({ workflowExecutionUpdateAcceptedEventAttributes: update }) => update?.protocolInstanceId ?? [],
    );
    expect(accepted).not.toContain('of-a-stranger');

    const captured = await world.post(`/v1/payments/${id}/capture`, {});
    expect(captured.body['status'], captured.text).toBe('captured');
  });

  it('typed into Temporal’s own program is refused wherever it knocks, and the payment is as before', async () => {
    const id = await held();
    const before = await world.get(`/v1/payments/${id}`);
    const { address, namespace } = (await readRunFile(stackRunFile())).temporal;
    const program = await temporalCommand();
    const type = (...words: readonly string[]): Promise<string> =>
      execute(
        program,
        ['workflow', ...words, '--workflow-id', id, '--address', address, '--namespace', namespace],
        {
          timeout: 20_000,
        },
      ).then(
        () => 'taken',
        (error: unknown) => (error as { stderr?: string }).stderr ?? String(error),
      );
    // Nobody can tell a sender of a signal what became of it.
    expect(await type('signal', '--name', 'knock', '--input', '"in plain text"')).toBe('taken');
    const refusals = await Promise.all([
      type('update', 'execute', '--name', 'ring', '--update-id', 'typed', '--input', '"cmd_typed"'),
      type('query', '--name', 'status', '--input', '"in plain text"'),
    ]);
    for (const said of refusals) {
      expect(said).not.toBe('taken');
      // It got as far as the payment.
      expect(said).not.toMatch(/unknown flag|usage:|connection refused|not found/i);
    }
    expect((await world.get(`/v1/payments/${id}`)).body).toEqual(before.body);
    const captured = await world.post(`/v1/payments/${id}/capture`, {});
    expect(captured.body['status'], captured.text).toBe('captured');
  });

  it('that looks sealed and names a key that no database takes is dropped: no workflow task fails', async () => {
    const id = await held();
    const { namespace } = (await readRunFile(stackRunFile())).temporal;
    const sealed = { encoding: 'binary/quittance-sealed', namespace, workflow: id };
    for (const key of ['\0', 'dk_\0', `dk_${'0'.repeat(100_000)}`])
      await connection.workflowService.signalWorkflowExecution({
        namespace,
        workflowExecution: { workflowId: id },
        signalName: 'knock',
        requestId: randomUUID(),
        input: {
          payloads: [
            {
              metadata: Object.fromEntries(
                Object.entries({ ...sealed, key }).map(([name, value]) => [name, Buffer.from(value)]),
              ),
              data: Buffer.alloc(64),
            },
          ],
        },
      });
    const captured = await world.post(`/v1/payments/${id}/capture`, {});
    expect(captured.body['status'], captured.text).toBe('captured');
    const { events } = await stranger.workflow.getHandle(id).fetchHistory();
    const failed = (events ?? []).filter((event) => event.workflowTaskFailedEventAttributes != null);
    expect(failed).toEqual([]);
  });

  it('cannot start a payment: the run ends, and the keeper’s own goes on', async () => {
    const id = await held();
    await stranger.workflow.getHandle(id).terminate('makes room for a stranger');
    const run = await stranger.workflow.start('payment', {
      workflowId: id,
      taskQueue: 'payments',
      args: [{ merchant: world.merchant, payment: id }],
    });
    await until(
      'the stranger’s run has failed',
      () => run.describe(),
      ({ status }) => status.name === 'FAILED',
    );
    // Not even the text of a failure stands open.
    const { events } = await run.fetchHistory();
    expect(events?.at(-1)?.workflowExecutionFailedEventAttributes?.failure).toMatchObject({
      message: 'Encoded failure',
      stackTrace: '',
    });
    const captured = await world.post(`/v1/payments/${id}/capture`, {});
    expect(captured.body['status'], captured.text).toBe('captured');
  });
});
