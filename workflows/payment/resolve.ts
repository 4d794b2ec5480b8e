import type { AttemptView, OperationView, PaymentView } from '../domain/view.ts';
import type { PaymentRef } from '../ports/ledger.ts';
import { ledger } from './ports.ts';
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
      const reversing = await ledger.beginReversal({ ...ref, at: Date.now(), operation: operation.id });
      const now = reversing.operations.find(({ id }) => id === operation.id);
      if (now?.phase !== 'reversing' || now.attempt === null) return reversing;
      return sendAttempt(ref, now, now.attempt);
    }
    case 'inquire':
      return recordEnding(ref, operation, attempt, await inquireAcquirer(ref, attempt));
    case 'repeat':
      return sendAttempt(ref, operation, attempt);
    case 'case':
      return ledger.load(ref);
  }
}
