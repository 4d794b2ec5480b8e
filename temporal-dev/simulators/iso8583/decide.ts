import { passesLuhn } from '../../../platform/scrub.ts';
import type { Book, Transaction } from './book.ts';
import { outcomeOfCard } from './cards.ts';
import type { EntryKind } from './journal-entry.ts';
import type { FinancialRequest } from './request.ts';

/** What the authority does with a request it has not seen before. */
export interface Verdict {
  readonly kind: EntryKind;
  readonly responseCode: string;
  /** Minor units that are held, moved or released. */
  readonly amount: number;
  /** partially_voided only: what the authorization stands for afterwards. */
  readonly remaining?: number;
  /** approved only: how long it is valid by this host's own word, in days. */
  readonly validDays?: number;
}

/** Response codes of ISO 8583:1987, annex A, as this host uses them. */
const APPROVED = '00';
const PARTIAL = '10';
const INVALID_TRANSACTION = '12';
const INVALID_AMOUNT = '13';
const INVALID_CARD = '14';
/** Cannot be backed out: captured, cleared or released already. */
const NO_ACTION = '21';
const NOT_FOUND = '25';
const EXPIRED = '54';
/** More than the original is worth. */
const ORIGINAL_AMOUNT = '64';
const NOT_DECLINED = '85';

/** Decides one request against the book. Pure: `at` is the host's time, for the expiry of cards. */
export function decide(book: Book, request: FinancialRequest, at: Date): Verdict {
  if (request.currency === null) return declined(INVALID_TRANSACTION);
  switch (request.kind) {
    case 'authorization':
    case 'sale':
      return decidePurchase(book, request, at);
    case 'increment':
      return decideIncrement(book, request);
    case 'capture':
      return decideCapture(book, request);
    case 'refund':
      return decideRefund(book, request);
    case 'void':
    case 'partial_void':
      return decideVoid(book, request);
    case 'reversal':
      return decideReversal(book, request);
    case 'verification':
      return decideVerification(request, at);
  }
}

/** Looks at the card and holds nothing; whatever would be held in part, or once, is as good. */
function decideVerification({ amount, card, expiry }: FinancialRequest, at: Date): Verdict {
  if (amount !== 0) return declined(INVALID_AMOUNT);
  return faultOfCard(card, expiry, at) ?? { kind: 'verified', responseCode: NOT_DECLINED, amount: 0 };
}

/** Why this card gets nothing; null when it may. */
function faultOfCard(card: string, expiry: string, at: Date): Verdict | null {
  if (!passesLuhn(card)) return declined(INVALID_CARD);
  const outcome = outcomeOfCard(card);
  if (outcome.type === 'decline') return declined(outcome.code);
  return expiry < at.toISOString().slice(2, 7).replace('-', '') ? declined(EXPIRED) : null;
}

function decidePurchase(book: Book, request: FinancialRequest, at: Date): Verdict {
  const { kind, amount, card, key } = request;
  // Its reversal was faster: from here on it is certain that nothing was executed.
  if (book.reversedBefore(key)) return declined(INVALID_TRANSACTION);
  if (book.byReference(request) !== undefined) return declined(INVALID_TRANSACTION);
  const fault = faultOfCard(card, request.expiry, at);
  if (fault !== null) return fault;
  const outcome = outcomeOfCard(card);
  if (amount === 0)
    return kind === 'authorization'
      ? { kind: 'verified', responseCode: NOT_DECLINED, amount }
      : declined(INVALID_AMOUNT);
  const entry = kind === 'authorization' ? 'approved' : 'sale';
  if (outcome.type === 'approve_half')
    return { kind: entry, responseCode: PARTIAL, amount: Math.max(1, Math.floor(amount / 2)) };
  if (outcome.type === 'approve_for_days')
    return { kind: entry, responseCode: APPROVED, amount, validDays: outcome.days };
  return { kind: entry, responseCode: APPROVED, amount };
}

/** Adds to a pre-authorization: found by its reference and approval code, like a capture. */
function decideIncrement(book: Book, request: FinancialRequest): Verdict {
  const { amount, approvalCode, card, key } = request;
  // Its reversal was faster: from here on it is certain that nothing was added.
  if (book.reversedBefore(key)) return declined(INVALID_TRANSACTION);
  const authorization = book.byReference(request);
  if (authorization === undefined) return declined(NOT_FOUND);
  if (authorization.kind !== 'authorization' || authorization.authorizationType !== 'pre')
    return declined(INVALID_TRANSACTION);
  if (approvalCode === null || authorization.approvalCode !== approvalCode)
    return declined(INVALID_TRANSACTION);
  if (!samePurchase(authorization, request)) return declined(INVALID_TRANSACTION);
  if (authorization.standing !== 'open') return declined(NO_ACTION);
  if (amount < 1) return declined(INVALID_AMOUNT);
  const outcome = outcomeOfCard(card);
  if (outcome.type === 'approve_once') return declined(outcome.code);
  return { kind: 'incremented', responseCode: APPROVED, amount };
}

function decideCapture(book: Book, request: FinancialRequest): Verdict {
  const { approvalCode, amount } = request;
  if (approvalCode === null) return declined(INVALID_TRANSACTION);
  const authorization = book.byReference(request);
  if (authorization === undefined) return declined(NOT_FOUND);
  if (authorization.kind !== 'authorization' || authorization.approvalCode !== approvalCode)
    return declined(INVALID_TRANSACTION);
  if (!samePurchase(authorization, request)) return declined(INVALID_TRANSACTION);
  if (authorization.standing !== 'open') return declined(NO_ACTION);
  if (amount < 1 || authorization.captured + amount > authorization.held) return declined(INVALID_AMOUNT);
  return { kind: 'captured', responseCode: APPROVED, amount };
}

function decideRefund(book: Book, request: FinancialRequest): Verdict {
  const { originalKey, amount } = request;
  if (originalKey === null) return declined(INVALID_TRANSACTION);
  const purchase = book.byKey(originalKey);
  if (purchase === undefined) return declined(NOT_FOUND);
  if (!samePurchase(purchase, request)) return declined(INVALID_TRANSACTION);
  if (amount < 1) return declined(INVALID_AMOUNT);
  if (purchase.refunded + amount > purchase.captured) return declined(ORIGINAL_AMOUNT);
  return { kind: 'refunded', responseCode: APPROVED, amount };
}

function decideVoid(book: Book, request: FinancialRequest): Verdict {
  const { originalKey, replacement } = request;
  if (originalKey === null) return declined(INVALID_TRANSACTION);
  const authorization = book.byKey(originalKey);
  if (authorization === undefined) return declined(NOT_FOUND);
  if (!samePurchase(authorization, request)) return declined(INVALID_TRANSACTION);
  if (authorization.kind === 'sale' || authorization.standing !== 'open') return declined(NO_ACTION);
  if (!namesItsAmount(authorization, request)) return declined(ORIGINAL_AMOUNT);
  if (replacement === null) {
    if (authorization.captured > 0) return declined(NO_ACTION);
    return { kind: 'voided', responseCode: APPROVED, amount: authorization.held };
  }
  if (replacement < authorization.captured || replacement >= authorization.held)
    return declined(INVALID_AMOUNT);
  const amount = authorization.held - replacement;
  return { kind: 'partially_voided', responseCode: APPROVED, amount, remaining: replacement };
}

function decideReversal(book: Book, request: FinancialRequest): Verdict {
  const { originalKey } = request;
  if (originalKey === null) return declined(INVALID_TRANSACTION);
  const original = book.entryOf(originalKey);
  if (original === undefined) return { kind: 'not_found', responseCode: NOT_FOUND, amount: 0 };
  const purchase = book.byKey(originalKey);
  const increment = book.incrementOf(originalKey);
  if (increment !== undefined) return decideIncrementReversal(book.byKey(increment.to), increment, request);
  if (purchase === undefined) {
    const moved = original.kind === 'captured' || original.kind === 'refunded';
    // What is cleared, or undone itself, cannot be backed out.
    if (moved || original.kind === 'voided' || original.kind === 'partially_voided')
      return declined(NO_ACTION);
    return { kind: 'nothing_to_reverse', responseCode: APPROVED, amount: 0 };
  }
  if (!samePurchase(purchase, request)) return declined(INVALID_TRANSACTION);
  if (purchase.standing !== 'open') return { kind: 'nothing_to_reverse', responseCode: APPROVED, amount: 0 };
  if (!namesItsAmount(purchase, request)) return declined(ORIGINAL_AMOUNT);
  if (purchase.kind === 'authorization' ? purchase.captured > 0 : purchase.refunded > 0)
    return declined(NO_ACTION);
  return { kind: 'reversed', responseCode: APPROVED, amount: purchase.held };
}

function samePurchase({ currency, card, merchantAccount }: Transaction, request: FinancialRequest): boolean {
  return (
    currency === request.currency &&
    merchantAccount === request.merchantAccount &&
    card.bin === request.card.slice(0, 6) &&
    card.lastFour === request.card.slice(-4)
  );
}

/** Only what was added is undone, and only while nothing was captured out of it. */
function decideIncrementReversal(
  authorization: Transaction | undefined,
  increment: { readonly amount: number },
  request: FinancialRequest,
): Verdict {
  if (authorization === undefined || !samePurchase(authorization, request))
    return declined(INVALID_TRANSACTION);
  if (request.amount !== increment.amount) return declined(ORIGINAL_AMOUNT);
  if (authorization.standing !== 'open')
    return { kind: 'nothing_to_reverse', responseCode: APPROVED, amount: 0 };
  if (authorization.captured > authorization.held - increment.amount) return declined(NO_ACTION);
  return { kind: 'increment_reversed', responseCode: APPROVED, amount: increment.amount };
}

/** Field 4 of a void or reversal is the whole that was authorized: as asked for, or as approved. */
function namesItsAmount(
  { requested, approved, incremented }: Transaction,
  { amount }: FinancialRequest,
): boolean {
  return amount === requested + incremented || amount === approved + incremented;
}

function declined(responseCode: string): Verdict {
  return { kind: 'declined', responseCode, amount: 0 };
}
