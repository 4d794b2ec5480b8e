import { newId } from '../../platform/new-id.ts';
import type { PaymentId } from '../../workflows/domain/ids.ts';
import { insert, openMainDatabase, type MainDatabase } from './main-database.ts';

/** A main database in which anna and ben may decide, and vic only looks. */
export async function openDecisionScene(runPath: string): Promise<MainDatabase> {
  const database = await openMainDatabase(runPath);
  for (const [login, role] of [
    ['anna', 'operator'],
    ['ben', 'operator'],
    ['vic', 'viewer'],
  ] as const)
    await addOperator(database, login, role);
  return database;
}

export function addOperator(database: MainDatabase, login: string, role: string): Promise<void> {
  return insert(database.owner, 'gateway_operators', {
    login,
    role,
    password_hash: 'scrypt$not-a-password',
  });
}

const MONEY = `authorization_state = 'held', amount_authorized = 9000, capture_before = now() + interval '6 days'`;
export const HELD = `${MONEY}, review = 'none', status = 'authorized'`;
export const IN_REVIEW = `${MONEY}, review = 'open', status = 'in_review', review_by = now() + interval '1 day'`;

/** As a superuser who steps around the triggers: the payment stands so. */
export async function stands(database: MainDatabase, payment: PaymentId, columns: string): Promise<void> {
  const client = await database.superuser.connect();
  try {
    await client.query('set session_replication_role = replica');
    await client.query(`update payments set ${columns} where id = $1`, [payment]);
  } finally {
    await client.query('set session_replication_role = default');
    client.release();
  }
}

/** Its id. */
export async function openCase(
  database: MainDatabase,
  payment: PaymentId,
  kind: string,
  openedAt = new Date(),
): Promise<string> {
  const id = newId('case');
  await insert(database.owner, 'cases', {
    merchant_id: database.shop.merchant,
    id,
    payment_id: payment,
    operation_id: `ref_${payment.slice(4)}`,
    kind,
    detail: '{}',
    opened_at: openedAt,
  });
  return id;
}
