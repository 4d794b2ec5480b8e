import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import { openPayloads, type OpenPayloads } from '../../temporal-dev/testing/payloads.ts';
import { ringOnAndOn } from '../../temporal-dev/testing/rings.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { askUntilAnswered, AT_ONCE_MS } from '../support/at-once.ts';
import { idOf, openWorld, sale, type World } from '../support/world.ts';

/**
 * The promise: a payment that is rung at without a pause continues as new when its history has grown long (in the
 * tests’ stacks at 600 events), and what is asked of it meanwhile happens once.
 */
let world: World;
let connection: Connection;
let client: Client;
let payloads: OpenPayloads;

beforeAll(async () => {
  const run = await readRunFile(stackRunFile());
  payloads = openPayloads(run);
  connection = await Connection.connect({ address: run.temporal.address });
  client = new Client({
    connection,
    namespace: run.temporal.namespace,
    dataConverter: payloads.dataConverter,
  });
  world = await openWorld(stackRunFile(), { singleMessage: false, acquirers: ['acquirer-1'] });
});
afterAll(async () => {
  await Promise.all([world.close(), connection.close(), payloads.close()]);
});

/** Far above what a run of 600 events takes, and below Temporal's own limit of events for a run. */
const RINGS_MAX = 400;

it(
  'continues as new while it is rung at, and each part of it is captured once meanwhile',
  async () => {
    const { merchant } = world;
    const held = await world.post(
      '/v1/payments',
      { ...sale('5555555555554444'), amount: 500_000, capture: 'manual' },
      { wait: 20 },
    );
    const payment = idOf(held);
    const handle = client.workflow.getHandle(payment);
    const { runId: first } = await handle.describe();

    let continued = false;
    const enough = async (times: number): Promise<boolean> => {
      // Each question costs more than a ring.
      if (times % 10 === 0) continued = (await handle.describe()).runId !== first;
      return !continued && times < RINGS_MAX;
    };
    async function take(): Promise<number> {
      let done = 0;
      for (let sum = 0; !continued; done += 1) {
        const amount = 100 + done;
        sum += amount;
        const taken = await askUntilAnswered(world, `/v1/payments/${payment}/captures`, {
          amount,
          final: false,
        });
        expect(taken.body['amount_captured'], taken.text).toBe(sum);
      }
      return done;
    }
    const ref = { merchant, payment };
    const [captures, ...lanes] = await Promise.all([
      take(),
      ringOnAndOn(client, ref, enough),
      ringOnAndOn(client, ref, enough),
    ]);

    expect(continued, `after ${lanes.flat().length} rings`).toBe(true);
    expect((await client.workflow.getHandle(payment, first).describe()).status.name).toBe('CONTINUED_AS_NEW');
    const voided = await world.post(`/v1/payments/${payment}/void`, {}, { wait: 20 });
    expect(voided.status, voided.text).toBeLessThan(300);
    const sent = await world.sql<{ kind: string; amount: string }>(
      'select kind, amount::text from attempts where payment_id = $1 order by planned_at, id',
      [payment],
    );
    expect(sent.map(({ kind, amount }) => `${kind} ${amount}`)).toEqual([
      'authorization 500000',
      ...Array.from({ length: captures }, (_, index) => `capture ${100 + index}`),
      expect.stringContaining('void'),
    ]);
  },
  AT_ONCE_MS,
);
