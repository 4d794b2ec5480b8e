import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { idOf, openWorld, sale, until, type World } from '../support/world.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';

let world: World;
let connection: Connection;
let client: Client;

beforeAll(async () => {
  const run = await readRunFile(stackRunFile());
  world = await openWorld(stackRunFile());
  connection = await Connection.connect({ address: run.temporal.address });
  client = new Client({ connection, namespace: run.temporal.namespace });
});
afterAll(async () => {
  await connection.close();
  await world.close();
});

/** State transitions of a payment's closed run, as the server counts them. */
async function closedTransitions(id: string): Promise<number> {
  const { raw } = await until(
    'the run is closed',
    () => client.workflow.getHandle(id).describe(),
    ({ status }) => status.name === 'COMPLETED',
  );
  return Number(raw.workflowExecutionInfo?.stateTransitionCount);
}

describe('what a payment costs in Temporal', () => {
  it('a one-message purchase is at most 7 state transitions', async () => {
    const created = await world.post('/v1/payments', sale('4242424242424242'));
    expect(created.body['status'], created.text).toBe('captured');
    expect(await closedTransitions(idOf(created))).toBeLessThanOrEqual(7);
  });

  it('authorize, then capture, of one request is at most 11', async () => {
    const shop = await openWorld(stackRunFile(), { singleMessage: false });
    const created = await shop.post('/v1/payments', sale('5555555555554444'));
    expect(created.body['status'], created.text).toBe('captured');
    expect(await closedTransitions(idOf(created))).toBeLessThanOrEqual(11);
    expect((await shop.journal()).map(({ kind }) => kind)).toEqual(['approved', 'captured']);
    await shop.close();
  });

  it('a capture that comes as a request of its own adds 5', async () => {
    const created = await world.post('/v1/payments', { ...sale('5555555555554444'), capture: 'manual' });
    expect(created.body['status'], created.text).toBe('authorized');
    const captured = await world.post(`/v1/payments/${idOf(created)}/capture`, {});
    expect(captured.body['status'], captured.text).toBe('captured');
    expect(await closedTransitions(idOf(created))).toBeLessThanOrEqual(12);
  });
});
