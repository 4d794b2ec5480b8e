/** Pauses between asking again about an unknown outcome: 1, 2, 4, 8 … s, at most 5 min. */
export function inquiryPauseMs(inquiries: number): number {
  return Math.min(1_000 * 2 ** Math.min(inquiries, 20), 300_000);
}

/** Pauses between attempts that were certainly not executed: 2, 4, 8 … s, at most 30 s. */
export function retryPauseMs(attempts: number): number {
  return Math.min(2_000 * 2 ** Math.min(Math.max(attempts - 1, 0), 20), 30_000);
}

/** After this long without the truth a case is opened for a person; machines go on asking. */
export const CASE_AFTER_MS = 15 * 60_000;
