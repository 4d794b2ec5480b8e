import type pg from 'pg';
import type { MerchantId } from '../../workflows/domain/ids.ts';

/** Posts one transaction as the owner does, inside of record_changes; answers its id. */
export async function postTransaction(
  by: Pick<pg.Pool, 'query'>,
  merchant: MerchantId,
  { legs, ...header }: Readonly<Record<string, unknown>>,
): Promise<bigint> {
  const context = {
    merchant_id: merchant,
    payment_id: 'pay_1',
    at: '2026-03-01T12:00:00Z',
    workflow_id: 'pay_1',
    workflow_run_id: 'run-1',
  };
  const { rows } = await by.query<{ id: bigint }>('select post_transaction($1, $2) as id', [
    { ...context, ...header },
    JSON.stringify(legs),
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error('post_transaction answered nothing');
  return row.id;
}
