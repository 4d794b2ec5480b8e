import { newId } from '../../platform/new-id.ts';
import { isId, type AdjustmentId, type MerchantId, type PaymentId } from '../../workflows/domain/ids.ts';
import { money, type Money } from '../../workflows/domain/money.ts';
import { messageOf, needed, readArguments, UsageError } from '../command-frame.ts';

export const STATES = ['requested', 'approved', 'rejected'] as const;
export type AdjustmentState = (typeof STATES)[number];

export interface RequestCommand {
  readonly name: 'request';
  readonly id: AdjustmentId;
  readonly by: string;
  readonly merchant: MerchantId;
  readonly mode: 'test' | 'live';
  readonly debit: string;
  readonly credit: string;
  readonly amount: Money;
  readonly reason: string;
  readonly evidence: string;
  readonly payment: PaymentId | null;
}

export interface DecideCommand {
  readonly name: 'approve' | 'reject';
  readonly id: AdjustmentId;
  readonly by: string;
  readonly why: string | null;
}

export interface ListCommand {
  readonly name: 'list';
  /** Null = all of them. */
  readonly state: AdjustmentState | null;
  readonly merchant: MerchantId | null;
  readonly limit: number;
}

export type AdjustCommand = RequestCommand | DecideCommand | ListCommand | { readonly name: 'help' };

export interface Parsed {
  readonly command: AdjustCommand;
  readonly url: string | null;
  readonly runFile: string | null;
}

const TEXT = { type: 'string' } as const;
const WHERE = { url: TEXT, 'run-file': TEXT } as const;
const OPTIONS = {
  request: {
    by: TEXT,
    merchant: TEXT,
    mode: TEXT,
    debit: TEXT,
    credit: TEXT,
    amount: TEXT,
    currency: TEXT,
    reason: TEXT,
    evidence: TEXT,
    payment: TEXT,
    id: TEXT,
  },
  approve: { by: TEXT, why: TEXT },
  reject: { by: TEXT, why: TEXT },
  list: { state: TEXT, merchant: TEXT, limit: TEXT },
} as const;
type Name = keyof typeof OPTIONS;

type Given = Readonly<Record<string, string | undefined>>;

/** @throws UsageError */
export function parseCommand(args: readonly string[]): Parsed {
  const [name, ...rest] = args;
  if (name === undefined || args.includes('--help'))
    return { command: { name: 'help' }, url: null, runFile: null };
  if (!isName(name)) throw new UsageError(`${name} is not request, approve, reject or list`);
  const { values, positionals } = readOptions(name, rest);
  if (values['url'] !== undefined && values['run-file'] !== undefined)
    throw new UsageError('either --url or --run-file, not both');
  const command = commandOf(name, values, positionals);
  return { command, url: values['url'] ?? null, runFile: values['run-file'] ?? null };
}

function isName(name: string): name is Name {
  return Object.hasOwn(OPTIONS, name);
}

function readOptions(name: Name, args: readonly string[]): { values: Given; positionals: string[] } {
  const { values, positionals } = readArguments({
    args: [...args],
    options: { ...OPTIONS[name], ...WHERE },
    allowPositionals: true,
  });
  return { values: values as Given, positionals };
}

function commandOf(name: Name, given: Given, positionals: readonly string[]): AdjustCommand {
  const [first, ...more] = positionals;
  const decides = name === 'approve' || name === 'reject';
  if (more.length > 0 || (first !== undefined && !decides))
    throw new UsageError(`${positionals.join(' ')} is too much: put texts with blanks in quotes`);
  switch (name) {
    case 'request': {
      const mode = need(given, 'mode');
      if (mode !== 'test' && mode !== 'live') throw new UsageError(`--mode ${mode} is neither test nor live`);
      return {
        name,
        id: given['id'] === undefined ? newId('adj') : idOf('adj', '--id', given['id']),
        by: need(given, 'by'),
        merchant: need(given, 'merchant') as MerchantId,
        mode,
        debit: need(given, 'debit'),
        credit: need(given, 'credit'),
        amount: amountOf(need(given, 'amount'), need(given, 'currency')),
        reason: need(given, 'reason'),
        evidence: need(given, 'evidence'),
        payment: given['payment'] === undefined ? null : (given['payment'] as PaymentId),
      };
    }
    case 'approve':
    case 'reject':
      if (first === undefined) throw new UsageError(`${name} needs the id of an adjustment (adj_…)`);
      return {
        name,
        id: idOf('adj', name, first),
        by: need(given, 'by'),
        // Who refuses somebody's request says why.
        why: name === 'reject' ? need(given, 'why') : (given['why'] ?? null),
      };
    case 'list':
      return {
        name,
        state: stateOf(given['state'] ?? 'requested'),
        merchant: given['merchant'] === undefined ? null : (given['merchant'] as MerchantId),
        limit: limitOf(given['limit'] ?? '50'),
      };
  }
}

function need(given: Given, option: string): string {
  return needed(option, given[option]);
}

function idOf(prefix: 'adj', option: string, text: string): AdjustmentId {
  if (!isId(prefix, text)) throw new UsageError(`${option}: ${text} is not the id of an adjustment (adj_…)`);
  return text;
}

function amountOf(amount: string, currency: string): Money {
  if (!/^[1-9]\d{0,11}$/.test(amount))
    throw new UsageError(`--amount ${amount} is not a whole number of minor units: 12.50 EUR is 1250`);
  try {
    return money(BigInt(amount), currency);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function stateOf(text: string): AdjustmentState | null {
  const state = STATES.find((one) => one === text);
  if (state === undefined && text !== 'all')
    throw new UsageError(`--state ${text} is not ${STATES.join(', ')} or all`);
  return state ?? null;
}

const LIMIT_MAX = 1_000;

function limitOf(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    throw new UsageError(`--limit ${text} is not a number from 1 to ${LIMIT_MAX}`);
  return limit;
}
