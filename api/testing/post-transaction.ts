import type pg from 'pg';

/** A ledger transaction of two legs. */
export interface TwoLegs {
  readonly merchant: string;
  readonly mode?: 'test' | 'live';
  readonly payment?: string;
  readonly event?: string;
  readonly at: string;
  readonly debit: string;
  readonly credit: string;
  readonly currency?: string;
  readonly amount: number | bigint;
}

/** Accounts that grow on the debit side; every other one of these tests grows on the credit side. */
const DEBIT_NORMAL = /^(?:acquirer_receivable|auth_hold:acquirer)/;
let posted = 0;

/** Posts as the worker's steps do; answers the transaction's id as the API shows it. */
export async function postTransaction(
  database: Pick<pg.Pool, 'query'>,
  { merchant, mode = 'test', payment = 'pay_x', event = 'captured', currency = 'EUR', ...rest }: TwoLegs,
): Promise<string> {
  posted += 1;
  const leg = (code: string, amount: string): Record<string, string> => ({
    code,
    currency,
    amount,
    normal_side: DEBIT_NORMAL.test(code) ? 'debit' : 'credit',
  });
  const { rows } = await database.query<{ id: string | bigint }>('select post_transaction($1, $2) as id', [
    {
      merchant_id: merchant,
      mode,
      payment_id: payment,
      operation_id: null,
      attempt_id: null,
      event,
      business_key: `transaction ${posted}`,
      at: rest.at,
      workflow_id: payment,
      workflow_run_id: 'run-1',
    },
    JSON.stringify([leg(rest.debit, `${rest.amount}`), leg(rest.credit, `-${rest.amount}`)]),
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error('post_transaction answered nothing');
  return `ltx_${row.id}`;
}
