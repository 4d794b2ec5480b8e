/** What an operator can decide, as the table decision_kinds has it. */
export const DECISION_ACTIONS = [
  'approve_review',
  'reject_review',
  'call_executed',
  'call_not_executed',
  'force_reversal',
  'release_hold',
  'extend_hold',
  'ask_now',
  'pause_payment',
  'resume_payment',
  'close_case',
  'retry_webhook',
  'adjust',
] as const;
export type DecisionAction = (typeof DECISION_ACTIONS)[number];

export const DECISION_STATES = ['proposed', 'approved', 'rejected'] as const;
export type DecisionState = (typeof DECISION_STATES)[number];

/** A decision as the database answers it. Times are ISO 8601, with the offset of the database. */
export interface Decision {
  readonly id: string;
  readonly action: DecisionAction;
  readonly merchant_id: string;
  readonly payment_id: string | null;
  readonly subject: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly reason: string;
  readonly evidence: string | null;
  readonly proposed_by: string;
  readonly proposed_at: string;
  readonly second_person: boolean;
  readonly state: DecisionState;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly decision_reason: string | null;
  /** What came of it: cmd_…, adj_…, dlv_… or the case; null until it is approved. */
  readonly effect: string | null;
  /** The list that it was decided with (blk_…); null where it was decided alone. */
  readonly bulk: string | null;
  /** The command that it became, and what the payment answered; null where it became none. */
  readonly command: {
    readonly id: string;
    readonly state: 'pending' | 'done';
    readonly answer_status: number | null;
    /** Why the payment refused it; null where it did not. */
    readonly answer: string | null;
  } | null;
}

/** What waits for a person: an open case, or the review of a payment. */
export interface Waiting {
  readonly id: string;
  readonly kind: string;
  readonly merchant_id: string;
  readonly payment_id: string;
  readonly operation_id: string | null;
  readonly opened_at: string;
  readonly due_at: string | null;
  readonly overdue: boolean;
  readonly escalated_at: string | null;
  readonly assignee: string | null;
}

type Fields = Readonly<Record<string, unknown>>;

/** A case, or a payment that waits for something, with what a person has to know to decide. */
export interface WorkItem {
  readonly item: {
    readonly id: string;
    readonly kind: string | null;
    readonly state: 'open' | 'resolved' | 'none';
    readonly operation_id: string | null;
    readonly attempt_id: string | null;
    readonly detail: unknown;
    readonly opened_at: string;
    /** A person may close it: an open case that no machine closes, and that keeps nothing waiting. */
    readonly can_be_closed: boolean;
  };
  readonly waiting: Waiting | null;
  readonly payment: Fields & {
    readonly id: string;
    readonly merchant_id: string;
    readonly status: string;
    readonly amount: string;
    readonly currency: string;
    /** Null while it is not paused. */
    readonly paused_at: string | null;
  };
  readonly operations: readonly (Fields & {
    readonly id: string;
    readonly kind: string;
    readonly state: string;
    readonly phase: string;
    /** An authorization that is unknown or not sent yet. */
    readonly can_be_undone: boolean;
    /** A person can say what became of it. */
    readonly can_be_called: boolean;
  })[];
  readonly attempts: readonly Fields[];
  readonly timeline: readonly Fields[];
  readonly cases: readonly Fields[];
  readonly decisions: readonly Decision[];
}
