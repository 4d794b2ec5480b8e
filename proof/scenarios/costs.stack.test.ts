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

/** How many payments may be knocked at, one after another, before this is a matter of the payment's own. */
const KNOCKED_AT_MOST = 10;

/**
 * State transitions of a payment's closed run, as the server counts them. Of one that nobody had to
 * knock at: on a busy machine a payment takes longer than the relay waits, and a knock is a task more.
 */
async function transitionsOf(make: () => Promise<string>): Promise<number> {
  for (let knocked = 0; knocked < KNOCKED_AT_MOST; knocked += 1) {
    const handle = client.workflow.getHandle(await make());
    const { raw } = await until(
      'the run is closed',
      () => handle.describe(),
      ({ status }) => status.name === 'COMPLETED',
    );
    const { events } = await handle.fetchHistory();
    if (events?.every((event) => event.workflowExecutionSignaledEventAttributes == null) === true)
      return Number(raw.workflowExecutionInfo?.stateTransitionCount);
  }
  throw new Error(`each of ${KNOCKED_AT_MOST} payments was knocked at`);
}

describe('what a payment costs in Temporal', { timeout: 300_000 }, () => {
  it('a one-message purchase is at most 7 state transitions', async () => {
    const transitions = await transitionsOf(async () => {
      const created = await world.post('/v1/payments', sale('4242424242424242'));
      expect(created.body['status'], created.text).toBe('captured');
      return idOf(created);
    });
    expect(transitions).toBeLessThanOrEqual(7);
  });

  it('authorize, then capture, of one request is at most 11', async () => {
    const shop = await openWorld(stackRunFile(), { singleMessage: false });
    let made = 0;
    const transitions = await transitionsOf(async () => {
      const created = await shop.post('/v1/payments', sale('5555555555554444'));
      expect(created.body['status'], created.text).toBe('captured');
      made += 1;
      return idOf(created);
    });
    expect(transitions).toBeLessThanOrEqual(11);
    expect((await shop.journal()).map(({ kind }) => kind)).toEqual(
      Array.from({ length: made }, () => ['approved', 'captured']).flat(),
    );
    await shop.close();
  });

  it('a capture that comes as a request of its own adds 5', async () => {
    const transitions = await transitionsOf(async () => {
      const created = await world.post('/v1/payments', { ...sale('5555555555554444'), capture: 'manual' });
      expect(created.body['status'], created.text).toBe('authorized');
      const captured = await world.post(`/v1/payments/${idOf(created)}/capture`, {});
      expect(captured.body['status'], captured.text).toBe('captured');
      return idOf(created);
    });
    expect(transitions).toBeLessThanOrEqual(12);
  });
});
