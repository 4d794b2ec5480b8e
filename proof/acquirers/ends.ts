/** What a merchant asks of an acquirer; `sale` is an authorization that takes the money in one message. */
export const OPERATIONS = ['authorize', 'sale', 'capture', 'void', 'refund'] as const;
export type Operation = (typeof OPERATIONS)[number];

/**
 * How an operation can end.
 * - done: as it was asked for
 * - declined: the acquirer said no
 * - reversed: it was executed, or may have been, and is undone
 * - not_executed: proven not to have been executed, and given up
 * - mismatch: approved for more than was asked for, and undone
 * - partial: approved for less than was asked for, and undone
 * - in_case: nobody can know, or nobody may decide but a person
 */
export const ENDS = [
  'done',
  'declined',
  'reversed',
  'not_executed',
  'mismatch',
  'partial',
  'in_case',
] as const;
export type End = (typeof ENDS)[number];

/** What a merchant sees of an end, and what was told. */
export interface Seen {
  readonly status: string;
  readonly failureCode: string | null;
  /** Of the capture, void or refund itself; null where there is none. */
  readonly operation: 'pending' | 'succeeded' | 'failed' | null;
  /** Types of all events of the operation, in their order. */
  readonly events: readonly string[];
}

const seen = (
  status: string,
  operation: Seen['operation'],
  events: readonly string[],
  failureCode: string | null = null,
): Seen => ({ status, operation, events, failureCode });

const FAILED = ['payment.failed'];
const NO_MONEY = {
  declined: seen('declined', null, ['payment.declined']),
  reversed: seen('failed', null, FAILED, 'reversed_unknown'),
  not_executed: seen('failed', null, FAILED, 'not_executed'),
  mismatch: seen('failed', null, FAILED, 'answer_mismatch'),
  partial: seen('declined', null, ['payment.declined'], 'partial_not_accepted'),
} as const;

/** What is seen of each end that an operation can have. A capture takes a part of what is held, a refund a part of what was sold. */
export const SEEN: Readonly<Record<Operation, Readonly<Partial<Record<End, Seen>>>>> = {
  authorize: { ...NO_MONEY, done: seen('authorized', null, ['payment.authorized']) },
  sale: { ...NO_MONEY, done: seen('captured', 'succeeded', ['payment.captured']) },
  capture: {
    done: seen('partially_captured', 'succeeded', ['payment.partially_captured']),
    // An advice cannot be declined: that is for a person.
    declined: seen('authorized', 'pending', []),
    in_case: seen('authorized', 'pending', []),
  },
  void: {
    done: seen('voided', 'succeeded', ['payment.voided']),
    declined: seen('authorized', 'failed', []),
  },
  refund: {
    done: seen('partially_refunded', 'succeeded', ['refund.succeeded']),
    declined: seen('captured', 'failed', ['refund.failed']),
    in_case: seen('captured', 'pending', []),
  },
};
