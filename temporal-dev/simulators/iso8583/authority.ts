import { encodeAdditionalData } from '../../../activities/acquirers/iso8583/field48.ts';
import { MESSAGE_TYPES, type FieldNumber } from '../../../activities/acquirers/iso8583/fields.ts';
import type { Message } from '../../../activities/acquirers/iso8583/codec.ts';
import { createBook, type Book, type Transaction } from './book.ts';
import { decide, type Verdict } from './decide.ts';
import type { EntryKind, JournalEntry } from './journal-entry.ts';
import type { FinancialRequest } from './request.ts';

/** What is done to one request whatever would be decided. */
export interface Forced {
  /** Declined with this code. */
  readonly decline: string | null;
  /** An approval is one for this amount only, in minor units. */
  readonly approvedAmount: number | null;
}

interface Decision {
  /** To be on the disk before the reply leaves; null for a repeat of what is there already. */
  readonly entry: JournalEntry | null;
  readonly reply: Message;
}

/** The issuer and acquirer behind the wire: decides each request once, and repeats its answer after that. */
export interface Authority {
  handle(request: FinancialRequest, at: Date, forced: Forced): Decision;
  /** An answer that the host could not work on it: nothing is done, written or remembered. */
  unable(request: FinancialRequest): Message;
  /** Every journal line so far. */
  readonly entries: () => readonly JournalEntry[];
  transactions(): readonly Transaction[];
}

/** Kinds of journal line with an approval code of their own. */
const APPROVING: readonly EntryKind[] = ['approved', 'sale', 'incremented', 'verified', 'refunded'];
/** A second message with the same key that asks for something else. */
const DUPLICATE = '94';
const PARTIAL = '10';
export const SYSTEM_MALFUNCTION = '96';

/**
 * Rebuilds the state from the journal's lines and goes on from there.
 * @param fencesByReversal false = a reversal that finds nothing leaves no trace: the original is executed
 * when it comes, and the repeat of the reversal looks again.
 */
export function createAuthority(recovered: readonly JournalEntry[], fencesByReversal: boolean): Authority {
  const book: Book = createBook(fencesByReversal);
  const entries: JournalEntry[] = [];
  const answered = new Map<string, JournalEntry>();

  function apply(entry: JournalEntry): void {
    entries.push(entry);
    if (fencesByReversal || entry.kind !== 'not_found') answered.set(entry.key, entry);
    book.apply(entry);
  }
  for (const entry of recovered) apply(entry);

  return {
    handle(request, at, forced) {
      const known = answered.get(request.key);
      if (known !== undefined) {
        const same =
          known.rrn === request.rrn &&
          known.requestedAmount === request.amount &&
          known.request === request.kind;
        return {
          entry: null,
          reply: replyTo(request, same ? known : { ...known, responseCode: DUPLICATE, approvalCode: null }),
        };
      }
      const verdict: Verdict =
        forced.decline === null
          ? partly(decide(book, request, at), forced)
          : { kind: 'declined', responseCode: forced.decline, amount: 0 };
      const entry = entryOf(entries.length + 1, request, verdict, at, book);
      apply(entry);
      return { entry, reply: replyTo(request, entry) };
    },
    unable: (request) => echoOf(request, SYSTEM_MALFUNCTION),
    entries: () => entries,
    transactions: () => book.transactions(),
  };
}

function partly(verdict: Verdict, { approvedAmount }: Forced): Verdict {
  const approved = verdict.kind === 'approved' || verdict.kind === 'sale';
  if (!approved || approvedAmount === null || approvedAmount >= verdict.amount) return verdict;
  return { ...verdict, responseCode: PARTIAL, amount: approvedAmount };
}

function entryOf(
  sequence: number,
  request: FinancialRequest,
  verdict: Verdict,
  at: Date,
  book: Book,
): JournalEntry {
  const approving = APPROVING.includes(verdict.kind);
  const original = request.originalKey === null ? undefined : book.byKey(request.originalKey);
  const followed =
    request.kind === 'capture' || request.kind === 'increment' ? book.byReference(request) : undefined;
  const asksIssuer =
    request.kind === 'authorization' || request.kind === 'sale' || request.kind === 'verification';
  return {
    sequence,
    at: at.toISOString(),
    kind: verdict.kind,
    mti: request.message.type,
    request: request.kind,
    key: request.key,
    stan: request.stan,
    rrn: request.rrn,
    originalRrn: original?.rrn ?? followed?.rrn ?? null,
    originalKey: request.originalKey,
    institution: request.institution,
    terminal: request.terminal,
    merchantAccount: request.merchantAccount,
    amount: verdict.amount,
    requestedAmount: request.amount,
    remaining: verdict.remaining ?? null,
    currency: request.currency ?? request.message.fields[49] ?? '',
    responseCode: verdict.responseCode,
    approvalCode: approving ? String(sequence % 1_000_000).padStart(6, '0') : null,
    networkReference: approving && asksIssuer ? `QNET${String(sequence).padStart(11, '0')}` : null,
    settlementDate: at.toISOString().slice(5, 10).replace('-', ''),
    authorizationType: request.authorizationType,
    validUntil: verdict.validDays === undefined ? null : minutesOf(at, verdict.validDays),
    cvvResult: request.cvv === null ? null : 'M',
    // No address is sent on this wire.
    avsResult: asksIssuer ? 'U' : null,
    card: { bin: request.card.slice(0, 6), lastFour: request.card.slice(-4) },
  };
}

/** YYMMDDhhmm in UTC, so many days later. */
function minutesOf(at: Date, daysLater: number): string {
  const then = new Date(at.getTime() + daysLater * 86_400_000);
  return then.toISOString().slice(2, 16).replace(/[-T:]/g, '');
}

/** Fields that an answer repeats from its request. */
const ECHOED = [3, 7, 11, 12, 13, 32, 33, 37, 41, 42, 49, 90, 95] as const satisfies readonly FieldNumber[];

/** The request's own fields again, with a response code. */
function echoOf(request: FinancialRequest, responseCode: string): Message {
  const { fields, type } = request.message;
  const reply: Partial<Record<FieldNumber, string>> = {};
  for (const field of ECHOED) {
    const value = fields[field];
    if (value !== undefined) reply[field] = value;
  }
  reply[4] = fields[4] ?? '';
  reply[39] = responseCode;
  return { type: MESSAGE_TYPES[type] ?? type, fields: reply };
}

function replyTo(request: FinancialRequest, entry: JournalEntry): Message {
  const { type, fields } = echoOf(request, entry.responseCode);
  const reply: Partial<Record<FieldNumber, string>> = { ...fields };
  // Only a partial approval names another amount than it was asked for.
  if (entry.responseCode === PARTIAL) reply[4] = String(entry.amount).padStart(12, '0');
  reply[15] = entry.settlementDate;
  if (entry.approvalCode !== null) reply[38] = entry.approvalCode;
  const additional = encodeAdditionalData({
    ...(entry.networkReference === null ? {} : { networkReference: entry.networkReference }),
    ...(entry.validUntil === null ? {} : { validUntil: entry.validUntil }),
    ...(entry.avsResult === null ? {} : { avsResult: entry.avsResult }),
    ...(entry.cvvResult === null ? {} : { cvvResult: entry.cvvResult }),
  });
  if (additional !== null) reply[48] = additional;
  return { type, fields: reply };
}
