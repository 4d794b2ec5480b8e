import { proxyActivities } from '@temporalio/workflow';
import type { RetentionSummary, UpkeepActivities } from '../ports/upkeep.ts';

const { retainCards } = proxyActivities<UpkeepActivities>({
  startToCloseTimeout: '1 h',
  heartbeatTimeout: '1 min',
  // The next day comes anyway.
  retry: { initialInterval: '5 s', backoffCoefficient: 2, maximumInterval: '5 min', maximumAttempts: 20 },
});

/** The daily destruction of what nobody needs any more; what it did is its result. */
export async function cardRetention(): Promise<RetentionSummary> {
  return retainCards();
}
