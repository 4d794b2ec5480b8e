import { passesLuhn } from '../../../platform/scrub.ts';
import type { Treatment } from '../http/faults.ts';
import type { Book } from './book.ts';
import type { EntryKind, ModificationKind, ModificationState, PaymentState } from './journal-entry.ts';
import { outcomeOf } from './outcomes.ts';
import { renderModification, renderPayment, renderProblem } from './render.ts';
import type { ApiBody, ApiRequest } from './request.ts';

/** What becomes of a request that was not answered before. */
export interface Verdict {
  readonly status: number;
  readonly reply: Readonly<Record<string, unknown>>;
  /** Null when nothing began: neither written nor kept under the key. */
  readonly effect: Effect | null;
}

/** What a line of the journal says beside who asked. */
export interface Effect {
  readonly kind: EntryKind;
  readonly amount: number;
  readonly payment: PaymentState | null;
  readonly modification: ModificationState | null;
}

type Forced = Pick<Treatment, 'decline' | 'pending'>;

/** Decides one request against the book. Pure: `sequence` is the number of the line it would be. */
export function decide(book: Book, request: ApiRequest, sequence: number, forced: Forced): Verdict {
  const { body, kind } = request;
  if (body === null) return invalid('702', 'the body cannot be read');
  if (body.merchantAccount === '') return invalid('901', 'Invalid Merchant Account');
  if (body.reference === '') return invalid('130', 'Reference Missing');
  if (kind === 'pay') return decidePayment(body, sequence, forced);
  return decideReceived(book, request, body, kind, sequence, forced);
}

function decidePayment(body: ApiBody, sequence: number, { decline, pending }: Forced): Verdict {
  const { amount, paymentMethod, merchantAccount: account, reference } = body;
  const number = paymentMethod?.number ?? '';
  if (!passesLuhn(number)) return invalid('101', 'Invalid card number');
  if (amount === undefined || amount.value < 1) return invalid('137', 'Invalid amount specified');
  const scripted = outcomeOf(amount.value, paymentMethod?.holderName);
  const { resultCode, refusalReasonCode } =
    decline === null
      ? pending
        ? { resultCode: 'Pending', refusalReasonCode: null }
        : scripted
      : { resultCode: 'Refused', refusalReasonCode: decline };
  const status = statusOf(resultCode);
  const capture = body.additionalData?.['manualCapture'] === 'true' ? 'manual' : 'automatic';
  const taken = status === 'authorised' && capture === 'automatic';
  const payment: PaymentState = {
    pspReference: nameOf('PAY', sequence),
    account,
    reference,
    amount: amount.value,
    currency: amount.currency,
    capture,
    status,
    resultCode,
    refusalReasonCode,
    captured: taken ? amount.value : 0,
    refunded: 0,
    authCode: status === 'authorised' ? String(sequence % 1_000_000).padStart(6, '0') : null,
    cvcResult: paymentMethod?.cvc === undefined ? '6 No CVC/CVV provided' : '1 Matches',
    card: { bin: number.slice(0, 6), lastFour: number.slice(-4) },
  };
  return { status: 200, reply: renderPayment(payment), effect: paymentEffect(payment) };
}

function statusOf(resultCode: string): PaymentState['status'] {
  if (resultCode === 'Authorised') return 'authorised';
  return resultCode === 'Refused' || resultCode === 'Error' ? 'refused' : 'open';
}

/** What a payment that has become that is written down as. */
export function paymentEffect(payment: PaymentState): Effect {
  const kinds = {
    open: 'open',
    refused: 'declined',
    authorised: payment.capture === 'automatic' ? 'sale' : 'approved',
    cancelled: 'refused',
  } as const satisfies Record<PaymentState['status'], EntryKind>;
  const kind = kinds[payment.status];
  const moves = payment.status === 'authorised';
  return { kind, amount: moves ? payment.amount : 0, payment, modification: null };
}

/** Adyen takes nearly every modification; whether it can be done is found out later. */
function decideReceived(
  book: Book,
  { payment }: ApiRequest,
  { merchantAccount: account, reference, amount, paymentReference }: ApiBody,
  kind: ModificationKind,
  sequence: number,
  forced: Forced,
): Verdict {
  const byReference = kind === 'cancel_by_reference';
  const found = payment === null ? null : book.payment(account, payment);
  if (!byReference && found === null)
    return invalid('167', 'Original pspReference required for this operation');
  const moves = kind === 'capture' || kind === 'refund';
  if (moves && (amount === undefined || amount.value < 1)) return invalid('137', 'Invalid amount specified');
  const modification: ModificationState = {
    pspReference: nameOf('MOD', sequence),
    kind,
    account,
    payment,
    paymentReference: byReference ? (paymentReference ?? null) : null,
    reference,
    amount: moves ? (amount?.value ?? 0) : 0,
    currency: moves ? (amount?.currency ?? null) : null,
    status: 'received',
    forcedToFail: forced.decline !== null,
    byHand: forced.pending,
  };
  const effect: Effect = { kind: 'received', amount: 0, payment: found, modification };
  return { status: 201, reply: renderModification(modification), effect };
}

/** Turned away before anything began: not kept under the key. */
function invalid(errorCode: string, message: string): Verdict {
  return { status: 422, reply: renderProblem(422, errorCode, message), effect: null };
}

/** 16 characters, as Adyen's are. */
function nameOf(what: 'PAY' | 'MOD', sequence: number): string {
  return `SIM${what}${String(sequence).padStart(10, '0')}`;
}
