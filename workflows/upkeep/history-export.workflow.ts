import { proxyActivities } from '@temporalio/workflow';
import type { ExportSummary, UpkeepActivities } from '../ports/upkeep.ts';

const { exportHistories } = proxyActivities<UpkeepActivities>({
  startToCloseTimeout: '6 h',
  heartbeatTimeout: '1 min',
  // The next hour comes anyway.
  retry: { initialInterval: '5 s', backoffCoefficient: 2, maximumInterval: '5 min', maximumAttempts: 20 },
});

/** The hourly export of what has finished since the last one; what it did is its result. */
export async function historyExport(): Promise<ExportSummary> {
  return exportHistories();
}
