import type { VerificationActivities } from '../../workflows/ports/card-verification.ts';
import type { AttemptSigner } from './attempt-signer.ts';

/**
 * The record of verifications, whose planning step answers the grant of the attempt that it planned: made from
 * what is committed, so an attempt whose row is not there gets none. It is bound to the verification as a
 * payment's is to the payment, and good for a verification alone.
 */
export function createVerificationGranting(
  verifications: VerificationActivities,
  signer: AttemptSigner,
): VerificationActivities {
  return {
    ...verifications,
    async planVerification(input) {
      // No key for grants, no attempt: the step waits, as it does for its database.
      await signer.ready();
      const view = await verifications.planVerification(input);
      const last = view.attempts.at(-1);
      if (last?.state !== 'planned') return view;
      const { merchant, verification: payment } = input;
      const { id: attempt, account } = last;
      const grant = await signer.sign({ merchant, payment, attempt, account, purpose: 'verification' });
      return { ...view, attempts: [...view.attempts.slice(0, -1), { ...last, grant }] };
    },
  };
}
