import type { AcquirerAccountId, AttemptId, MerchantId, StagingId, VerificationId } from './ids.ts';
import type { Remedy } from './outcome.ts';
import type { PaymentCard } from './payment.ts';

/**
 * Whether an issuer says that a card is good: amount zero, nothing held, nothing posted.
 *
 * - verified: the issuer has no reason to decline
 * - declined: the issuer said no
 * - unknown: nobody who knows said anything; that is an end, and it is not a no
 */
export const VERIFICATION_STATUSES = ['processing', 'verified', 'declined', 'unknown'] as const;
export type VerificationStatus = (typeof VERIFICATION_STATUSES)[number];

/** Why nothing is known: asked and not told; nothing sent in time; no account of the merchant can ask. */
export const UNKNOWN_REASONS = ['no_answer', 'not_attempted', 'no_route'] as const;
export type UnknownReason = (typeof UNKNOWN_REASONS)[number];

/** What a declined card's holder, or the merchant, can do next. */
export const ADVICE_CODES = [
  'do_not_try_again',
  'try_again_later',
  'confirm_card_data',
  'authenticate',
] as const;
export type AdviceCode = (typeof ADVICE_CODES)[number];

/** The one event of a verification: that it has ended, whichever way. */
export const VERIFICATION_EVENT = 'card_verification.completed';

const ADVICE = {
  never: 'do_not_try_again',
  later: 'try_again_later',
  fix_data: 'confirm_card_data',
  authenticate: 'authenticate',
  other_route: null,
  none: null,
} as const satisfies Record<Remedy, AdviceCode | null>;

/** One question to one acquirer. `sending` with `givenUpAt`: it may have been heard, and nobody told. */
export interface VerificationAttempt {
  readonly id: AttemptId;
  /** From 1. */
  readonly number: number;
  readonly acquirer: string;
  readonly account: AcquirerAccountId;
  /** Where that acquirer's worker listens. */
  readonly taskQueue: string;
  readonly state: 'planned' | 'sending' | 'answered' | 'fenced';
  /** Only where it is answered. */
  readonly outcome: 'approved' | 'declined' | null;
  /** Since when nobody waits for its answer (epoch ms); null = somebody may. */
  readonly givenUpAt: number | null;
  /** The right to the card's number, where it was planned just now. */
  readonly grant?: string;
}

/** What the workflow decides by. */
export interface VerificationView {
  readonly status: VerificationStatus;
  readonly staging: StagingId;
  /** Nothing is sent after it (epoch ms). */
  readonly verifyBy: number;
  readonly attempts: readonly VerificationAttempt[];
}

export type VerificationEnd =
  | { readonly kind: 'answered'; readonly attempt: AttemptId }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason };

export type VerificationStep =
  | { readonly kind: 'done' }
  | { readonly kind: 'conclude'; readonly end: VerificationEnd }
  /** Its call is over, or its run was lost: make sure that it is never begun, or that it is called unknown. */
  | { readonly kind: 'settle'; readonly attempt: AttemptId }
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'ask'; readonly number: number };

/** An issuer that was asked so often and did not tell is not asked again: every question is one it may count. */
export const ASKED_AT_MOST = 3;
/** After the first unknown, and after the second (ms): time for the late answer, and for the acquirer to recover. */
const PAUSES_AFTER_UNKNOWN_MS = [2_000, 8_000] as const;
const PAUSE_AFTER_UNSENT_MS = 1_000;
const PAUSE_AFTER_UNSENT_MAX_MS = 30_000;

/**
 * What is next. Nothing is held, so a question whose answer was lost is asked again under a new number, a few
 * times; an answer that comes meanwhile, whichever question it is to, ends it.
 */
export function nextVerificationStep(view: VerificationView, now: number): VerificationStep {
  const { status, attempts, verifyBy } = view;
  if (status !== 'processing') return { kind: 'done' };
  const answered = attempts.find(({ state }) => state === 'answered');
  if (answered !== undefined) return { kind: 'conclude', end: { kind: 'answered', attempt: answered.id } };
  const last = attempts.at(-1);
  if (last?.givenUpAt === null) return { kind: 'settle', attempt: last.id };
  const asked = attempts.filter(({ state }) => state === 'sending').length;
  if (asked >= ASKED_AT_MOST || now >= verifyBy)
    return { kind: 'conclude', end: { kind: 'unknown', reason: asked > 0 ? 'no_answer' : 'not_attempted' } };
  if (last !== undefined) {
    const due = Math.min(last.givenUpAt + pauseAfter(attempts, asked), verifyBy);
    if (due > now) return { kind: 'wait', until: due };
  }
  return { kind: 'ask', number: attempts.length + 1 };
}

/** After an attempt that may have been heard, or one that certainly was not sent. */
function pauseAfter(attempts: readonly VerificationAttempt[], asked: number): number {
  const unsent = attempts.length - 1 - attempts.findLastIndex(({ state }) => state === 'sending');
  if (unsent === 0) return PAUSES_AFTER_UNKNOWN_MS[asked - 1] ?? 0;
  return Math.min(PAUSE_AFTER_UNSENT_MS * 2 ** (unsent - 1), PAUSE_AFTER_UNSENT_MAX_MS);
}

/** A verification as it is shown: what was asked, and what became of it. */
export interface CardVerification {
  readonly id: VerificationId;
  readonly merchant: MerchantId;
  readonly mode: 'test' | 'live';
  /** Epoch ms. */
  readonly createdAt: number;
  readonly currency: string;
  readonly status: VerificationStatus;
  readonly unknownReason: UnknownReason | null;
  readonly card: PaymentCard | null;
  readonly verifyBy: number;
  readonly concludedAt: number | null;
  readonly customerReference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of the attempt that was answered; null while there is none. */
  readonly answer: VerificationAnswer | null;
}

export interface VerificationAnswer {
  readonly acquirer: string;
  /** Retrieval reference number. */
  readonly reference: string | null;
  readonly responseCode: string | null;
  readonly remedy: Remedy | null;
  readonly avsResult: string | null;
  readonly cvvResult: string | null;
}

/** How the outside sees a verification: the one rendering that answers, events and GET share. */
export function verificationResource(verification: CardVerification): Record<string, unknown> {
  const { card, answer, status } = verification;
  const declined = status === 'declined' ? answer : null;
  return {
    id: verification.id,
    object: 'card_verification',
    mode: verification.mode,
    created: iso(verification.createdAt),
    currency: verification.currency,
    status,
    decline_code: declined?.responseCode ?? null,
    advice_code: declined?.remedy == null ? null : ADVICE[declined.remedy],
    remedy: declined?.remedy ?? null,
    unknown_reason: verification.unknownReason,
    avs_result: answer?.avsResult ?? null,
    cvv_result: answer?.cvvResult ?? null,
    card:
      card === null
        ? null
        : {
            token: card.token,
            fingerprint: card.fingerprint,
            brand: card.brand,
            bin: card.bin,
            last_four: card.lastFour,
            expiry_month: card.expiryMonth,
            expiry_year: card.expiryYear,
          },
    acquirer: answer === null ? null : { id: answer.acquirer, reference: answer.reference },
    customer_reference: verification.customerReference,
    metadata: verification.metadata,
    verify_by: iso(verification.verifyBy),
    concluded: verification.concludedAt === null ? null : iso(verification.concludedAt),
  };
}

/** The bytes of its webhook. */
export function verificationEventBody(event: {
  readonly id: string;
  readonly at: number;
  readonly verification: CardVerification;
}): string {
  return JSON.stringify({
    id: event.id,
    object: 'event',
    type: VERIFICATION_EVENT,
    created: iso(event.at),
    data: { card_verification: verificationResource(event.verification) },
  });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
