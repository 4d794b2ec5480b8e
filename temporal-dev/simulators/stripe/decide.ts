import { passesLuhn } from '../../../platform/scrub.ts';
import type { Treatment } from '../http/faults.ts';
import type { Book } from './book.ts';
import { outcomeOfCard } from './cards.ts';
import type { EntryKind, IntentState, Problem, RefundState } from './journal-entry.ts';
import { renderIntent, renderProblem, renderRefund } from './render.ts';
import { metadataOf, type ApiRequest } from './request.ts';

/** What becomes of a request that was not answered before. */
export interface Verdict {
  readonly status: number;
  readonly reply: Readonly<Record<string, unknown>>;
  /** Null when nothing began: neither written nor kept under the key. */
  readonly effect: Effect | null;
}

export interface Effect {
  readonly kind: EntryKind;
  readonly amount: number;
  readonly currency: string | null;
  readonly intent: IntentState | null;
  readonly refund: RefundState | null;
}

type Forced = Pick<Treatment, 'decline' | 'pending'>;

/** Decides one POST against the book. Pure: `sequence` is the number of the line it would be. */
export function decide(book: Book, request: ApiRequest, sequence: number, forced: Forced): Verdict {
  if (request.kind === 'create') return decideCreate(request, sequence);
  const intent = request.intent === null ? null : book.intent(request.merchantAccount, request.intent);
  if (intent === null)
    return invalid('resource_missing', `no such payment_intent: ${request.intent ?? ''}`, 404);
  if (forced.decline !== null && request.kind !== 'confirm')
    return refused(
      intent,
      { type: 'card_error', code: 'card_declined', decline_code: forced.decline, message: 'declined' },
      402,
    );
  switch (request.kind) {
    case 'confirm':
      return decideConfirm(intent, request, sequence, forced.decline);
    case 'capture':
      return decideCapture(intent, request);
    case 'cancel':
      return decideCancel(intent);
    case 'refund':
      return decideRefund(intent, request, sequence, forced.pending);
    case 'read':
      throw new Error('a read is not decided');
  }
}

function decideCreate({ params, merchantAccount }: ApiRequest, sequence: number): Verdict {
  const amount = wholeNumber(params.get('amount'));
  const currency = params.get('currency');
  if (amount === null || currency === null)
    return invalid('parameter_missing', 'amount and currency are required');
  if (amount > 99_999_999) return invalid('amount_too_large', 'at most eight digits');
  if (amount < 1) return invalid('amount_too_small', 'above zero');
  const intent: IntentState = {
    id: `pi_${idOf(sequence)}`,
    account: merchantAccount,
    amount,
    currency,
    captureMethod: params.get('capture_method') === 'manual' ? 'manual' : 'automatic',
    multicapture: params.get('payment_method_options[card][request_multicapture]') === 'if_available',
    status: 'requires_payment_method',
    amountCapturable: 0,
    amountReceived: 0,
    amountRefunded: 0,
    metadata: metadataOf(params),
    lastPaymentError: null,
    charge: null,
    card: null,
    slowRefunds: false,
  };
  return done('created', 0, intent, params);
}

function decideConfirm(
  intent: IntentState,
  { params }: ApiRequest,
  sequence: number,
  forcedDecline: string | null,
): Verdict {
  if (intent.status !== 'requires_payment_method') return unexpected(intent);
  const number = params.get('payment_method_data[card][number]');
  if (number === null) return invalid('parameter_missing', 'payment_method_data[card][number] is required');
  if (!passesLuhn(number))
    return invalid('incorrect_number', 'the card number is not valid', 402, 'card_error');
  const card = { bin: number.slice(0, 6), lastFour: number.slice(-4) };
  const outcome = outcomeOfCard(number);
  const decline =
    forcedDecline !== null
      ? { code: 'card_declined', declineCode: forcedDecline }
      : outcome.type === 'decline'
        ? outcome
        : null;
  if (decline !== null) {
    const problem: Problem = {
      type: 'card_error',
      code: decline.code,
      decline_code: decline.declineCode,
      message: 'Your card was declined.',
    };
    const after: IntentState = { ...intent, card, lastPaymentError: problem };
    return {
      status: 402,
      reply: renderProblem(problem, after),
      effect: { kind: 'declined', amount: 0, currency: intent.currency, intent: after, refund: null },
    };
  }
  const taken = intent.captureMethod === 'automatic';
  return done(
    taken ? 'sale' : 'approved',
    intent.amount,
    {
      ...intent,
      card,
      status: taken ? 'succeeded' : 'requires_capture',
      amountCapturable: taken ? 0 : intent.amount,
      amountReceived: taken ? intent.amount : 0,
      slowRefunds: outcome.type === 'slow_refund',
      charge: {
        id: `ch_${idOf(sequence)}`,
        approvalCode: String(sequence % 1_000_000).padStart(6, '0'),
        cvcCheck: params.get('payment_method_data[card][cvc]') === null ? 'unchecked' : 'pass',
      },
    },
    params,
  );
}

function decideCapture(intent: IntentState, { params }: ApiRequest): Verdict {
  if (intent.status !== 'requires_capture') return unexpected(intent);
  const amount = wholeNumber(params.get('amount_to_capture')) ?? intent.amountCapturable;
  const final = params.get('final_capture') !== 'false';
  const left = intent.amountCapturable - amount;
  if (left < 0) return refused(intent, problemOf('amount_too_large', 'more than can be captured'), 400);
  if (!final && !intent.multicapture) return invalid('parameter_unknown', 'final_capture needs multicapture');
  if (!final && left === 0)
    return invalid('payment_intent_invalid_parameter', 'all that is left is a final capture');
  const after: IntentState = {
    ...intent,
    amountReceived: intent.amountReceived + amount,
    amountCapturable: final ? 0 : left,
    status: final ? 'succeeded' : 'requires_capture',
  };
  return amount === 0 ? done('released', left, after, params) : done('captured', amount, after, params);
}

function decideCancel(intent: IntentState): Verdict {
  if (intent.status === 'succeeded' || intent.status === 'canceled') return unexpected(intent);
  const held = intent.status === 'requires_capture';
  const after: IntentState = { ...intent, status: 'canceled', amountCapturable: 0 };
  return done(held ? 'voided' : 'canceled', intent.amountCapturable, after, new URLSearchParams());
}

function decideRefund(
  intent: IntentState,
  { params, merchantAccount }: ApiRequest,
  sequence: number,
  forcedPending: boolean,
): Verdict {
  const left = intent.amountReceived - intent.amountRefunded;
  const amount = wholeNumber(params.get('amount')) ?? left;
  if (intent.amountReceived === 0) return unexpected(intent);
  if (left === 0) return refused(intent, problemOf('charge_already_refunded', 'refunded already'), 400);
  if (amount > left || amount < 1)
    return refused(intent, problemOf('amount_too_large', 'more than is left to refund'), 400);
  const pending = forcedPending || intent.slowRefunds;
  const refund: RefundState = {
    id: `re_${idOf(sequence)}`,
    intent: intent.id,
    account: merchantAccount,
    amount,
    currency: intent.currency,
    status: pending ? 'pending' : 'succeeded',
    metadata: metadataOf(params),
  };
  return {
    status: 200,
    reply: renderRefund(refund),
    effect: {
      kind: pending ? 'refund_pending' : 'refunded',
      amount,
      currency: intent.currency,
      intent: { ...intent, amountRefunded: intent.amountRefunded + amount },
      refund,
    },
  };
}

function done(kind: EntryKind, amount: number, intent: IntentState, params: URLSearchParams): Verdict {
  const expanded = params.getAll('expand[0]').includes('latest_charge');
  return {
    status: 200,
    reply: renderIntent(intent, expanded),
    effect: { kind, amount, currency: intent.currency, intent, refund: null },
  };
}

/** Turned away before anything began: not kept under the key. */
function invalid(code: string, message: string, status = 400, type = 'invalid_request_error'): Verdict {
  return { status, reply: renderProblem({ type, code, message }, null), effect: null };
}

function problemOf(code: string, message: string): Problem {
  return { type: 'invalid_request_error', code, message };
}

function unexpected(intent: IntentState): Verdict {
  return refused(intent, problemOf('payment_intent_unexpected_state', `the intent is ${intent.status}`), 400);
}

/** Looked at and refused: kept under the key. */
function refused(intent: IntentState, problem: Problem, status: number): Verdict {
  return {
    status,
    reply: renderProblem(problem, intent),
    effect: { kind: 'refused', amount: 0, currency: intent.currency, intent: null, refund: null },
  };
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function idOf(sequence: number): string {
  return `sim${String(sequence).padStart(12, '0')}`;
}
