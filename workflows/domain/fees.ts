import type { Currency } from './currencies.ts';
import { compare, plus, ratio, times, type Ratio } from './rounding.ts';

/** What the platform pays for a payment, by whom it is charged. */
export const COST_KINDS = ['acquirer', 'scheme', 'interchange'] as const;
export type CostKind = (typeof COST_KINDS)[number];

/** What the merchant pays the platform, and what the platform pays. */
export type FeeKind = 'platform' | CostKind;

/** The whole amount is charged by the tier that it falls in; tiers are in order, the last one has no end. */
export interface FeeTier {
  /** Minor units, inclusive; null = no end. */
  readonly upTo: bigint | null;
  /** Minor units. */
  readonly fixed: bigint;
  /** Parts per million of the amount: 14 000 is 1.4 %. */
  readonly ppm: bigint;
}

/** One fee as it was agreed: a dated row (schema: fee_schedules), never changed once in force. */
export interface FeeSchedule {
  readonly id: string;
  readonly kind: FeeKind;
  /** Of the fixed parts and limits, and of the amounts that it is charged on. */
  readonly currency: Currency;
  readonly tiers: readonly FeeTier[];
  /** Minor units; null = no limit. */
  readonly min: bigint | null;
  readonly max: bigint | null;
  /** Costs only: passed on to the merchant. */
  readonly recharge: boolean;
  /** Platform only: what a refund does to it. */
  readonly onRefund: 'keep' | 'return';
}

const MILLION = 1_000_000n;

/** So many parts of a million, exactly. */
export function partsPerMillion(amount: bigint, ppm: bigint): Ratio {
  return ratio(amount * ppm, MILLION);
}

/**
 * The fee on an amount of the schedule's currency, exact: fixed + percent of the amount's tier, kept
 * within the limits. Not rounded: see roundHalfEven.
 * @throws RangeError when no tier takes the amount: the last tier must have no end.
 */
export function feeOf(schedule: FeeSchedule, amount: bigint): Ratio {
  const tier = schedule.tiers.find(({ upTo }) => upTo === null || amount <= upTo);
  if (tier === undefined) throw new RangeError(`${schedule.id} has no tier for ${amount}`);
  const { min, max } = schedule;
  const fee = plus(ratio(tier.fixed), partsPerMillion(amount, tier.ppm));
  if (min !== null && compare(fee, ratio(min)) < 0n) return ratio(min);
  if (max !== null && compare(fee, ratio(max)) > 0n) return ratio(max);
  return fee;
}

/** The first schedule of a kind in a currency: they come with the most particular, newest first. */
export function scheduleFor(
  schedules: readonly FeeSchedule[],
  kind: FeeKind,
  currency: Currency,
): FeeSchedule | null {
  return schedules.find((schedule) => schedule.kind === kind && schedule.currency === currency) ?? null;
}

/** An exact amount in another currency; the ratio is of minor units. */
export function inCurrency(amount: Ratio, minorRate: Ratio | null): Ratio {
  return minorRate === null ? amount : times(amount, minorRate);
}
