/** As much of Temporal's PendingWorkflowTaskInfo as decides. */
interface PendingTask {
  /** From 1; each failure and each time-out of the task is one more. Its times say nothing: every signal sets them anew. */
  readonly attempt?: number | null;
}

/** A worker that is killed while it has the task, or is slow, costs an attempt; so many in a row are none of that. */
const ATTEMPTS = 7;

/** Whether a run cannot get on: its task was tried again and again, with pauses that grow to half a minute and more. */
export function isStuck(task: PendingTask | null | undefined): boolean {
  return (task?.attempt ?? 0) >= ATTEMPTS;
}
