import { newId } from '../../platform/new-id.ts';
import { addFault } from '../../proof/support/faults.ts';
import { GOOD_CARD, idOf, sale, until, type World } from '../../proof/support/world.ts';

/** What stands for an id in a runbook, and which one is at hand. */
export type Ids = Partial<Record<'case' | 'pay' | 'ref' | 'dcs' | 'adj' | 'mer' | 'evt', string>>;

/** Payments that have what the pages are about. */
export interface Scenes {
  /** By kind of case. */
  readonly ofCases: ReadonlyMap<string, Ids>;
  readonly ofAlerts: Ids;
}

const pay = async (world: World, rest: Record<string, unknown>): Promise<string> =>
  idOf(await world.post('/v1/payments', { ...sale(GOOD_CARD), ...rest }, { wait: 20 }));

/** A refund of which nobody knows, as it comes about. */
async function unknownRefund(world: World): Promise<Ids> {
  const payment = await pay(world, { amount: 4_917 });
  await addFault(world, {
    match: { kind: 'refund', amount: 4_917 },
    action: { type: 'no_answer_not_executed' },
  });
  await world.post(`/v1/payments/${payment}/refunds`, {}, { wait: 0 });
  const [row] = await until(
    `a case of ${payment}`,
    () =>
      world.sql<{ id: string; operation_id: string }>(
        `select id, operation_id from cases where payment_id = $1 and kind = 'refund_unknown'`,
        [payment],
      ),
    (rows) => rows.length === 1,
  );
  return { case: row?.id ?? '', pay: payment, ref: row?.operation_id ?? '' };
}

/** Of the others the row alone: how each comes about is told where it is made. */
async function openCase(world: World, payment: string, kind: string): Promise<Ids> {
  const id = newId('case');
  await world.sql(
    `insert into cases (merchant_id, id, payment_id, operation_id, kind, detail, opened_at)
     values ($1, $2, $3, $4, $5, '"by a test"', now())`,
    [world.merchant, id, payment, payment.replace('pay_', 'auth_'), kind],
  );
  return { case: id, pay: payment };
}

/** A payment for every kind of case that the database knows, and one for the alerts. */
export async function setScenes(world: World): Promise<Scenes> {
  // The first use of its card: a fourth one within a minute would be blocked, not reviewed.
  const reviewed = await pay(world, { capture: 'manual', amount: 2_500_000 });
  await until(
    `${reviewed} waits for a person`,
    () => world.get(`/v1/payments/${reviewed}`),
    ({ body }) => body['status'] === 'in_review',
  );
  const [refund, held, stuck] = await Promise.all([
    unknownRefund(world),
    pay(world, { capture: 'manual' }),
    pay(world, { capture: 'manual' }),
  ]);
  const ofCases = new Map<string, Ids>();
  const kinds = await world.sql<{ kind: string }>('select kind from case_terms order by kind');
  for (const { kind } of kinds) {
    if (kind === 'refund_unknown') ofCases.set(kind, refund);
    else if (kind === 'review') ofCases.set(kind, { pay: reviewed });
    else ofCases.set(kind, await openCase(world, held, kind));
  }
  return { ofCases, ofAlerts: { pay: stuck, mer: world.merchant, evt: newId('evt') } };
}

/** Nobody else finds the cases that only a row was made of. */
export async function clearScenes(world: World): Promise<void> {
  await world.sql(
    `update cases set state = 'resolved', resolved_at = now() where merchant_id = $1 and state = 'open' and detail = '"by a test"'`,
    [world.merchant],
  );
}

/** With the ids at hand. @throws Error that names the one that is not. */
export function filled(text: string, ids: Ids): string {
  return text.replaceAll(/\b(case|pay|ref|dcs|adj|mer|evt)_…/g, (sign, kind: keyof Ids) => {
    const id = ids[kind];
    if (id === undefined) throw new Error(`${text}: no ${sign} is at hand`);
    return id;
  });
}
