import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { openedText, storedText } from '../../temporal-dev/testing/open-history.ts';
import { openPayloads, type OpenPayloads } from '../../temporal-dev/testing/payloads.ts';
import { idOf, openWorld, sale, settled, until, type World } from '../support/world.ts';

let world: World;
let connection: Connection;
/** Somebody who reaches Temporal and has none of our keys. */
let stranger: Client;
let payloads: OpenPayloads;

beforeAll(async () => {
  const run = await readRunFile(inject('runFile'));
  world = await openWorld(inject('runFile'), { singleMessage: false });
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
