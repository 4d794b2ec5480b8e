import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../../platform/new-id.ts';
import { insert, openMainDatabase, type MainDatabase } from '../../schema/testing/main-database.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import type { PaymentId } from '../../workflows/domain/ids.ts';
import { registerBacklog } from './backlog.ts';

/** The promise: what waits is counted as what it is, payment by payment. */

let database: MainDatabase;
beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());

const HOUR_MS = 3_600_000;
const ago = (hours: number): Date => new Date(Date.now() - hours * HOUR_MS);

const addOperation = (payment: PaymentId, rest: Record<string, unknown>): Promise<void> =>
  insert(database.owner, 'operations', {
    merchant_id: database.shop.merchant,
    id: payment.replace('pay_', 'ref_'),
    payment_id: payment,
    kind: 'refund',
    amount: 100,
    state: 'pending',
    origin: 'merchant',
    created_at: ago(9),
    ...rest,
  });

const addCommand = (payment: PaymentId, hours: number, rest: Record<string, unknown> = {}): Promise<void> =>
  insert(database.owner, 'commands', {
    merchant_id: database.shop.merchant,
    id: newId('cmd'),
    payment_id: payment,
    kind: 'refund',
    origin: 'merchant',
    operation_id: payment.replace('pay_', 'ref_'),
    body: '{"amount":100}',
    created_at: ago(hours),
    ...rest,
  });

/** What a fresh look says: nothing is remembered between two. */
async function looked(): Promise<(name: string) => number> {
  const registry = new Registry();
  registerBacklog(registry, database.worker, Date.now);
  const text = await registry.metrics();
  return (name) => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

const hours = (seconds: number): number => Math.floor(seconds / 3_600);

it('a command is stuck where its own payment has nothing to wait for; a refund in a case is unknown until somebody says', async () => {
  const [unknown, held, asked] = [
    await database.addPayment(),
    await database.addPayment(),
    await database.addPayment(),
  ];
  await addOperation(unknown, { phase: 'unknown', unknown_since: ago(5) });
  await addCommand(unknown, 5);
  await addOperation(held, { phase: 'waiting' });
  await addCommand(held, 8);
  await addOperation(asked, { phase: 'case' });
  await addCommand(asked, 7);
  const first = await looked();
  expect(first('commands_pending')).toBe(3);
  expect(hours(first('command_lag_seconds'))).toBe(8);
  expect(first('command_stuck_seconds')).toBe(0);
  expect([first('unknown_outcomes'), hours(first('unknown_age_seconds'))]).toEqual([1, 5]);

  const record = {
    merchant_id: database.shop.merchant,
    payment_id: asked,
    operation_id: asked.replace('pay_', 'ref_'),
    detail: '{}',
  };
  await insert(database.owner, 'cases', {
    ...record,
    id: newId('case'),
    kind: 'refund_unknown',
    opened_at: ago(7),
  });
  await insert(database.owner, 'cases', { ...record, id: newId('case'), kind: 'adopted', opened_at: ago(8) });
  const second = await looked();
  expect([second('unknown_outcomes'), hours(second('unknown_age_seconds'))]).toEqual([2, 7]);

  // As an operator's decision leaves it.
  const paused = await database.addPayment();
  await addOperation(paused, { phase: 'ready' });
  await addCommand(paused, 9);
  await addCommand(paused, 10, { kind: 'create', operation_id: paused.replace('pay_', 'auth_') });
  await database.superuser.query(
    'update payments set paused_at = now(), version = version + 1 where id = $1',
    [paused],
  );
  expect((await looked())('command_stuck_seconds')).toBe(0);

  // Another payment whose step hangs is not hidden by any of them.
  await addCommand(await database.addPayment(), 2);
  expect(hours((await looked())('command_stuck_seconds'))).toBe(2);

  // A pause holds nothing back but what it is for: neither what is refused at once, nor what operators ask for.
  const refused = { kind: 'capture', operation_id: paused.replace('pay_', 'cap_') };
  await addCommand(paused, 3, refused);
  expect(hours((await looked())('command_stuck_seconds'))).toBe(3);
  const resumed = { kind: 'resume', origin: 'operator', operation_id: paused.replace('pay_', 'resume_') };
  await addCommand(paused, 4, resumed);
  expect(hours((await looked())('command_stuck_seconds'))).toBe(4);
});

it('what an acquirer reported is late from when it was due, and not before, nor when it is worked off', async () => {
  const addEvent = (dueAt: Date, rest: Record<string, unknown> = {}): Promise<void> =>
    insert(database.superuser, 'acquirer_events', {
      id: newId('aev'),
      acquirer_id: 'acquirer-1',
      dedupe_key: newId('aev'),
      type: 'CAPTURE:true',
      item: '{}',
      due_at: dueAt,
      ...rest,
    });
  await addEvent(ago(-1));
  await addEvent(ago(9), { state: 'delivered', done_at: ago(8) });
  expect((await looked())('acquirer_event_lag_seconds')).toBe(0);
  await addEvent(ago(3));
  expect(hours((await looked())('acquirer_event_lag_seconds'))).toBe(3);
});
