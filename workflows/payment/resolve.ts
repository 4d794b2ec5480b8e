import { now } from '../clock.ts';
import type { AttemptView, OperationView, PaymentView } from '../domain/view.ts';
import { hasPatch } from '../has-patch.ts';
import type { PaymentRef } from '../ports/ledger.ts';
import { ledger, vault } from './ports.ts';
import { inquireAcquirer } from './call.ts';
import { recordEnding, sendAttempt } from './send.ts';

/**
 * Ask for the truth about an attempt whose answer did not come, in the way that was committed with
 * it: an authorization is asked about where the acquirer can be asked, and reversed where not; an
 * advice is repeated until it is acknowledged; and what can be none of these waits for a person.
 */
export async function resolve(
  ref: PaymentRef,
  operation: OperationView,
  attempt: AttemptView,
): Promise<PaymentView> {
  switch (attempt.onUnknown) {
    case 'reverse': {
      const reversing = await ledger.beginReversal({ ...ref, at: now(), operation: operation.id });
      const undone = reversing.operations.find(({ id }) => id === operation.id);
      if (undone?.phase !== 'reversing' || undone.attempt === null) return reversing;
      return sendAttempt(ref, undone, undone.attempt);
    }
    case 'inquire': {
      const askedAt = now();
      return recordEnding(ref, operation, attempt, await inquireAcquirer(ref, attempt), askedAt);
    }
    case 'repeat':
      return sendAttempt(ref, operation, await withGrant(ref, attempt));
    case 'case':
      return ledger.load(ref);
  }
}

/** A repeat comes long after the attempt was planned: its grant has run out. */
async function withGrant(ref: PaymentRef, attempt: AttemptView): Promise<AttemptView> {
  // Histories from before there were grants go on without this step.
  if (!hasPatch('grant-for-a-repeat')) return attempt;
  const grant = await vault.grant({ ...ref, attempt: attempt.id });
  return grant === null ? attempt : { ...attempt, grant };
}
