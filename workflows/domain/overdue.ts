import type { OpenedCase } from './change.ts';
import type { Attempt, Operation } from './payment.ts';

/** The case of an outcome that has been unknown for too long; machines go on asking. */
export function overdue(
  operation: Operation,
  attempt: Attempt,
  unknownSince: number,
  now: number,
): readonly OpenedCase[] {
  if (now - unknownSince < attempt.caseAfterMs) return [];
  return [
    {
      kind: 'unknown_too_long',
      operation: operation.id,
      attempt: attempt.id,
      detail: `unknown for ${Math.floor((now - unknownSince) / 60_000)} min`,
    },
  ];
}
