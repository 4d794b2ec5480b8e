import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import {
  BACK_OFFICE_TASK_QUEUE,
  CARD_RETENTION_WORKFLOW,
  HISTORY_EXPORT_WORKFLOW,
  KEY_ROTATION_WORKFLOW,
} from '../../workflows/upkeep/upkeep.contract.ts';

const REQUEST_LIMIT_MS = 10_000;

/** Times are UTC. What was missed while Temporal was away is made up for within so long. */
const SCHEDULES = [
  { id: 'key-rotation', workflow: KEY_ROTATION_WORKFLOW, cron: '0 3 1 1,4,7,10 *', catchupWindow: '7 days' },
  { id: 'card-retention', workflow: CARD_RETENTION_WORKFLOW, cron: '30 3 * * *', catchupWindow: '1 day' },
  // Temporal keeps what has finished for 30 days: many hours may be missed.
  { id: 'history-export', workflow: HISTORY_EXPORT_WORKFLOW, cron: '17 * * * *', catchupWindow: '1 day' },
] as const;

/**
 * Makes the schedules that are not there. One that is there stays as it is: people may have paused it or
 * given it another time. Throws when Temporal does not answer.
 */
export async function ensureSchedules(client: Client): Promise<void> {
  for (const { id, workflow, cron, catchupWindow } of SCHEDULES) {
    try {
      await client.withDeadline(Date.now() + REQUEST_LIMIT_MS, () =>
        client.schedule.create({
          scheduleId: id,
          spec: { cronExpressions: [cron] },
          // One that still runs is left alone.
          policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
          action: {
            type: 'startWorkflow',
            workflowType: workflow,
            workflowId: id,
            taskQueue: BACK_OFFICE_TASK_QUEUE,
          },
        }),
      );
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
  }
}
