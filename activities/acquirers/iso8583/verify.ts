import { ApplicationFailure } from '@temporalio/common';
import type { VerifyingActivities } from '../../../workflows/ports/card-verification.ts';
import { createVerifyActivity, type VerifyDependencies } from '../verify.ts';
import { exchangeWith, readyPool, written, type HostCallOptions, type HostMessage } from './host-call.ts';

export type Iso8583VerifyDependencies = VerifyDependencies & HostCallOptions;

/** A card verification over ISO 8583: 0100 with amount zero, condition code 51 (plan.ts), answered by 0110. */
export function createIso8583Verification(deps: Iso8583VerifyDependencies): VerifyingActivities {
  const kind = 'verification';
  return createVerifyActivity<HostMessage>(
    {
      async prepare({ acquirer, wire, number }, card) {
        const pool = await readyPool(deps, acquirer, () =>
          ApplicationFailure.nonRetryable(
            `this worker keeps no connection to ${acquirer}: check QUITTANCE_ACQUIRER_LINKS`,
            'AttemptBug',
          ),
        );
        const secret = await card();
        const outgoing = written(kind, wire, secret, false);
        // Asked before, it may have used up its security code.
        return { pool, outgoing, kind, repeated: number > 1 && secret.cvv === null };
      },
      exchange: (message, told) => exchangeWith(message, deps.callLimitMs, told),
    },
    deps,
  );
}
