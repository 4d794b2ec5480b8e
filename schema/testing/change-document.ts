import type pg from 'pg';
import type { MerchantId, PaymentId } from '../../workflows/domain/ids.ts';

type Row = Readonly<Record<string, unknown>>;

/** The parts of a change that a test cares about; the rest says that nothing else happens. */
export interface ChangeParts {
  readonly expected_version?: number;
  readonly cause?: string;
  readonly at?: string;
  /** Columns of the payment; the status is computed from them unless it is given. */
  readonly payment?: Row;
  readonly operations?: readonly Row[];
  readonly attempt_moves?: readonly Row[];
  readonly new_attempts?: readonly Row[];
  readonly transactions?: readonly Row[];
  readonly answers?: readonly Row[];
  readonly events?: readonly Row[];
  readonly cases?: readonly Row[];
}

/** Makes a document of record_change (see activities/ledger/record.ts for the real one) and calls it. */
export async function recordParts(
  pool: Pick<pg.Pool, 'query'>,
  merchant: MerchantId,
  payment: PaymentId,
  parts: ChangeParts = {},
): Promise<string> {
  const { rows } = await pool.query<{ answer: string }>(
    `select record_change($3::jsonb || jsonb_build_object('payment', with_parts || jsonb_build_object('status', coalesce(
       $4::jsonb ->> 'status',
       payment_status(with_parts ->> 'authorization_state', with_parts ->> 'conclusion', with_parts ->> 'review',
         (with_parts ->> 'amount_authorized')::bigint, (with_parts ->> 'amount_captured')::bigint, (with_parts ->> 'amount_refunded')::bigint)
     )))) as answer
     from (select to_jsonb(p) || $4::jsonb as with_parts from payments p where merchant_id = $1 and id = $2) as changed`,
    [merchant, payment, documentOf(merchant, payment, parts), parts.payment ?? {}],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`payment ${payment} of ${merchant} does not exist`);
  return row.answer;
}

function documentOf(merchant: MerchantId, payment: PaymentId, { payment: _, ...parts }: ChangeParts): Row {
  return {
    merchant_id: merchant,
    payment_id: payment,
    expected_version: 0,
    cause: 'a step',
    event: 'a_step_was_made',
    at: '2026-03-01T12:00:00Z',
    workflow_run_id: 'run-1',
    detail: {},
    risk: null,
    route: null,
    operations: [],
    attempt_moves: [],
    new_attempts: [],
    transactions: [],
    answers: [],
    events: [],
    cases: [],
    ...parts,
  };
}

/** An operation's row; `rest` replaces columns. */
export function operationRow(id: string, rest: Row = {}): Row {
  const state = rest['state'] ?? 'pending';
  return {
    id,
    kind: 'authorize',
    amount: 9_000,
    state,
    phase: state === 'pending' ? 'ready' : 'concluded',
    inquiries: 0,
    attempts: 0,
    created_at: '2026-03-01T12:00:00Z',
    concluded_at: state === 'pending' ? null : '2026-03-01T12:00:00Z',
    ...rest,
  };
}

/** A ledger transaction of two legs, debit and credit, as a change carries it. */
export function twoLegs(businessKey: string, amount: number, credit = -amount): Row {
  return {
    mode: 'test',
    event: 'authorized',
    operation_id: 'auth_1',
    attempt_id: null,
    business_key: businessKey,
    legs: [
      { code: 'auth_hold:acquirer', normal_side: 'debit', currency: 'EUR', amount },
      { code: 'auth_hold:merchant', normal_side: 'credit', currency: 'EUR', amount: credit },
    ],
  };
}
