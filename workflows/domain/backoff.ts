import type { OperationKind } from './payment.ts';

/** Pauses between asking again about an unknown outcome: 1, 2, 4, 8 … s, at most 5 min. */
export function inquiryPauseMs(inquiries: number): number {
  return Math.min(1_000 * 2 ** Math.min(inquiries, 20), 300_000);
}

/** Pauses between asking about what the acquirer said it holds: 5, 10, 20 … s, at most an hour. */
export function waitingPauseMs(inquiries: number): number {
  return Math.min(5_000 * 2 ** Math.min(inquiries, 20), 3_600_000);
}

/** The longest pause before the next attempt: an authorization has little time, the others have no end. */
const RETRY_PAUSE_MAX_MS = {
  authorize: 30_000,
  reauthorize: 300_000,
  // Its customer may be waiting, and nothing else can be done meanwhile.
  increment: 30_000,
  capture: 300_000,
  release: 300_000,
  void: 300_000,
  expiry: 300_000,
  refund: 300_000,
  undo: 300_000,
  // Never sent.
  chargeback: 0,
  chargeback_reversal: 0,
  withdrawal: 0,
} as const satisfies Record<OperationKind, number>;

/** Pauses between attempts that were certainly not executed: 2, 4, 8 … s. */
export function retryPauseMs(kind: OperationKind, attempts: number): number {
  return Math.min(2_000 * 2 ** Math.min(Math.max(attempts - 1, 0), 20), RETRY_PAUSE_MAX_MS[kind]);
}

/** What could not be sent for this long is put before a person; it is tried again all the same. */
export const CASE_AFTER_MS = 15 * 60_000;
