import { isId } from '../../workflows/domain/ids.ts';
import { needed, readArguments, UsageError } from '../command-frame.ts';

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean' } as const;
const OPTIONS = {
  kind: TEXT,
  assignee: TEXT,
  overdue: FLAG,
  limit: TEXT,
  to: TEXT,
  nobody: FLAG,
  reason: TEXT,
  evidence: TEXT,
  subject: TEXT,
  merchant: TEXT,
  mode: TEXT,
  debit: TEXT,
  credit: TEXT,
  amount: TEXT,
  currency: TEXT,
  'second-person': FLAG,
  id: TEXT,
  why: TEXT,
  state: TEXT,
  query: TEXT,
  action: TEXT,
  batch: TEXT,
  list: TEXT,
  seen: TEXT,
  go: FLAG,
  'dry-run': FLAG,
  'per-second': TEXT,
  progress: TEXT,
  login: TEXT,
  'password-file': TEXT,
  'password-stdin': FLAG,
  gateway: TEXT,
  'run-file': TEXT,
  json: FLAG,
  help: FLAG,
} as const;

export type Given = Readonly<{
  [Name in keyof typeof OPTIONS]?: (typeof OPTIONS)[Name] extends typeof FLAG ? boolean : string;
}>;

/** The options that a decision is made of: all that `askedDecision` sees, so that a list can keep all of them. */
export const DECISION_OPTIONS = [
  'reason',
  'evidence',
  'merchant',
  'subject',
  'mode',
  'debit',
  'credit',
  'amount',
  'currency',
  'second-person',
] as const satisfies readonly (keyof Given)[];

export type DecisionOptions = Pick<Given, (typeof DECISION_OPTIONS)[number]>;

export interface Typed {
  readonly words: readonly string[];
  readonly given: Given;
}

/** @throws UsageError */
export function readTyped(args: readonly string[]): Typed {
  const { values, positionals } = readArguments({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  return { words: positionals, given: values };
}

/** @throws UsageError that names the option. */
export function need(given: Given, name: keyof Given): string {
  return needed(name, given[name]);
}

/** @throws UsageError */
export function wholeNumber(given: Given, name: keyof Given, from: number, to: number): number | null {
  const text = given[name];
  if (text === undefined) return null;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < from || number > to)
    throw new UsageError(`--${name} ${String(text)} is not a whole number from ${from} to ${to}`);
  return number;
}

/**
 * A decision as the internal API takes it, out of what was typed.
 * @param bulk the list that it is one of.
 * @throws UsageError
 */
export function askedDecision(
  id: string,
  action: string,
  payment: string | undefined,
  given: DecisionOptions,
  bulk?: string,
): Record<string, unknown> {
  if (!isId('dcs', id)) throw new UsageError(`--id ${id} is no decision (dcs_…)`);
  if (payment !== undefined && !isId('pay', payment))
    throw new UsageError(`${payment} is no payment (pay_…)`);
  const body =
    action === 'adjust'
      ? {
          mode: need(given, 'mode'),
          debit_code: need(given, 'debit'),
          credit_code: need(given, 'credit'),
          amount: wholeNumber({ amount: need(given, 'amount') }, 'amount', 1, 999_999_999_999),
          currency: need(given, 'currency'),
        }
      : undefined;
  // What is undefined is not sent.
  return {
    id,
    action,
    payment_id: payment,
    merchant_id: given.merchant,
    subject: given.subject,
    body,
    reason: need(given, 'reason'),
    evidence: given.evidence,
    second_person: given['second-person'],
    bulk,
  };
}
