import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type {
  VerificationActivities,
  VerificationVault,
  VerifyingActivities,
} from '../ports/card-verification.ts';

/**
 * Steps on our own database and the vault: idempotent, and tried for a minute. Then the record is looked at anew,
 * for a verification holds nothing and ends at its time whatever is away.
 */
const local = {
  startToCloseTimeout: '15 s',
  scheduleToCloseTimeout: '1 min',
  localRetryThreshold: '10 s',
  retry: { initialInterval: '200 ms', backoffCoefficient: 2, maximumInterval: '30 s' },
} as const;

export const verifications = proxyLocalActivities<VerificationActivities>(local);
export const vault = proxyLocalActivities<VerificationVault>(local);

/** As a payment's calls: on the acquirer's own queue, once; only the workflow decides to ask again. */
export function acquirer(taskQueue: string, summary: string): VerifyingActivities {
  return proxyActivities<VerifyingActivities>({
    taskQueue,
    summary,
    scheduleToStartTimeout: '10 s',
    startToCloseTimeout: '30 s',
    retry: { maximumAttempts: 1 },
  });
}
