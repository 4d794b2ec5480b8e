import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PaymentId } from '../workflows/domain/ids.ts';
import { IN_REVIEW, openCase, openDecisionScene, stands } from './testing/decision-scene.ts';
import type { MainDatabase } from './testing/main-database.ts';
import { refusalOf } from './testing/refusal.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

/** The promise: what waits for a person is seen with who minds it, and escalated once when it waits too long. */

let database: MainDatabase;
let payment: PaymentId;

beforeAll(async () => {
  database = await openDecisionScene(stackRunFile());
});
afterAll(() => database.close());
beforeEach(async () => {
  payment = await database.addPayment();
});

describe('what waits for a person', () => {
  interface Waiting {
    readonly id: string;
    readonly overdue: boolean;
    readonly assignee: string | null;
    readonly escalated_at: string | null;
  }
  const queue = async (): Promise<Waiting[]> =>
    (
      await database.gateway.query<{ w: Waiting }>('select w from work_queue(null, null, false, 500) w')
    ).rows.map(({ w }) => w);
  const mine = async (id: string) => (await queue()).find((one) => one.id === id);

  it('is minded by somebody, and escalated once when it is overdue', async () => {
    const hour = 3_600_000;
    const late = await openCase(database, payment, 'not_sent', new Date(Date.now() - 5 * hour));
    const fresh = await openCase(database, payment, 'advice_refused', new Date(Date.now() - 5 * hour));
    await stands(database, payment, `${IN_REVIEW}, created_at = now() - interval '5 hours'`);
    expect(await mine(late)).toMatchObject({ overdue: true, assignee: null, escalated_at: null });
    expect(await mine(payment)).toMatchObject({ overdue: true });
    expect(await mine(fresh)).toMatchObject({ overdue: false });

    const assign = (to: string | null, person = 'anna') =>
      database.gateway.query('select assign_work($1, $2, $3, $4)', [late, to, person, '127.0.0.1']);
    await assign('ben');
    expect(await mine(late)).toMatchObject({ assignee: 'ben' });
    expect((await refusalOf(assign('vic'))).code).toBe('insufficient_privilege');
    expect((await refusalOf(assign('ben', 'vic'))).code).toBe('insufficient_privilege');

    const escalate = async () =>
      (
        await database.worker.query<{ id: string; assignee: string | null }>(
          'select * from escalate_overdue(100)',
        )
      ).rows;
    const escalated = await escalate();
    expect(escalated.map(({ id }) => id)).toEqual(expect.arrayContaining([late, payment]));
    expect(escalated.map(({ id }) => id)).not.toContain(fresh);
    expect(await escalate()).toEqual([]);
    expect(await mine(late)).toMatchObject({
      assignee: 'ben',
      escalated_at: expect.any(String) as string,
    });
  });

  it('says all there is to know of it but the card and the customer', async () => {
    const id = await openCase(database, payment, 'adopted');
    const { rows } = await database.gateway.query<{ work: Record<string, unknown> }>(
      'select work_item($1) as work',
      [id],
    );
    expect(rows[0]?.work).toMatchObject({
      item: { id, kind: 'adopted', state: 'open' },
      payment: { id: payment, amount: '9000', currency: 'EUR' },
      cases: [{ id }],
      decisions: [],
    });
    expect(JSON.stringify(rows)).not.toMatch(/card|customer|ip_address|metadata/);
  });

  it('has a due time for every kind of case', async () => {
    const { rows } = await database.owner.query<{ kinds: string[]; definition: string }>(
      `select (select array_agg(kind) from case_terms) as kinds, pg_get_constraintdef(oid) as definition
       from pg_constraint where conname = 'cases_kind_check' and conrelid = 'cases'::regclass`,
    );
    const known = [...(rows[0]?.definition ?? '').matchAll(/'([a-z_]+)'/g)].map(([, kind]) => kind);
    expect(known.length).toBeGreaterThan(5);
    expect([...(rows[0]?.kinds ?? [])].sort()).toEqual([...known, 'review'].sort());
  });
});
