import type { CardBrand } from './card.ts';
import type { AcquirerAccountId, AttemptId } from './ids.ts';
import type { AttemptKind, OutcomeClass } from './outcome.ts';
import { attemptOf, type Operation, type PaymentState } from './payment.ts';

/** A call that has ended, as far as others than its payment learn from it. */
export interface EndedAttempt {
  readonly attempt: AttemptId;
  readonly kind: AttemptKind;
  readonly acquirer: string;
  readonly account: AcquirerAccountId;
  readonly mode: 'test' | 'live';
  readonly brand: CardBrand;
  readonly bin: string;
  readonly currency: string;
  /** Minor units. */
  readonly amount: bigint;
  readonly outcome: OutcomeClass;
  /** What failed is ours: it says nothing about the acquirer. */
  readonly ours: boolean;
  /** The call had ended before, unknown or held, and this was learned by asking: no further call has ended. */
  readonly asked: boolean;
  /** Epoch ms. */
  readonly plannedAt: number;
  readonly latencyMs: number | null;
  /** It was a probe of a half-open breaker. */
  readonly probe: boolean;
}

/** The current attempt of an operation, ended like that; null when there is none, or it was concluded before. */
export function endedAttempt(
  state: PaymentState,
  { kind: operationKind, state: operationState, phase, currentAttempt }: Operation,
  outcome: OutcomeClass,
  ours: boolean,
): EndedAttempt | null {
  const { payment, route } = state;
  const attempt = attemptOf(state, currentAttempt);
  if (attempt === null || payment.card === null || operationState !== 'pending') return null;
  const { id, kind, acquirer, account, amount, plannedAt, latencyMs } = attempt;
  return {
    attempt: id,
    kind,
    acquirer,
    account,
    mode: payment.mode,
    brand: payment.card.brand,
    bin: payment.card.bin,
    currency: payment.currency,
    amount,
    outcome,
    ours,
    asked: phase !== 'in_flight',
    plannedAt,
    latencyMs,
    probe: operationKind === 'authorize' && route?.probe === true,
  };
}
