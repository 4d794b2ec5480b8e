import type { VerificationId } from '../domain/ids.ts';
import type { VerificationRef } from '../ports/card-verification.ts';

/** The workflow type. */
export const CARD_VERIFICATION_WORKFLOW = 'cardVerification';

/** One verification, one workflow id. */
export function verificationWorkflowId(verification: VerificationId): string {
  return verification;
}

/** Every run has the same input, and begins by loading the verification. */
export type VerificationInput = VerificationRef;

/** The one line that Temporal Web shows over a run; sealed like any payload. */
export function verificationSummary(startedBy: string): { staticSummary: string; staticDetails: string } {
  return {
    staticSummary: `card verification, started by ${startedBy}`,
    staticDetails: 'Amount zero: nothing is held. The record is in PostgreSQL.',
  };
}
