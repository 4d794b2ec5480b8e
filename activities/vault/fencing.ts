import { activityInfo } from '@temporalio/activity';
import type { Logger } from '../../platform/logger.ts';
import type { AttemptId, CardTakerId, MerchantId } from '../../workflows/domain/ids.ts';
import type { VerificationActivities } from '../../workflows/ports/card-verification.ts';
import type { LedgerActivities } from '../../workflows/ports/ledger.ts';
import type { VaultClient } from './client.ts';

/** A vault that is away ends the code by itself at its limit: no answer of an acquirer waits longer for it. */
const BURN_TRIES = 3;

type Burn = Pick<VaultClient, 'burn'>;

/** Ends the code behind a recorded answer; while the vault is away the step is tried again, a few times. */
async function burnAnswered(
  vault: Burn,
  logger: Logger,
  ended: {
    readonly merchant: MerchantId;
    readonly payment: CardTakerId;
    readonly answered: AttemptId;
  },
): Promise<void> {
  try {
    await vault.burn(ended);
  } catch (error) {
    if (activityInfo().attempt < BURN_TRIES) throw error;
    logger.warn('attempt_not_spent', { payment: ended.payment, attempt: ended.answered, error });
  }
}

/**
 * The payment's record, whose fence also ends what a lost worker left in the vault: killed between recording
 * an answer and telling the vault, it kept the security code of a payment that has its answer (payment-rules:
 * CVV and grants). Burning again what is burnt changes nothing.
 *
 * The fence is tried again while the vault is away, a few times; then what is known of the attempt is told
 * all the same, for an approval must not wait.
 */
export function createFencing(ledger: LedgerActivities, vault: Burn, logger: Logger): LedgerActivities {
  return {
    ...ledger,
    async fence(input) {
      const known = await ledger.fence(input);
      const { merchant, payment, attempt: answered } = input;
      if (known.answered === true) await burnAnswered(vault, logger, { merchant, payment, answered });
      return known;
    },
  };
}

/** The same for the record of card verifications, whose settling is their fence. */
export function createVerificationFencing(
  verifications: VerificationActivities,
  vault: Burn,
  logger: Logger,
): VerificationActivities {
  return {
    ...verifications,
    async settleVerification(input) {
      const view = await verifications.settleVerification(input);
      const { merchant, verification: payment, attempt: answered } = input;
      if (view.attempts.find(({ id }) => id === answered)?.state === 'answered')
        await burnAnswered(vault, logger, { merchant, payment, answered });
      return view;
    },
  };
}
