import type { Currency } from '../currencies.ts';
import type { AcquirerAccountId, PaymentId } from '../ids.ts';
import type { BreakerView } from './breaker.ts';
import type { ApprovalCount, ApprovalLevel } from './estimate.ts';

/** What an account can be asked to do. A payment needs some of it; what is missing excludes the account. */
export const CAPABILITIES = [
  'authorization',
  'sale',
  'partial_approval',
  /** Takes a card payment that comes without its security code, as a failover after an answer must. */
  'no_security_code',
  'verification',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** What an account takes of one currency, in minor units. */
export interface AmountLimit {
  readonly minimum: bigint;
  readonly maximum: bigint;
  /** Amounts are whole multiples of it. */
  readonly step: bigint;
}

export const COST_KINDS = ['scheme', 'interchange', 'acquirer'] as const;
export type CostKind = (typeof COST_KINDS)[number];

/** One line of what an authorization costs at an account. A micro is a millionth of a minor unit. */
export interface Cost {
  readonly kind: CostKind;
  readonly fixedMicros: bigint;
  /** Millionths of the amount. */
  readonly ppm: bigint;
  /** On top, where card and merchant are of different countries. */
  readonly crossBorderPpm: bigint;
}

/** A merchant's account at an acquirer with all that choosing rests on. Times are epoch ms. */
export interface RouteOption {
  readonly acquirer: string;
  readonly account: AcquirerAccountId;
  readonly singleMessage: boolean;
  readonly currencies: readonly string[];
  readonly brands: readonly string[];
  readonly capabilities: readonly Capability[];
  /** For the payment's currency; null = only the platform's own limits. */
  readonly limit: AmountLimit | null;
  /** Why the payment's amount cannot be said on that acquirer's wire; null when it can. */
  readonly amountProblem: string | null;
  readonly validFrom: number;
  readonly validTo: number | null;
  /** End of the maintenance window that is open now; null when none is. */
  readonly maintenanceUntil: number | null;
  readonly breaker: BreakerView;
  /** In force for the payment's currency and brand, one line a kind at most. */
  readonly costs: readonly Cost[];
  /** Approvals seen so far, finest first. */
  readonly counts: readonly ApprovalCount[];
  /** How long it takes to answer, on average; null when nobody knows. */
  readonly latencyMs: number | null;
}

/** What a rule is about; an empty list, or null, means any. */
export interface RuleScope {
  readonly currencies: readonly string[];
  readonly brands: readonly string[];
  /** First digits of the card. */
  readonly bins: readonly string[];
  /** Minor units, both ends included. */
  readonly amountFrom: bigint | null;
  readonly amountTo: bigint | null;
}

/**
 * A merchant's own word on where payments go. The first rule that is about a payment decides, by
 * priority (lowest first), then by id.
 * - pin: this account and no other, or none
 * - prefer: these first, in this order, whatever they are worth; then the others
 * - split: that many percent of payments to each; by the payment's id, so that it is always the same
 */
export type RouteRule = {
  readonly id: string;
  readonly priority: number;
  readonly scope: RuleScope;
} & (
  | { readonly kind: 'pin'; readonly account: AcquirerAccountId }
  | { readonly kind: 'prefer'; readonly accounts: readonly AcquirerAccountId[] }
  | {
      readonly kind: 'split';
      readonly shares: readonly { readonly account: AcquirerAccountId; readonly percent: number }[];
    }
);

/** How a merchant wants payments routed. */
export interface RouteSettings {
  /** What an approved payment is worth, in millionths of its amount. */
  readonly marginPpm: bigint;
  /** What a second of waiting costs, in millionths of the amount. */
  readonly latencyPpmPerSecond: bigint;
  /** Share of payments that go to another account than the best, to learn (millionths). */
  readonly explorationPpm: number;
  /** Other accounts that may be tried after the first; 0 = none. */
  readonly failoverLimit: number;
  /** Whether a payment may be tried elsewhere after a decline, without its security code. */
  readonly failoverAfterAnswer: boolean;
  /** Whether breakers count. */
  readonly breaker: boolean;
}

export const DEFAULT_SETTINGS: RouteSettings = {
  marginPpm: 20_000n,
  latencyPpmPerSecond: 200n,
  explorationPpm: 10_000,
  failoverLimit: 2,
  failoverAfterAnswer: false,
  breaker: true,
};

/** An authorization attempt of this payment that is over. */
export interface TriedAccount {
  readonly account: AcquirerAccountId;
  /** It was declined, or sent and proven not executed; otherwise it was never sent. */
  readonly answered: boolean;
}

export interface RouteRequest {
  readonly payment: PaymentId;
  /** Minor units. */
  readonly amount: bigint;
  readonly currency: Currency;
  readonly brand: string;
  readonly bin: string;
  /** The money is held first: manual capture, or a person looks at it. */
  readonly holds: boolean;
  readonly allowsPartialApproval: boolean;
  /** null = where the card is from is not known; then it counts as domestic. */
  readonly crossBorder: boolean | null;
  readonly authorizeBy: number;
  readonly tried: readonly TriedAccount[];
  readonly settings: RouteSettings;
  readonly rules: readonly RouteRule[];
  readonly options: readonly RouteOption[];
  /** Statistics could not be read: every estimate is the prior. */
  readonly degraded: boolean;
  readonly now: number;
}

export const EXCLUSION_CODES = [
  'not_valid',
  'currency',
  'brand',
  'capability',
  'amount_minimum',
  'amount_maximum',
  'amount_step',
  'wire',
  'maintenance',
  'breaker',
  'no_probe',
  'rule',
  'tried',
  'failover_limit',
  'answered',
] as const;
export type ExclusionCode = (typeof EXCLUSION_CODES)[number];

export interface Exclusion {
  readonly code: ExclusionCode;
  readonly detail: string;
  /** When it is over by itself (epoch ms); null when waiting does not help. */
  readonly until: number | null;
}

/** Expected value of an account, term by term, in micros of a minor unit. */
export interface Terms {
  readonly approvalPpm: bigint;
  /** The finest count with something in it; `prior` when there is none. */
  readonly approvalFrom: ApprovalLevel | 'prior';
  readonly marginMicros: bigint;
  /** margin × probability of approval. */
  readonly expectedMicros: bigint;
  readonly costMicros: Readonly<Record<CostKind | 'cross_border', bigint>>;
  readonly latencyMicros: bigint;
  readonly valueMicros: bigint;
}

export interface Candidate {
  readonly option: RouteOption;
  readonly exclusions: readonly Exclusion[];
  readonly terms: Terms;
  /** From 1; null when excluded. */
  readonly rank: number | null;
}

/** What the last decision left open: where else the payment could go. */
export interface RouteLeft {
  /** If the attempt proves unsent. */
  readonly unsent: readonly AcquirerAccountId[];
  /** If it is declined with a remedy elsewhere. */
  readonly answered: readonly AcquirerAccountId[];
  /** The attempt is one that a half-open breaker let through. */
  readonly probe: boolean;
}

export interface RouteDecision {
  readonly candidates: readonly Candidate[];
  readonly chosen: RouteOption | null;
  readonly rule: RouteRule | null;
  readonly explored: boolean;
  /** When asking again may help (epoch ms); only where nothing was chosen. */
  readonly retryAt: number | null;
  readonly left: RouteLeft;
}

/** A decision as it is kept (route_decisions.decision): plain JSON, micros and amounts as text. */
export type RouteRecord = Readonly<Record<string, unknown>> & { readonly left: RouteLeft };

/** Where a payment's next authorization attempt goes, if anywhere. */
export type RouteAnswer =
  | {
      readonly kind: 'account';
      readonly acquirer: string;
      readonly account: AcquirerAccountId;
      /** The account takes authorization and capture in one message (sale). */
      readonly singleMessage: boolean;
      /** Another account than the last attempt's. */
      readonly elsewhere: boolean;
      readonly decision: RouteRecord;
    }
  /** Only what passes by itself stands in the way: ask again then (epoch ms). */
  | { readonly kind: 'later'; readonly at: number; readonly decision: RouteRecord }
  | { readonly kind: 'none'; readonly decision: RouteRecord };

export type Route = Extract<RouteAnswer, { readonly kind: 'account' }>;
