import { createHash } from 'node:crypto';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { encodeWorkflowIdConflictPolicy, encodeWorkflowIdReusePolicy } from '@temporalio/common';

/** Why a run was not reset. Nothing was done. */
export class ResetRefused extends Error {
  override readonly name = 'ResetRefused';
}

export interface ResetRequest {
  readonly workflowId: string;
  /** The run that is meant; null = the current one, whichever it is. */
  readonly runId: string | null;
  /** Kept in the history of the run that is ended. */
  readonly reason: string;
  /** Names what this reset is part of: asked again under the same name, a run that came of it is not reset again. */
  readonly batch: string;
}

/** How a run began, as its first event says it. */
type Beginning = NonNullable<Awaited<ReturnType<typeof beginningOf>>>;

/** The current run of a workflow when somebody looked. Another may have begun since. */
export interface SeenRun {
  readonly runId: string;
  readonly open: boolean;
  /** As Temporal names it: RUNNING, COMPLETED … */
  readonly status: string;
  readonly beginning: Beginning;
}

const REQUEST_LIMIT_MS = 10_000;

/**
 * Ends the current run of a workflow and lets the next one begin at its first task: it loads the payment as every
 * run does, and goes on from there. A run that is not the current one is refused.
 *
 * It is not Temporal's own reset. That ends whichever run is the current one when it is made, also when it is asked
 * to reset another that is named (tried: reset-run.stack.test.ts), and it cannot be told to do so
 * only if a certain run still is. Here the run is ended by its id, which can end no other; and the next one is
 * started only where none is open. One that began in between is fresh: it is left alone, and is the answer.
 * @returns the id of the run that goes on.
 * @throws ResetRefused, or what the client throws when Temporal does not answer. Said again, it goes on where it was.
 */
export async function resetRun(client: Client, request: ResetRequest): Promise<string> {
  return beginAgain(client, await lookAt(client, request), request);
}

/** The current run. @throws ResetRefused when it is not the one that is meant; WorkflowNotFoundError. */
export async function lookAt(client: Client, { workflowId, runId }: ResetRequest): Promise<SeenRun> {
  return client.withDeadline(Date.now() + REQUEST_LIMIT_MS, async () => {
    const current = await client.workflow.getHandle(workflowId).describe();
    if (runId !== null && runId !== current.runId)
      throw new ResetRefused(
        `${runId} is not the current run of ${workflowId}, ${current.runId} is; nothing was done: say --run ${current.runId}, or none, if that one is meant`,
      );
    const beginning = await beginningOf(client, workflowId, current.runId);
    if (beginning === null)
      throw new ResetRefused(
        `run ${current.runId} of ${workflowId} has no first event; nothing was done: look at it in Temporal Web`,
      );
    const { runId: seen, status, closeTime } = current;
    return { runId: seen, open: closeTime === undefined, status: status.name, beginning };
  });
}

/** Ends the run that was seen, if it is still open, and starts the next where none is. See resetRun. */
export async function beginAgain(client: Client, seen: SeenRun, request: ResetRequest): Promise<string> {
  const { workflowId, reason, batch } = request;
  const { runId, open, beginning } = seen;
  if (beginning.identity === identityOf(batch)) return runId;
  return client.withDeadline(Date.now() + REQUEST_LIMIT_MS, async () => {
    if (open) {
      await client.workflow
        .getHandle(workflowId, runId)
        .terminate(`${reason} [${batch}]`)
        .catch((error: unknown) => {
          // It has ended by itself meanwhile, or by this very call, sent twice.
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        });
    }
    // Dying here leaves what any lost run leaves: the same said again starts the next one, else the keeper does.
    const begun = await client.workflowService.startWorkflowExecution({
      namespace: client.options.namespace,
      workflowId,
      workflowType: beginning.workflowType,
      taskQueue: beginning.taskQueue,
      // Sealed for this workflow id: it can be taken as it is.
      input: beginning.input,
      searchAttributes: { indexedFields: beginning.searchAttributes },
      userMetadata: beginning.userMetadata,
      identity: identityOf(batch),
      requestId: createHash('sha256')
        .update(JSON.stringify([batch, runId]))
        .digest('hex'),
      workflowIdReusePolicy: encodeWorkflowIdReusePolicy('ALLOW_DUPLICATE') ?? null,
      workflowIdConflictPolicy: encodeWorkflowIdConflictPolicy('USE_EXISTING') ?? null,
    });
    return begun.runId;
  });
}

/** Who began a run, as its first event shows it: a batch finds its own work done. */
const identityOf = (batch: string): string => `ops:reset [${batch}]`;

async function beginningOf(client: Client, workflowId: string, runId: string) {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const first = history?.events?.[0];
  const started = first?.workflowExecutionStartedEventAttributes;
  if (started == null) return null;
  const ours = Object.entries(started.searchAttributes?.indexedFields ?? {}).filter(([name]) =>
    name.startsWith('Quittance'),
  );
  return {
    workflowType: started.workflowType ?? null,
    taskQueue: { name: started.taskQueue?.name ?? '' },
    input: started.input ?? null,
    searchAttributes: Object.fromEntries(ours),
    userMetadata: first?.userMetadata ?? null,
    identity: started.identity ?? '',
  };
}
