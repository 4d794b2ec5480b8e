import { CURRENCIES } from './currencies.ts';
import type { OutcomeClass } from './outcome.ts';
import type { PaymentState } from './payment.ts';
import type { PaymentStatus } from './status.ts';

/** Why a person should look at a payment; the first that holds. */
export type Attention = 'case' | 'review' | 'unknown' | 'paused' | 'none';

/** What operators find a payment by: short words, nothing of a person, no exact amount. */
export interface PaymentFacts {
  readonly status: PaymentStatus;
  /** Of the latest attempt; null before there was one. */
  readonly acquirer: string | null;
  readonly outcome: OutcomeClass | 'open' | null;
  readonly currency: string;
  readonly band: string;
  readonly caseType: string | null;
  readonly attention: Attention;
}

export function factsForOperators(state: PaymentState): PaymentFacts {
  const { payment, attempts, openCase } = state;
  const latest = attempts.at(-1) ?? null;
  return {
    status: payment.status,
    acquirer: latest?.acquirer ?? null,
    outcome: latest === null ? null : (latest.outcome ?? 'open'),
    currency: payment.currency,
    band: `${amountBand(payment.amount, CURRENCIES[payment.currency].exponent)} ${state.risk?.decision ?? 'unscored'}`,
    caseType: openCase,
    attention: attentionOf(state),
  };
}

function attentionOf({ openCase, payment, operations }: PaymentState): Attention {
  if (openCase !== null) return 'case';
  if (payment.status === 'in_review') return 'review';
  const unknown = operations.some(
    ({ state, phase }) => state === 'pending' && (phase === 'unknown' || phase === 'reversing'),
  );
  if (unknown) return 'unknown';
  return payment.pausedAt === null ? 'none' : 'paused';
}

/** Power of ten of whole units: `below 10`, `10-99` … `100000 and more`. */
function amountBand(amount: bigint, exponent: number): string {
  const digits = String(amount / 10n ** BigInt(exponent)).length;
  if (digits <= 1) return 'below 10';
  if (digits >= 6) return '100000 and more';
  return `${10 ** (digits - 1)}-${10 ** digits - 1}`;
}
