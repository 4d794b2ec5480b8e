import type { Client } from '@temporalio/client';

/**
 * Temporal's own reset of a run to its first task, as Temporal Web's button makes it (ours is tools/reset). It ends
 * whichever run of the workflow is the current one.
 * @returns the id of the new run.
 */
export async function resetAsTemporalDoes(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<string> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const first = events?.find((event) => event.workflowTaskCompletedEventAttributes != null);
  if (first?.eventId == null) throw new Error(`run ${runId} of ${workflowId} has not completed a task yet`);
  const begun = await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'a reset as Temporal Web makes it',
    workflowTaskFinishEventId: first.eventId,
    requestId: `${runId} again`,
  });
  return begun.runId;
}
