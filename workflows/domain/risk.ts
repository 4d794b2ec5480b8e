import type { Risk } from './payment.ts';

/** How often something was seen lately, this payment included. */
export interface VelocityCounts {
  readonly cardLastMinute: number;
  readonly cardLastHour: number;
  readonly ipLastHour: number;
}

export interface RiskInput {
  /** Minor units. */
  readonly amount: bigint;
  /** Decimals of the currency. */
  readonly exponent: number;
  readonly counts: VelocityCounts;
  /** The counts come from PostgreSQL because Redis could not be asked. */
  readonly degraded: boolean;
}

/** Above this a payment is blocked; from REVIEW_FROM on a person looks at it (payment-rules: review band). */
const BLOCK_ABOVE = 80;
const REVIEW_FROM = 60;

interface Rule {
  readonly points: number;
  readonly reason: string;
  readonly applies: (input: RiskInput) => boolean;
}

/** Each rule adds its points once; the score is their sum, at most 100. */
const RULES: readonly Rule[] = [
  {
    points: 85,
    reason: 'card_used_more_than_6_times_in_a_minute',
    applies: ({ counts }) => counts.cardLastMinute > 6,
  },
  {
    points: 30,
    reason: 'card_used_more_than_3_times_in_a_minute',
    applies: ({ counts }) => counts.cardLastMinute > 3,
  },
  {
    points: 35,
    reason: 'card_used_more_than_20_times_in_an_hour',
    applies: ({ counts }) => counts.cardLastHour > 20,
  },
  {
    points: 25,
    reason: 'address_used_more_than_60_times_in_an_hour',
    applies: ({ counts }) => counts.ipLastHour > 60,
  },
  {
    points: 35,
    reason: 'amount_above_5000',
    applies: ({ amount, exponent }) => amount > 5_000n * 10n ** BigInt(exponent),
  },
  {
    points: 30,
    reason: 'amount_above_20000',
    applies: ({ amount, exponent }) => amount > 20_000n * 10n ** BigInt(exponent),
  },
];

/** The score with its reasons, and what follows from it: a pure function of what was counted. */
export function assessRisk(input: RiskInput): Risk {
  const hits = RULES.filter(({ applies }) => applies(input));
  const score = Math.min(
    hits.reduce((sum, { points }) => sum + points, 0),
    100,
  );
  const decision = score > BLOCK_ABOVE ? 'block' : score >= REVIEW_FROM ? 'review' : 'accept';
  const reasons = hits.map(({ reason }) => reason);
  return {
    score,
    decision,
    reasons: input.degraded ? [...reasons, 'velocity_counted_without_redis'] : reasons,
  };
}
