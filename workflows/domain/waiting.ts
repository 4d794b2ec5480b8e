import type { OperationView, PaymentView } from './view.ts';

const iso = (at: number): string => new Date(at).toISOString();

/** What a run that has nothing to do waits for, in one line: for people, in Temporal Web. */
export function waitingFor(view: PaymentView): string {
  const text = ofView(view);
  return view.pausedAt == null ? text : `paused since ${iso(view.pausedAt)}: ${text}`;
}

function ofView(view: PaymentView): string {
  const [operation] = view.operations;
  if (operation !== undefined) return ofOperation(operation);
  if (view.reviewBy !== null) return `a person decides its review, at the latest ${iso(view.reviewBy)}`;
  if (view.captureBefore !== null)
    return `a capture or a void; the hold is released ${iso(view.captureBefore)}`;
  if (view.awaited.length > 0) return `the answer to ${view.awaited.join(', ')}`;
  return 'nothing';
}

function ofOperation({ kind, phase, dueAt, attempt, inquiries }: OperationView): string {
  const when = dueAt === null ? '' : ` at ${iso(dueAt)}`;
  const where = attempt === null ? '' : ` at ${placeOf(attempt.taskQueue)}`;
  switch (phase) {
    case 'ready':
      return `${kind} is sent again${when}`;
    case 'in_flight':
      return `${kind}${where} is answered`;
    case 'unknown':
      return `${kind}${where} is unknown: asked for the truth again${when}, after ${inquiries} times`;
    case 'reversing':
      return `${kind}${where} is being reversed: repeated${when}`;
    case 'waiting':
      return `the acquirer reports on ${kind}${where}; asked${when}`;
    case 'case':
      return `a person, or a late answer, says what became of ${kind}${where}`;
    case 'concluded':
      return 'nothing';
  }
}

/** What a timer is for, and how long it runs: `inquire again in 64 s`. */
export function timerSummary(view: PaymentView, ms: number): string {
  const seconds = `in ${Math.max(1, Math.round(ms / 1_000))} s`;
  const due = view.operations.find(({ dueAt }) => dueAt !== null);
  switch (due?.phase) {
    case 'ready':
      return `send ${due.kind} again ${seconds}`;
    case 'unknown':
    case 'waiting':
      return `inquire about ${due.kind} again ${seconds}`;
    case 'reversing':
      return `repeat the reversal ${seconds}`;
    case 'in_flight':
    case 'case':
    case 'concluded':
    case undefined:
      return view.reviewBy === null ? `release the hold ${seconds}` : `end the review ${seconds}`;
  }
}

/** The acquirer that works a task queue. */
export function placeOf(taskQueue: string): string {
  return taskQueue.replace(/^acquirer:/, '');
}
