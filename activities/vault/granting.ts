import type { AttemptState } from '../../workflows/domain/payment.ts';
import type { AttemptView, OperationView, PaymentView } from '../../workflows/domain/view.ts';
import type { LedgerActivities, PaymentRef } from '../../workflows/ports/ledger.ts';
import type { VaultActivities } from '../../workflows/ports/vault.ts';
import type { AttemptSigner } from './attempt-signer.ts';

/** Whether an attempt may still put its card's number into a message, by the state of its row. */
const NEEDS_NUMBER: Readonly<Record<AttemptState, boolean>> = {
  planned: true,
  sending: true,
  reversing: true,
  answered: false,
  fenced: false,
  reversed: false,
};

function needsNumber({ state }: AttemptView): boolean {
  return state !== undefined && NEEDS_NUMBER[state];
}

/**
 * The payment's record, whose planning steps answer the grant of the attempt they planned. It is made
 * from what is committed: an attempt whose row is not there, or is past its sending, gets none. No key for grants, no attempt:
 * the step waits, as it does for its database.
 */
export function createGranting(
  ledger: LedgerActivities,
  signer: AttemptSigner,
): LedgerActivities & Pick<VaultActivities, 'grant'> {
  const signFor = ({ merchant, payment }: PaymentRef, { id, account, kind }: AttemptView): Promise<string> =>
    signer.sign({ merchant, payment, attempt: id, account, purpose: kind });

  async function withGrants(ref: PaymentRef, view: PaymentView): Promise<PaymentView> {
    const operations = await Promise.all(
      view.operations.map(async (operation): Promise<OperationView> => {
        const { attempt, phase } = operation;
        if (attempt === null || (phase !== 'in_flight' && phase !== 'reversing') || !needsNumber(attempt))
          return operation;
        return { ...operation, attempt: { ...attempt, grant: await signFor(ref, attempt) } };
      }),
    );
    return { ...view, operations };
  }

  /** A step after which an attempt is sent at once. */
  const planning =
    <Input extends PaymentRef>(step: (input: Input) => Promise<PaymentView>) =>
    async (input: Input): Promise<PaymentView> => {
      await signer.ready();
      return withGrants(input, await step(input));
    };

  return {
    ...ledger,
    beginAuthorization: planning((step) => ledger.beginAuthorization(step)),
    beginFollowUp: planning((step) => ledger.beginFollowUp(step)),
    planNext: planning((step) => ledger.planNext(step)),
    beginReversal: planning((step) => ledger.beginReversal(step)),
    beginExpiry: planning((step) => ledger.beginExpiry(step)),
    async grant({ attempt, ...ref }) {
      const { operations } = await ledger.load(ref);
      const found = operations.find((operation) => operation.attempt?.id === attempt)?.attempt;
      return found == null || !needsNumber(found) ? null : signFor(ref, found);
    },
  };
}
