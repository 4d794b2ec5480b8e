import type { End } from './ends.ts';

/** How what is unknown is settled at an acquirer (docs/architecture.md: attempts). */
export type Settlement = 'reverse' | 'inquire' | 'repeat' | 'case';

/** Numbers that a fault is made of. */
export interface Knobs {
  /** Later than the call is waited for (ms), and sooner than anything else is decided by time. */
  readonly lateMs: number;
  /** Of the operation, in minor units. */
  readonly amount: number;
  readonly codes: DeclineCodes;
}

/** What the wire calls them. */
export interface DeclineCodes {
  readonly hard: string;
  /** The issuer wants the cardholder to be authenticated. */
  readonly soft: string;
  /** The issuer cannot be reached. */
  readonly elsewhere: string;
}

/**
 * What a fault does to a request that could move money.
 * - harmless: executed, and answered in time
 * - lost: executed, and no answer that can be used
 * - late: executed in time, answered after the call was given up
 * - overtaken: looked at only after the call was given up
 * - swallowed: not executed, and no answer
 * - forgotten: a failure of the host; not executed, and nothing kept
 * - turned_away: not begun, and said so
 * - refused: declined
 * - stored: a failure that is kept under the key; not executed
 */
export const EFFECTS = [
  'harmless',
  'lost',
  'late',
  'overtaken',
  'swallowed',
  'turned_away',
  'refused',
  'stored',
] as const;
export type Effect = (typeof EFFECTS)[number];

/**
 * How an operation ends, by what was done to it and by how an unknown is settled where it was sent. The
 * first is what is meant; the others are as true, where the machine was slower than the fault.
 */
export const ENDS_OF: Readonly<Record<Effect, Readonly<Record<Settlement, readonly [End, ...End[]]>>>> = {
  harmless: { reverse: ['done'], inquire: ['done'], repeat: ['done'], case: ['done'] },
  lost: { reverse: ['reversed'], inquire: ['done'], repeat: ['done'], case: ['in_case'] },
  late: { reverse: ['reversed', 'done'], inquire: ['done'], repeat: ['done'], case: ['done'] },
  overtaken: {
    reverse: ['not_executed', 'reversed', 'done'],
    inquire: ['done'],
    repeat: ['done'],
    case: ['done'],
  },
  swallowed: { reverse: ['not_executed'], inquire: ['not_executed'], repeat: ['done'], case: ['in_case'] },
  turned_away: { reverse: ['not_executed'], inquire: ['not_executed'], repeat: ['done'], case: ['in_case'] },
  refused: { reverse: ['declined'], inquire: ['declined'], repeat: ['declined'], case: ['declined'] },
  stored: { reverse: ['not_executed'], inquire: ['not_executed'], repeat: ['done'], case: ['in_case'] },
};

/** Whether the acquirer has executed the request itself by the end. */
export const EXECUTES = {
  harmless: true,
  lost: true,
  late: true,
  overtaken: true,
  swallowed: false,
  turned_away: false,
  refused: false,
  stored: false,
} as const satisfies Record<Effect, boolean>;

/** One scripted fault, in the words that all simulators share (temporal-dev/simulators/fault-script.ts). */
export interface FaultRow {
  readonly about: string;
  readonly effect: Effect;
  /** Null = nothing is scripted. */
  readonly action: (knobs: Knobs) => Readonly<Record<string, unknown>> | null;
  /** How many of the operation's own requests it is done to; 1 unless told. */
  readonly times?: number;
  /** It is also done to the first request that asks what became of it, or undoes it. */
  readonly andTheNext?: boolean;
}

const plain = (type: string) => (): Readonly<Record<string, unknown>> => ({ type });

export const FAULTS = {
  none: { about: 'nothing goes wrong', effect: 'harmless', action: () => null },
  lose_answer: { about: 'executed, the answer never leaves', effect: 'lost', action: plain('lose_answer') },
  lost_twice: {
    about: 'executed, no answer; nor to what is asked next',
    effect: 'lost',
    action: plain('lose_answer'),
    andTheNext: true,
  },
  swallowed: {
    about: 'thrown away',
    effect: 'swallowed',
    action: plain('no_answer_not_executed'),
  },
  slow: {
    about: 'answered after a drawn time, in time',
    effect: 'harmless',
    action: () => ({ type: 'slow', meanMs: 400 }),
  },
  answered_late: {
    about: 'executed at once, answered after our limit',
    effect: 'late',
    action: ({ lateMs }) => ({ type: 'delay', delayMs: lateMs }),
  },
  executed_late: {
    about: 'executed after our limit: what comes later overtakes it',
    effect: 'overtaken',
    action: ({ lateMs }) => ({ type: 'hold', holdMs: lateMs }),
  },
  answered_twice: {
    about: 'executed once, answered twice',
    effect: 'harmless',
    action: plain('duplicate_answer'),
  },
  wrong_reference: {
    about: 'executed, the answer is about another request',
    effect: 'lost',
    action: plain('wrong_reference'),
  },
  reset_before: {
    about: 'connection reset, not executed',
    effect: 'swallowed',
    action: plain('reset_before'),
  },
  reset_after: {
    about: 'executed, then the connection is reset',
    effect: 'lost',
    action: plain('reset_after'),
  },
  half_open: {
    about: 'executed, half an answer and then silence',
    effect: 'lost',
    action: plain('half_open'),
  },
  byte_by_byte: {
    about: 'executed, the answer comes byte by byte',
    effect: 'harmless',
    action: plain('byte_by_byte'),
  },
  garbage: { about: 'executed, the answer is no message', effect: 'lost', action: plain('garbage') },
  rate_limited: {
    about: '429, not executed',
    effect: 'turned_away',
    action: () => ({ type: 'rate_limited', retryAfterS: 1 }),
  },
  error_executed: {
    about: 'host failure (500, 96), executed',
    effect: 'lost',
    action: plain('error_executed'),
  },
  error_not_executed: {
    about: 'host failure (500, 96), not executed',
    effect: 'stored',
    action: plain('error_not_executed'),
  },
  partial_approval: {
    about: 'approved for half, which the merchant does not take',
    effect: 'lost',
    action: ({ amount }) => ({ type: 'partial_approval', amount: Math.floor(amount / 2) }),
  },
  approved_less: {
    about: 'executed as asked, the answer names a smaller amount',
    effect: 'lost',
    action: ({ amount }) => ({ type: 'wrong_amount', amount: amount - 1 }),
  },
  approved_more: {
    about: 'executed as asked, the answer names a larger amount',
    effect: 'lost',
    action: ({ amount }) => ({ type: 'wrong_amount', amount: amount + 1 }),
  },
  pending: { about: 'taken, the result comes later', effect: 'harmless', action: plain('pending') },
  decline: {
    about: 'declined',
    effect: 'refused',
    action: ({ codes }) => ({ type: 'decline', code: codes.hard }),
  },
  soft_decline: {
    about: 'declined: authenticate',
    effect: 'refused',
    action: ({ codes }) => ({ type: 'decline', code: codes.soft }),
  },
  decline_elsewhere: {
    about: 'declined: another route may help, and there is none',
    effect: 'refused',
    action: ({ codes }) => ({ type: 'decline', code: codes.elsewhere }),
  },
} as const satisfies Record<string, FaultRow>;
export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];
