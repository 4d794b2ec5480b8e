import type pg from 'pg';
import { isConnectionLost, isSerializationFailure, retryTransaction } from '../../platform/database.ts';
import { newId } from '../../platform/new-id.ts';
import type { AttemptId, CommandId, MerchantId, OperationId, PaymentId } from '../../workflows/domain/ids.ts';
import { OPERATION_LIMIT } from '../../workflows/domain/money.ts';
import type { ReportBody } from '../../workflows/domain/payment.ts';

/** What every report of an acquirer says. */
export interface Report {
  readonly merchant: MerchantId;
  readonly payment: PaymentId;
  /** The acquirer's own name of this one movement (1 to 100 characters), unique per merchant and kind. */
  readonly acquirerReference: string;
  /** The network's reason code, or what the acquirer says; null when it says nothing. */
  readonly reason: string | null;
  /** Who brings it: the acquirer itself, or an operator who read it in its report. */
  readonly origin: 'acquirer' | 'operator';
}

export interface ReportedChargeback extends Report {
  /** Minor units of the payment's currency, 1 to 10^12 − 1, as are the others. */
  readonly amount: bigint;
  /** What the acquirer takes for it; null when nothing, or when it is not known yet. */
  readonly fee: bigint | null;
  /** What the merchant pays of that to the platform. */
  readonly feeRecharged: bigint | null;
}

export interface TakenReport {
  readonly command: CommandId;
  /** The operation that it becomes. */
  readonly operation: OperationId;
  /** It was reported before, in the same words: nothing was added. */
  readonly repeated: boolean;
}

/** One reference for two different things, or of a payment that is not there: somebody must look. */
export class ReportRefused extends Error {
  override readonly name = 'ReportRefused';
}

type Database = Pick<pg.Pool, 'query'>;

/**
 * Takes the report of a chargeback (a second one is one more, under a reference of its own): it is a
 * command, and the relay rings for it. The same report again changes nothing.
 * @throws ReportRefused, RangeError when an amount is not one.
 */
export async function requestChargeback(
  database: Database,
  { amount, fee, feeRecharged, ...report }: ReportedChargeback,
): Promise<TakenReport> {
  return take(
    database,
    'chargeback',
    report,
    {
      amount: amountOf(report, amount),
      fee: fee === null ? null : amountOf(report, fee),
      fee_recharged: feeRecharged === null ? null : amountOf(report, feeRecharged),
    },
    'dsp',
  );
}

/** Takes the report that charged back money came back. @throws ReportRefused, RangeError */
export async function requestChargebackReversal(
  database: Database,
  { amount, ...report }: Report & { readonly amount: bigint },
): Promise<TakenReport> {
  return take(database, 'chargeback_reversal', report, { amount: amountOf(report, amount) }, 'dsp');
}

/** Takes the report that a capture or refund which had succeeded failed after all. @throws ReportRefused */
export async function requestWithdrawal(
  database: Database,
  { withdraws, ...report }: Report & { readonly withdraws: OperationId },
): Promise<TakenReport> {
  return take(database, 'withdrawal', report, { withdraws }, 'wdr');
}

/** What the acquirer's side did to a payment and that is no attempt of ours; no amount with a void. */
export interface ReportedAdoption extends Report {
  readonly what: 'capture' | 'refund' | 'void';
  readonly amount: bigint | null;
  /** The authorization that it was done to; null where the acquirer does not say. */
  readonly of: AttemptId | null;
}

/** Takes the report of what was done without us. @throws ReportRefused, RangeError when an amount is not one. */
export async function requestAdoption(
  database: Database,
  { what, amount, of, ...report }: ReportedAdoption,
): Promise<TakenReport> {
  return take(
    database,
    'adoption',
    report,
    {
      what,
      amount: amount === null ? null : amountOf(report, amount),
      ...(of === null ? {} : { attempt: of }),
    },
    ADOPTED_PREFIXES[what],
  );
}

const ADOPTED_PREFIXES = { capture: 'cap', refund: 'ref', void: 'void' } as const;

function amountOf({ payment, acquirerReference }: Report, amount: bigint): number {
  if (amount < 1n || amount > OPERATION_LIMIT)
    throw new RangeError(
      `${acquirerReference} about ${payment}: ${amount} is not an amount from 1 to ${OPERATION_LIMIT}`,
    );
  return Number(amount);
}

// One statement, so one transaction: the unique reference decides, and who comes second finds the first.
const TAKE = `
  insert into commands (merchant_id, id, payment_id, kind, origin, operation_id, acquirer_reference, body)
  select $1::text, $2::text, p.id, $4::text, $5::text, $6::text, $7::text, $8::jsonb
  from payments p where p.merchant_id = $1 and p.id = $3
  on conflict (merchant_id, kind, acquirer_reference) where acquirer_reference is not null do nothing`;

const FIND = `
  select id, payment_id, operation_id, payment_id = $4 and body - 'reason' - 'attempt' = $5::jsonb - 'reason' - 'attempt' as same
  from commands where merchant_id = $1 and kind = $2 and acquirer_reference = $3`;

async function take(
  database: Database,
  kind: ReportBody['kind'] | 'adoption',
  { merchant, payment, acquirerReference, reason, origin }: Report,
  said: Readonly<Record<string, unknown>>,
  prefix: 'dsp' | 'wdr' | 'cap' | 'ref' | 'void',
): Promise<TakenReport> {
  const command = newId('cmd');
  const operation = newId(prefix);
  const body = JSON.stringify({ ...said, reason });
  // Each finds itself as it was when it runs again: a broken connection may have taken its answer along.
  const persistently = <T>(run: () => Promise<T>): Promise<T> =>
    retryTransaction(run, {
      mayRepeat: (error) => isSerializationFailure(error) || isConnectionLost(error),
      onRepeat: () => undefined,
    });
  const { rowCount } = await persistently(() =>
    database.query({
      name: 'take_report',
      text: TAKE,
      values: [merchant, command, payment, kind, origin, operation, acquirerReference, body],
    }),
  );
  if (rowCount === 1) return { command, operation, repeated: false };
  const { rows } = await persistently(() =>
    database.query<{ id: CommandId; payment_id: PaymentId; operation_id: OperationId; same: boolean }>({
      name: 'find_report',
      text: FIND,
      values: [merchant, kind, acquirerReference, payment, body],
    }),
  );
  const [first] = rows;
  if (first === undefined)
    throw new ReportRefused(
      `${kind} ${acquirerReference}: ${merchant} has no payment ${payment}; find out what it is about`,
    );
  if (!first.same)
    throw new ReportRefused(
      `${kind} ${acquirerReference} of ${merchant} was reported before, as ${first.operation_id} of ${first.payment_id} and otherwise; ` +
        `compare the two (this one: ${payment}, ${body})`,
    );
  return { command: first.id, operation: first.operation_id, repeated: first.id !== command };
}
