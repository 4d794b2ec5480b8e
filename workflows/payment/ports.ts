import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { AcquirerActivities } from '../ports/acquirer.ts';
import type { FraudActivities } from '../ports/fraud.ts';
import type { LedgerActivities } from '../ports/ledger.ts';
import type { RoutingActivities } from '../ports/routing.ts';
import type { VaultActivities } from '../ports/vault.ts';

/**
 * Database and vault steps are local activities: they cost no server round trip, are idempotent by
 * a database key, and are tried until they succeed, for nothing else may decide about money while
 * the record cannot be read. Pauses grow to 30 s; a pause above the threshold becomes a timer.
 */
const local = {
  startToCloseTimeout: '15 s',
  localRetryThreshold: '10 s',
  retry: { initialInterval: '200 ms', backoffCoefficient: 2, maximumInterval: '30 s' },
} as const;

export const ledger = proxyLocalActivities<LedgerActivities>(local);
export const vault = proxyLocalActivities<VaultActivities>(local);
export const routing = proxyLocalActivities<RoutingActivities>(local);
export const fraud = proxyLocalActivities<FraudActivities>(local);

/**
 * Acquirer calls run on the acquirer's own queue, once: only the workflow decides to send again.
 * Not started within 10 s = nobody is there (the attempt is then fenced). The 30 s cover the worst
 * case: 2 s for a link, 8 s for the card, 8 s for the acquirer, the record of the answer.
 * @param summary what Temporal Web shows of the call, in one line.
 */
export function acquirer(taskQueue: string, summary: string): AcquirerActivities {
  return proxyActivities<AcquirerActivities>({
    taskQueue,
    summary,
    scheduleToStartTimeout: '10 s',
    startToCloseTimeout: '30 s',
    retry: { maximumAttempts: 1 },
  });
}
