import { timingSafeEqual } from 'node:crypto';
import type pg from 'pg';
import { atBoundary } from '../platform/crash-points.ts';
import { retryTransaction } from '../platform/database.ts';
import type { CommandId, CustomerId, OperationId, PaymentId, StagingId } from '../workflows/domain/ids.ts';
import type { AuthorizationType } from '../workflows/domain/payment.ts';
import type { Money } from '../workflows/domain/money.ts';
import type { Credential } from './auth/api-key.ts';
import { Problem } from './problem.ts';

/** What is asked of a payment: one row of `commands`, and one of `idempotency_keys` that points at it. */
export interface NewRequest {
  readonly credential: Credential;
  readonly idempotencyKey: string;
  readonly fingerprint: Buffer;
  readonly payment: PaymentId;
  readonly command: CommandId;
  readonly operation: OperationId;
}

/** A payment as it is asked for: the columns that never change afterwards. */
export interface NewPayment {
  readonly amount: Money;
  readonly capture: 'automatic' | 'manual';
  readonly authorizationType: AuthorizationType;
  readonly partialApproval: 'allow' | 'refuse';
  readonly staging: StagingId;
  /** Epoch ms. */
  readonly authorizeBy: number;
  readonly description: string | null;
  readonly orderReference: string | null;
  readonly customerReference: string | null;
  readonly customer: CustomerId | null;
  readonly ipAddress: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

export type FollowUp =
  | { readonly kind: 'increment'; readonly amount: bigint }
  | { readonly kind: 'capture'; readonly amount: bigint | null; readonly final: boolean }
  | { readonly kind: 'reauthorize' }
  | { readonly kind: 'void' }
  | { readonly kind: 'refund'; readonly amount: bigint | null; readonly reason: string | null };

/** Which command answers a request: its own, or that of the first request with its key. */
export interface Accepted {
  readonly payment: PaymentId;
  readonly command: CommandId;
  readonly repeated: boolean;
}

type Database = Pick<pg.Pool, 'query'>;

// Each is one statement and so one transaction: the key decides, and what it does not let in is not
// written. A request that meets its twin waits for the twin's commit in the unique index.

const CREATE = `
  with key as (
    insert into idempotency_keys (merchant_id, mode, key, fingerprint, payment_id, command_id)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (merchant_id, mode, key) do nothing
    returning payment_id
  ), payment as (
    insert into payments (merchant_id, id, mode, amount, currency, capture_method, partial_approval, staging_id, authorize_by,
                          description, order_reference, customer_reference, ip_address, metadata, authorization_type, customer_id)
    select $1::text, $5::text, $2::text, $8::bigint, $9::text, $10::text, $11::text, $12::text, $13::timestamptz,
           $14::text, $15::text, $16::text, $17::text, $18::jsonb, $19::text, $20::text
    from key
  )
  insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body)
  select $1::text, $6::text, $5::text, 'create', 'merchant', $7::text, '{}'::jsonb from key
  returning id`;

const FOLLOW_UP = `
  with key as (
    insert into idempotency_keys (merchant_id, mode, key, fingerprint, payment_id, command_id)
    select $1::text, $2::text, $3::text, $4::bytea, p.id, $6::text
    from payments p where p.merchant_id = $1 and p.id = $5 and p.mode = $2
    on conflict (merchant_id, mode, key) do nothing
    returning payment_id
  )
  insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, body)
  select $1::text, $6::text, $5::text, $8::text, 'merchant', $7::text, $9::jsonb from key
  returning id`;

const FIND = `
  select exists (select from payments where merchant_id = $1 and mode = $2 and id = $4) as payment_exists,
         k.fingerprint, k.payment_id, k.command_id
  from (values (1)) as always
  left join idempotency_keys k on k.merchant_id = $1 and k.mode = $2 and k.key = $3`;

interface FoundRow {
  payment_exists: boolean;
  fingerprint: Buffer | null;
  payment_id: PaymentId | null;
  command_id: CommandId | null;
}

/**
 * Takes a request for a new payment, or finds the request that it repeats.
 * @throws Problem `idempotency_key_reused` when the key belongs to another request.
 */
export async function acceptPayment(
  database: Database,
  request: NewRequest,
  payment: NewPayment,
): Promise<Accepted> {
  const { amount } = payment;
  const inserted = await insert(database, 'accept_payment', CREATE, [
    ...keyValues(request),
    amount.minor,
    amount.currency,
    payment.capture,
    payment.partialApproval,
    payment.staging,
    new Date(payment.authorizeBy).toISOString(),
    payment.description,
    payment.orderReference,
    payment.customerReference,
    payment.ipAddress,
    JSON.stringify(payment.metadata),
    payment.authorizationType,
    payment.customer,
  ]);
  if (inserted) return { payment: request.payment, command: request.command, repeated: false };
  return repeatOf(request, await find(database, request));
}

/**
 * Takes a request about a payment, or finds the request that it repeats.
 * @throws Problem `payment_not_found`, also for another merchant's payment and one of the other mode;
 *   `idempotency_key_reused`.
 */
export async function acceptFollowUp(
  database: Database,
  request: NewRequest,
  followUp: FollowUp,
): Promise<Accepted> {
  const { kind, ...asked } = followUp;
  const body = JSON.stringify(asked, (_, value: unknown) =>
    typeof value === 'bigint' ? Number(value) : value,
  );
  const inserted = await insert(database, 'accept_follow_up', FOLLOW_UP, [...keyValues(request), kind, body]);
  if (inserted) return { payment: request.payment, command: request.command, repeated: false };
  const found = await find(database, request);
  if (!found.payment_exists) throw paymentNotFound();
  return repeatOf(request, found);
}

/** Whether a request with this key was taken before. */
export async function isKnownKey(
  database: Database,
  { merchant, mode }: Credential,
  key: string,
): Promise<boolean> {
  const { rowCount } = await database.query({
    name: 'find_idempotency_key',
    text: 'select from idempotency_keys where merchant_id = $1 and mode = $2 and key = $3',
    values: [merchant, mode, key],
  });
  return rowCount === 1;
}

/** The same words whether it does not exist, is another merchant's, or is of the other mode. */
export function paymentNotFound(): Problem {
  return new Problem(
    'payment_not_found',
    'no payment with this id belongs to this key: check the id, and whether the key is for test or live',
  );
}

export function keyReused(): Problem {
  return new Problem(
    'idempotency_key_reused',
    'this Idempotency-Key was used for a request with another address or body: repeat that request unchanged, or use a new key',
  );
}

function keyValues({
  credential,
  idempotencyKey,
  fingerprint,
  payment,
  command,
  operation,
}: NewRequest): unknown[] {
  return [credential.merchant, credential.mode, idempotencyKey, fingerprint, payment, command, operation];
}

async function insert(database: Database, name: string, text: string, values: unknown[]): Promise<boolean> {
  const { rowCount } = await atBoundary('idempotency-row', () =>
    retryTransaction(() => database.query({ name, text, values })),
  );
  return rowCount === 1;
}

async function find(
  database: Database,
  { credential, idempotencyKey, payment }: NewRequest,
): Promise<FoundRow> {
  const { rows } = await database.query<FoundRow>({
    name: 'find_request',
    text: FIND,
    values: [credential.merchant, credential.mode, idempotencyKey, payment],
  });
  const [row] = rows;
  if (row === undefined) throw new Error(`the request that ${payment} repeats was not looked up`);
  return row;
}

function repeatOf({ fingerprint, payment }: NewRequest, found: FoundRow): Accepted {
  if (found.fingerprint === null) throw new Error(`a request about ${payment} was neither taken nor found`);
  if (!timingSafeEqual(fingerprint, found.fingerprint)) {
    throw keyReused();
  }
  if (found.payment_id === null || found.command_id === null)
    throw new Error(`the request that one about ${payment} repeats is about none`);
  return { payment: found.payment_id, command: found.command_id, repeated: true };
}
