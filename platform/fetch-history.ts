import { isGrpcServiceError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { History } from './history-file.ts';

/** gRPC's own number; the SDK passes it on as it is where it fetches histories. */
const NOT_FOUND = 5;

/**
 * A run's history, payloads as they are; of the current run where none is named. Null where Temporal has
 * none (any more). Throws when Temporal does not answer.
 */
export async function fetchHistory(
  client: Client,
  workflowId: string,
  runId: string | undefined,
): Promise<History | null> {
  try {
    return await client.workflow.getHandle(workflowId, runId).fetchHistory();
  } catch (error) {
    const gone =
      error instanceof WorkflowNotFoundError ||
      (isGrpcServiceError(error) && (error.code as number) === NOT_FOUND);
    if (gone) return null;
    throw error;
  }
}
