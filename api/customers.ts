import pg from 'pg';
import { newId } from '../platform/new-id.ts';
import type { CustomerId } from '../workflows/domain/ids.ts';
import type { Credential } from './auth/api-key.ts';
import { pageOf } from './ledger/page.ts';
import { checkCursor } from './lists/cursor.ts';
import { KeysetQuery } from './lists/keyset.ts';
import { Problem } from './problem.ts';
import type { CustomerWish, ListCustomers } from './schemas/customers.ts';

type Database = Pick<pg.Pool, 'query'>;

interface CustomerRow {
  id: CustomerId;
  mode: 'test' | 'live';
  created_at: Date;
  reference: string | null;
  name: string | null;
  email: string | null;
  metadata: Record<string, string>;
  deleted_at: Date | null;
}

const COLUMNS = 'id, mode, created_at, reference, name, email, metadata, deleted_at';
const UNIQUE_VIOLATION = '23505';

/** @throws Problem `customer_reference_taken` */
export async function createCustomer(
  client: Database,
  { merchant, mode }: Credential,
  { reference, name, email, metadata = {} }: CustomerWish,
): Promise<Record<string, unknown>> {
  const { rows } = await client
    .query<CustomerRow>({
      name: 'create_customer',
      text: `insert into customers (merchant_id, id, mode, reference, name, email, metadata)
             values ($1, $2, $3, $4, $5, $6, $7) returning ${COLUMNS}`,
      values: [
        merchant,
        newId('cus'),
        mode,
        reference ?? null,
        name ?? null,
        email ?? null,
        JSON.stringify(metadata),
      ],
    })
    .catch(asTaken);
  const [row] = rows;
  if (row === undefined) throw new Error('a customer was inserted and is not there');
  return onWire(row);
}

/** What is not wished for stays. @throws Problem `customer_not_found`, `customer_deleted`, `customer_reference_taken` */
export async function updateCustomer(
  client: Database,
  credential: Credential,
  id: CustomerId,
  { reference, name, email, metadata }: CustomerWish,
): Promise<Record<string, unknown>> {
  const { rows } = await client
    .query<CustomerRow>({
      name: 'update_customer',
      text: `update customers set reference = coalesce($4, reference), name = coalesce($5, name),
               email = coalesce($6, email), metadata = coalesce($7, metadata)
             where merchant_id = $1 and mode = $2 and id = $3 and deleted_at is null returning ${COLUMNS}`,
      values: [
        credential.merchant,
        credential.mode,
        id,
        reference ?? null,
        name ?? null,
        email ?? null,
        metadata === undefined ? null : JSON.stringify(metadata),
      ],
    })
    .catch(asTaken);
  const [row] = rows;
  // It is not there, or not any more: reading it says which.
  return row === undefined ? readCustomer(client, credential, id) : onWire(row);
}

/** @throws Problem `customer_not_found`, `customer_deleted` */
export async function readCustomer(
  database: Database,
  { merchant, mode }: Credential,
  id: CustomerId,
): Promise<Record<string, unknown>> {
  const { rows } = await database.query<CustomerRow>({
    name: 'read_customer',
    text: `select ${COLUMNS} from customers where merchant_id = $1 and mode = $2 and id = $3`,
    values: [merchant, mode, id],
  });
  const [row] = rows;
  if (row === undefined) throw customerNotFound();
  if (row.deleted_at !== null)
    throw new Problem('customer_deleted', `${id} was deleted: make another customer`);
  return onWire(row);
}

/** Leaves an id and two dates, at once and for good. Deleting it again is no error. @throws Problem `customer_not_found` */
export async function deleteCustomer(
  database: Database,
  { merchant, mode }: Credential,
  id: CustomerId,
): Promise<void> {
  const { rowCount } = await database.query({
    name: 'delete_customer',
    text: `update customers set reference = null, name = null, email = null, metadata = '{}',
             deleted_at = coalesce(deleted_at, clock_timestamp())
           where merchant_id = $1 and mode = $2 and id = $3`,
    values: [merchant, mode, id],
  });
  if (rowCount !== 1) throw customerNotFound();
}

/** One page of the merchant's customers, newest first. @throws Problem when the cursor is none of them. */
export async function listCustomers(
  database: Database,
  credential: Credential,
  wish: ListCustomers,
): Promise<Record<string, unknown>> {
  await checkCursor(wish, 'customer that belongs to this key', (cursor) =>
    isKnown(database, credential, cursor),
  );
  const query = new KeysetQuery('id');
  query.equal('merchant_id', credential.merchant);
  query.equal('mode', credential.mode);
  query.where('deleted_at is null');
  query.created('created_at', 'cus', wish.created);
  query.equal('reference', wish.reference);
  const { rows } = await database.query<CustomerRow>(query.page(COLUMNS, 'customers', wish));
  return pageOf(wish, rows, onWire);
}

/** Also one that is deleted: who reads page by page goes on behind it. */
async function isKnown(database: Database, { merchant, mode }: Credential, id: string): Promise<boolean> {
  const { rowCount } = await database.query({
    name: 'is_customer',
    text: 'select from customers where merchant_id = $1 and mode = $2 and id = $3',
    values: [merchant, mode, id],
  });
  return rowCount === 1;
}

function onWire(row: CustomerRow): Record<string, unknown> {
  return {
    id: row.id,
    object: 'customer',
    mode: row.mode,
    created: row.created_at.toISOString(),
    reference: row.reference,
    name: row.name,
    email: row.email,
    metadata: row.metadata,
  };
}

function asTaken(error: unknown): never {
  if (!(error instanceof pg.DatabaseError) || error.code !== UNIQUE_VIOLATION) throw error;
  const detail =
    'another customer of yours has this reference in this mode: list customers by it, or use another';
  throw new Problem('customer_reference_taken', detail, {
    errors: [{ code: 'customer_reference_taken', param: '/reference', detail }],
  });
}

/** The same words whether it does not exist, is another merchant's, or is of the other mode. */
export function customerNotFound(): Problem {
  return new Problem(
    'customer_not_found',
    'no customer with this id belongs to this key: check the id, and whether the key is for test or live',
  );
}
