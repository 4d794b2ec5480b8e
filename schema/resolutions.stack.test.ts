import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { newId } from '../platform/new-id.ts';
import type { PaymentId } from '../workflows/domain/ids.ts';
import { insert, openMainDatabase, type MainDatabase } from './testing/main-database.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: an authorization is asked about or undone until the acquirer knows of it; nobody's word ends that. */

let database: MainDatabase;
let payment: PaymentId;

beforeAll(async () => {
  database = await openMainDatabase(stackRunFile());
});
afterAll(() => database.close());
beforeEach(async () => {
  payment = await database.addPayment();
});

const operation = (): string => `ref_${payment.slice(4)}`;

const stands = (phase: string, kind = 'refund'): Promise<void> =>
  insert(database.owner, 'operations', {
    merchant_id: database.shop.merchant,
    id: operation(),
    payment_id: payment,
    kind,
    amount: 9_000,
    state: 'pending',
    phase,
    created_at: new Date(),
    current_attempt_id: `att_${payment.slice(4)}_a1`,
  });

async function propose(outcome: string): Promise<string> {
  const id = newId('res');
  const asked = {
    id,
    merchant_id: database.shop.merchant,
    payment_id: payment,
    operation_id: operation(),
    outcome,
    evidence: 'report line 7',
    reason: 'it is not in the report',
  };
  await database.operator.query('select propose_resolution($1::jsonb, $2)', [JSON.stringify(asked), 'anna']);
  return id;
}

const decide = (id: string, decision: string): Promise<unknown> =>
  database.operator.query('select decide_resolution($1, $2, $3, $4)', [id, decision, 'ben', 'seen']);

const commands = async (): Promise<number> =>
  (await database.owner.query('select 1 from commands where payment_id = $1', [payment])).rowCount ?? 0;

it.each(['authorize', 'reauthorize', 'increment', 'undo', 'release', 'expiry'])(
  'what is unknown and a %s cannot be called not executed',
  async (kind) => {
    for (const phase of ['unknown', 'reversing', 'waiting']) {
      payment = await database.addPayment();
      await stands(phase, kind);
      expect(await refusalOf(propose('not_executed'))).toMatchObject({
        constraint: 'resolutions_of_unknowns',
        message: expect.stringContaining('until the acquirer knows of it') as string,
      });
    }
    expect(await commands()).toBe(0);
  },
);

it.each(['unknown', 'waiting', 'case'])(
  'a refund that is %s is called not executed by two people',
  async (phase) => {
    await stands(phase);
    const id = await propose('not_executed');
    await decide(id, 'approve');
    expect(await commands()).toBe(1);
    // Once each in the audit log, also when it is said again.
    await decide(id, 'approve');
    const { rows } = await database.owner.query<{ line: string }>(
      `select kind || ' ' || login || ' ' || action as line from gateway_audit where workflow_ids @> array[$1] order by id`,
      [payment],
    );
    expect(rows.map(({ line }) => line)).toEqual([
      `command_line anna proposed ${id}`,
      `command_line ben approved ${id}`,
    ]);
  },
);
