import { checkCursor } from './cursor.ts';
import type pg from 'pg';
import { loadPayments } from '../../schema/load-payment.ts';
import type { OperationId, PaymentId } from '../../workflows/domain/ids.ts';
import { operationResource } from '../../workflows/domain/resource.ts';
import type { Credential } from '../auth/api-key.ts';
import { pageOf } from '../ledger/page.ts';
import type { ListOperations } from '../schemas/payment-queries.ts';
import { KeysetQuery, type SqlQuery } from './keyset.ts';

type Database = Pick<pg.Pool, 'query'>;
type ListedKind = 'capture' | 'refund';
const PREFIXES = { capture: 'cap', refund: 'ref' } as const satisfies Record<ListedKind, string>;

interface OperationRow {
  readonly id: OperationId;
  readonly payment_id: PaymentId;
}

/**
 * One page of the merchant's captures or refunds, newest first, each with its payment's id.
 * @throws Problem when the cursor is none of them.
 */
export async function listOperations(
  database: Database,
  credential: Credential,
  kind: ListedKind,
  wish: ListOperations,
): Promise<Record<string, unknown>> {
  await checkCursor(
    wish,
    `${kind} that belongs to this key`,
    async (cursor) => (await readOperation(database, credential, kind, cursor)) !== null,
  );
  const { rows } = await database.query<OperationRow>(listQuery(credential, kind, wish));
  const shown = await rendered(database, credential, rows);
  return pageOf(wish, rows, ({ id }) => shown.get(id));
}

/** One capture or refund of this merchant and mode; null when there is none with this id. */
export async function readOperation(
  database: Database,
  credential: Credential,
  kind: ListedKind,
  id: string,
): Promise<Record<string, unknown> | null> {
  const { rows } = await database.query<OperationRow>({
    name: 'read_operation',
    text: `select o.id, o.payment_id from operations o
           join payments p on p.merchant_id = o.merchant_id and p.id = o.payment_id
           where o.merchant_id = $1 and p.mode = $2 and o.kind = $3 and o.id = $4`,
    values: [credential.merchant, credential.mode, kind, id],
  });
  const [row] = rows;
  return row === undefined ? null : ((await rendered(database, credential, [row])).get(row.id) ?? null);
}

function listQuery({ merchant, mode }: Credential, kind: ListedKind, wish: ListOperations): SqlQuery {
  const query = new KeysetQuery('o.id');
  query.equal('o.merchant_id', merchant);
  query.equal('o.kind', kind);
  query.equal('p.mode', mode);
  query.equal('o.payment_id', wish.payment);
  query.equal('o.state', wish.status);
  query.created('o.created_at', PREFIXES[kind], wish.created);
  // A kind that is one of few: the index of listed operations is named by it.
  query.where("o.kind in ('capture', 'refund')");
  return query.page(
    'o.id, o.payment_id',
    'operations o join payments p on p.merchant_id = o.merchant_id and p.id = o.payment_id',
    wish,
  );
}

async function rendered(
  database: Database,
  { merchant }: Credential,
  rows: readonly OperationRow[],
): Promise<Map<string, Record<string, unknown>>> {
  const payments = [...new Set(rows.map(({ payment_id: payment }) => payment))];
  const shown = new Map<string, Record<string, unknown>>();
  for (const { payment, operations } of await loadPayments(database, merchant, payments)) {
    for (const operation of operations) {
      shown.set(operation.id, {
        ...operationResource(operation, payment.currency),
        payment: payment.id,
      });
    }
  }
  return shown;
}
