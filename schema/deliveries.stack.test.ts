import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insert, openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: a merchant is told each thing once per change, and what was received stays received. */

let database: MainDatabase;
let sequence = 0;
let event: string;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());
beforeEach(async () => {
  sequence += 1;
  event = `evt_${sequence}`;
  await addEvent(event);
  await addDelivery(`dlv_${sequence}_1`);
});

const addEvent = (id: string, rest: Readonly<Record<string, unknown>> = {}): Promise<void> =>
  insert(database.owner, 'events', {
    merchant_id: database.shop.merchant,
    id,
    mode: 'test',
    payment_id: `pay_${sequence}`,
    version: 1,
    type: 'payment.captured',
    body: '{}',
    created_at: new Date(),
    ...rest,
  });

const addDelivery = (id: string): Promise<void> =>
  insert(database.owner, 'deliveries', {
    merchant_id: database.shop.merchant,
    id,
    event_id: event,
    endpoint_id: 'whe_1',
    created_at: new Date(),
  });

const move = (columns: string): Promise<unknown> =>
  database.worker.query(`update deliveries set ${columns} where merchant_id = $1 and id = $2`, [
    database.shop.merchant,
    `dlv_${sequence}_1`,
  ]);

describe('an event', () => {
  it('is told once of its type per change of a payment', async () => {
    const refused = await refusalOf(addEvent(`${event}_again`));
    expect(refused).toMatchObject({
      code: 'unique_violation',
      constraint: expect.stringMatching(
        /^events_unordered_merchant_id_payment_id_version_type_idx$/,
      ) as string,
    });
    await addEvent(`${event}_next`, { version: 2 });
    await addEvent(`${event}_other`, { type: 'refund.succeeded' });
  });
});

describe('a delivery', () => {
  it('exists once per event and endpoint', async () => {
    expect(await refusalOf(addDelivery(`dlv_${sequence}_1`))).toMatchObject({ code: 'unique_violation' });
    // Nor under another name: its id is made of both.
    expect(await refusalOf(addDelivery(`dlv_${sequence}_again`))).toMatchObject({
      code: 'check_violation',
      constraint: 'deliveries_once',
    });
  });

  it.each(["state = 'delivered'", "state = 'failed'", "state = 'endpoint_disabled'", 'concluded_at = now()'])(
    'ends in state and time together: %s alone is refused',
    async (columns) => {
      expect(await refusalOf(move(columns))).toMatchObject({ constraint: 'deliveries_check' });
    },
  );

  it.each(['pending', 'retrying', 'failed', 'endpoint_disabled'])(
    'that was received cannot become %s again',
    async (state) => {
      await move("state = 'delivered', concluded_at = now()");
      const concluded = state === 'failed' || state === 'endpoint_disabled' ? 'now()' : 'null';
      expect(await refusalOf(move(`state = '${state}', concluded_at = ${concluded}`))).toMatchObject({
        code: 'check_violation',
        message: expect.stringContaining(
          `delivery dlv_${sequence}_1 is delivered: it cannot become ${state}`,
        ) as string,
      });
      await move('attempts = attempts + 1');
    },
  );

  it('that was given up can still be received', async () => {
    await move("state = 'failed', concluded_at = now()");
    await move("state = 'delivered'");
  });
});
