import type { Remedy } from '../../workflows/domain/outcome.ts';
import type { AttemptAnswer } from './attempts.ts';

/** An answer, and what about it somebody of ours should hear at once. */
export interface Judged {
  readonly answer: AttemptAnswer;
  /** Something that the tables do not know, or that should not be; null for the plain cases. */
  readonly alarm: string | null;
}

const NOTHING: AttemptAnswer = {
  outcome: 'ambiguous',
  responseCode: null,
  approvalCode: null,
  networkReference: null,
  acquirerReference: null,
  approvedAmount: null,
  settlementDate: null,
  validUntil: null,
  remedy: null,
  avsResult: null,
  cvvResult: null,
  reason: null,
};

export function approved(rest: Partial<AttemptAnswer> = {}): Judged {
  return { answer: { ...NOTHING, outcome: 'approved', ...rest }, alarm: null };
}

export function declined(
  responseCode: string,
  remedy: Remedy,
  reason: string | null,
  rest: Partial<AttemptAnswer> = {},
): Judged {
  return { answer: { ...NOTHING, outcome: 'declined', responseCode, remedy, reason, ...rest }, alarm: null };
}

/** Certainly not executed. */
export function notExecuted(reason: string): Judged {
  return { answer: { ...NOTHING, outcome: 'retryable', reason }, alarm: null };
}

/** The acquirer holds it, under that name. */
export function held(
  outcome: 'pending' | 'action_required',
  reason: string,
  acquirerReference: string | null,
): Judged {
  return { answer: { ...NOTHING, outcome, reason, acquirerReference }, alarm: null };
}

/** The answer that is none: it may have been executed. With `alarm` it is one that should not be. */
export function doubt(reason: string, alarm = false): Judged {
  return { answer: { ...NOTHING, reason }, alarm: alarm ? reason : null };
}
