import type pg from 'pg';
import type { AdjustmentState, DecideCommand, ListCommand, RequestCommand } from './parse.ts';

/** A row of `adjustments`, as far as it is shown. */
export interface Adjustment {
  readonly id: string;
  readonly merchant_id: string;
  readonly mode: string;
  readonly debit_code: string;
  readonly credit_code: string;
  /** Minor units, as text. */
  readonly amount: string;
  readonly currency: string;
  readonly reason: string;
  readonly evidence: string;
  readonly payment_id: string | null;
  readonly requested_by: string;
  readonly requested_at: string;
  readonly state: AdjustmentState;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly decision_reason: string | null;
}

const COLUMNS = `id, merchant_id, mode, debit_code, credit_code, amount::text, currency, reason, evidence, payment_id, requested_by,
  to_char(requested_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as requested_at, state, decided_by,
  to_char(decided_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as decided_at, decision_reason`;

/** @throws pg.DatabaseError with the refusal */
export function request(client: pg.ClientBase, command: RequestCommand): Promise<Adjustment> {
  const asked = {
    id: command.id,
    merchant_id: command.merchant,
    mode: command.mode,
    debit_code: command.debit,
    credit_code: command.credit,
    amount: command.amount.minor.toString(),
    currency: command.amount.currency,
    reason: command.reason,
    evidence: command.evidence,
    payment_id: command.payment,
  };
  return one(client, `request_adjustment($1::jsonb, $2)`, [JSON.stringify(asked), command.by]);
}

/** @throws pg.DatabaseError with the refusal */
export function decide(client: pg.ClientBase, command: DecideCommand): Promise<Adjustment> {
  const values = [command.id, command.name, command.by, command.why];
  return one(client, `decide_adjustment($1, $2, $3, $4)`, values);
}

async function one(client: pg.ClientBase, call: string, values: unknown[]): Promise<Adjustment> {
  const { rows } = await client.query<Adjustment>(`select ${COLUMNS} from ${call}`, values);
  const [row] = rows;
  if (row === undefined) throw new Error(`${call} answered nothing`);
  return row;
}

/** The newest first. */
export async function list(client: pg.ClientBase, command: ListCommand): Promise<readonly Adjustment[]> {
  const { rows } = await client.query<Adjustment>(
    `select ${COLUMNS} from adjustments a
     where ($1::text is null or state = $1) and ($2::text is null or merchant_id = $2)
     order by a.requested_at desc, id desc limit $3`,
    [command.state, command.merchant, command.limit],
  );
  return rows;
}
