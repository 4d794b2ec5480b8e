import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Tampering } from './schedule.ts';

/** Of the enum temporal.api.enums.v1.EventType. */
const WORKFLOW_TASK_COMPLETED = 7;
const LIMIT_MS = 5_000;
const OPEN_MAX = 50;

/** Does that to one of the open payments. @returns false when there is none, or Temporal did not take it */
export async function tamper(temporal: Client, how: Tampering, pick: number): Promise<boolean> {
  try {
    return await temporal.withDeadline(Date.now() + LIMIT_MS, async () => {
      const id = await openWorkflow(temporal, pick);
      if (id === null) return false;
      const handle = temporal.workflow.getHandle(id);
      switch (how) {
        case 'terminate':
          await handle.terminate('proof');
          return true;
        case 'cancel':
          await handle.cancel();
          return true;
        case 'reset':
          return reset(temporal, id, pick);
      }
    });
  } catch {
    return false;
  }
}

/** Back to after one of its tasks: what came later happens again. */
async function reset(temporal: Client, id: string, pick: number): Promise<boolean> {
  const handle = temporal.workflow.getHandle(id);
  const { runId } = await handle.describe();
  const { events } = await handle.fetchHistory();
  const ends = (events ?? []).filter(({ eventType }) => Number(eventType) === WORKFLOW_TASK_COMPLETED);
  const end = ends[pick % Math.max(1, ends.length)];
  if (end?.eventId == null) return false;
  await temporal.workflowService.resetWorkflowExecution({
    namespace: temporal.options.namespace,
    workflowExecution: { workflowId: id, runId },
    reason: 'proof',
    workflowTaskFinishEventId: end.eventId,
    requestId: randomUUID(),
  });
  return true;
}

/** One of the payments that were started last and are open; null when there is none. */
async function openWorkflow(temporal: Client, pick: number): Promise<string | null> {
  const open: string[] = [];
  for await (const { workflowId } of temporal.workflow.list({
    query: `WorkflowType = 'payment' AND ExecutionStatus = 'Running'`,
    pageSize: OPEN_MAX,
  })) {
    open.push(workflowId);
    if (open.length === OPEN_MAX) break;
  }
  return open[pick % Math.max(1, open.length)] ?? null;
}
