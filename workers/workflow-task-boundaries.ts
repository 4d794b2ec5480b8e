import type { Worker } from '@temporalio/worker';
import { crashPoint, type Boundary, type Side } from '../platform/crash-points.ts';

/** What the SDK (1.24) keeps to itself, as far as it is used here. */
interface Inside {
  readonly workflowCreator?: { createWorkflow(options: unknown): Promise<InsideWorkflow> };
  readonly nativeWorker?: { completeWorkflowActivation(completion: Buffer): Promise<void> };
}
interface InsideWorkflow {
  activate(activation: unknown): Promise<Completion>;
}
interface Completion {
  readonly runId?: string | null;
  readonly successful?: { readonly commands?: readonly Command[] | null } | null;
}
interface Command {
  readonly startTimer?: unknown;
  readonly updateResponse?: { readonly accepted?: unknown } | null;
}

/**
 * Crash points for what only a workflow does: accept an update, start a timer. Workflow code itself must not
 * call them (it runs again in every replay), so they lie around the report of its task: before = the task has
 * been decided and Temporal does not know it; after = the SDK's core has reported it, or keeps it because
 * local activities of the same task are still under way. Only an armed development process reaches into the
 * SDK for this.
 * @throws Error when the SDK does not look inside as it did: then this file has to be changed.
 */
export function passAtWorkflowTasks(worker: Worker): void {
  const { workflowCreator, nativeWorker } = worker as unknown as Inside;
  if (workflowCreator === undefined || nativeWorker === undefined)
    throw new Error(
      'crash points of workflow tasks cannot be laid: this version of the Temporal SDK has no workflowCreator or nativeWorker inside; mend workers/workflow-task-boundaries.ts',
    );
  const decided = new Map<string, readonly Boundary[]>();

  const create = workflowCreator.createWorkflow.bind(workflowCreator);
  workflowCreator.createWorkflow = async (options) => {
    const workflow = await create(options);
    const activate = workflow.activate.bind(workflow);
    workflow.activate = async (activation) => {
      const completion = await activate(activation);
      const { runId } = completion;
      if (typeof runId === 'string') decided.set(runId, boundariesOf(completion));
      return completion;
    };
    return workflow;
  };

  const complete = nativeWorker.completeWorkflowActivation.bind(nativeWorker);
  nativeWorker.completeWorkflowActivation = async (completion) => {
    const run = runOf(completion);
    const boundaries = decided.get(run) ?? [];
    decided.delete(run);
    passAll(boundaries, 'before');
    await complete(completion);
    passAll(boundaries, 'after');
  };
}

function passAll(boundaries: readonly Boundary[], side: Side): void {
  for (const boundary of boundaries) crashPoint(boundary, side);
}

function boundariesOf({ successful }: Completion): readonly Boundary[] {
  const commands = successful?.commands ?? [];
  const found: Boundary[] = [];
  if (commands.some(({ updateResponse }) => updateResponse?.accepted != null)) found.push('update-accept');
  if (commands.some(({ startTimer }) => startTimer != null)) found.push('timer-set');
  return found;
}

const RUN_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** A completion begins with its run: field 1 of a message whose length goes before it. */
function runOf(completion: Buffer): string {
  return RUN_ID.exec(completion.toString('latin1', 0, 64))?.[0] ?? '';
}
