import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../../platform/new-id.ts';
import { insert, openMainDatabase, type MainDatabase } from '../../schema/testing/main-database.ts';
import { stackRunFile } from '../../temporal-dev/testing/stack-run-file.ts';
import { registerBacklog } from './backlog.ts';
import { createEscalation } from './escalation.ts';

/** The promise: what was due and is still open is told once for each, however many there are, and counted. */

let database: MainDatabase;
beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());

it('escalates each overdue case once, page after page, and the metric counts them', async () => {
  const payment = await database.addPayment();
  const overdue = ['not_sent', 'unknown_too_long', 'answer_mismatch'];
  for (const kind of [...overdue, 'adopted'])
    await insert(database.owner, 'cases', {
      merchant_id: database.shop.merchant,
      id: newId('case'),
      payment_id: payment,
      operation_id: payment.replace('pay_', 'auth_'),
      kind,
      detail: '{}',
      opened_at: new Date(Date.now() - 5 * 3_600_000),
    });
  const told: { event: string; kind: unknown }[] = [];
  const note = (event: string, fields?: object): void => {
    told.push({ event, kind: (fields as { kind?: unknown } | undefined)?.kind });
  };
  const logger = { error: note, warn: note, info: note, debug: note };
  const escalate = createEscalation({ pool: database.worker, logger, page: 2 });
  expect(await escalate()).toBe(3);
  expect(told.map(({ event }) => event)).toEqual(Array(3).fill('case_escalated'));
  expect(told.map(({ kind }) => kind).sort()).toEqual([...overdue].sort());
  expect(await escalate()).toBe(0);
  expect(told).toHaveLength(3);

  const registry = new Registry();
  registerBacklog(registry, database.worker, Date.now);
  expect(await registry.metrics()).toMatch(/^cases_overdue 3$/m);
});
