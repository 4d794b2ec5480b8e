import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  log,
  setHandler,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { CommandId } from '../domain/ids.ts';
import { nextWork, type PaymentView, type Work } from '../domain/view.ts';
import { authorize } from './authorize.ts';
import { recoverCall } from './call.ts';
import { Doorbell } from './doorbell.ts';
import { expire, followUp, retry } from './follow-up.ts';
import { knock, ring, RING_WAIT_MS, type PaymentInput, type RingResult } from './payment.contract.ts';
import { ledger } from './ports.ts';
import { resolve } from './resolve.ts';
import { recordEnding } from './send.ts';

/**
 * One card payment. The run is open exactly while something about the payment is pending; the next
 * command starts the next run of the same id. Every run begins by loading the payment, so it does
 * not matter how the last one ended.
 *
 * Only the loop changes money, one thing at a time; handlers wake it and wait. Nothing is accepted
 * by message: what must be done is a row before anybody rings.
 */
export async function payment(ref: PaymentInput): Promise<void> {
  const doorbell = new Doorbell();
  let cancelled = false;

  setHandler(knock, () => {
    doorbell.ring();
  });
  setHandler(
    ring,
    (command) =>
      CancellationScope.nonCancellable(async (): Promise<RingResult> => {
        const waiting = doorbell.wait(command, Date.now() + RING_WAIT_MS);
        await condition(() => doorbell.isAnswered(waiting) || waiting.until <= Date.now());
        const state = doorbell.isAnswered(waiting) ? 'answered' : 'processing';
        doorbell.leave(waiting);
        return { state };
      }),
    { validator: mustBeCommand },
  );
  // A payment cannot be cancelled half-way. The request becomes a void like any other.
  CancellationScope.current().cancelRequested.catch(() => {
    cancelled = true;
    doorbell.ring();
  });

  await CancellationScope.nonCancellable(async () => {
    doorbell.hear();
    let view = await ledger.load(ref);
    let idle = 0;
    for (;;) {
      if (cancelled) {
        cancelled = false;
        view = await ledger.requestVoid({ ...ref, workflowRunId: workflowInfo().runId });
      }
      if (doorbell.rung) {
        doorbell.hear();
        view = await ledger.load(ref);
      }
      doorbell.tell(view);
      // A long life: the next run begins as every run does, from the record.
      if (workflowInfo().continueAsNewSuggested && !doorbell.rung && allHandlersFinished()) {
        return continueAsNew<typeof payment>(ref);
      }
      const work = nextWork(view, Date.now());
      if (work.kind === 'complete') {
        // Handlers that were just told leave first. Both are checked in the same task.
        await condition(() => allHandlersFinished() || doorbell.rung);
        if (!doorbell.rung && allHandlersFinished()) return;
        continue;
      }
      const before = view.version;
      view = await doWork(ref, view, work, doorbell).catch(async (error: unknown) => {
        // A step that cannot be done is not the end of the payment: it is still pending.
        if (!(error instanceof TemporalFailure)) throw error;
        log.error('step_failed', { work: work.kind, error });
        await sleepUntil(Date.now() + PAUSE_AFTER_FAILURE_MS, doorbell);
        return ledger.load(ref);
      });
      // Work that changes nothing twice in a row waits: a mistake of ours must not fill the history.
      idle = work.kind === 'wait' || view.version !== before ? 0 : idle + 1;
      if (idle > 1) await sleepUntil(Date.now() + Math.min(1_000 * 2 ** (idle - 2), 60_000), doorbell);
    }
  });
}

/** There must be one: only then are the interceptors, too, asked before an update is accepted. */
function mustBeCommand(command: CommandId): void {
  if (!command.startsWith('cmd_')) throw new TypeError(`${command} is not the id of a command (cmd_…)`);
}

/** Before a failed step is tried again (ms). Whoever rings shortens it. */
const PAUSE_AFTER_FAILURE_MS = 15_000;

/** One piece of work; the view after it. */
async function doWork(
  ref: PaymentInput,
  view: PaymentView,
  work: Exclude<Work, { kind: 'complete' }>,
  doorbell: Doorbell,
): Promise<PaymentView> {
  switch (work.kind) {
    case 'perform':
      return work.command.kind === 'create'
        ? authorize(ref, work.command.id, view)
        : followUp(ref, work.command.id, work.command.kind);
    case 'recover':
      return recordEnding(ref, work.operation, work.attempt, await recoverCall(ref, work.attempt));
    case 'retry':
      return retry(ref, work.operation, view);
    case 'resolve':
      return resolve(ref, work.operation, work.attempt);
    case 'expire':
      return expire(ref);
    case 'lapse_review':
      return ledger.lapseReview({ ...ref, at: Date.now() });
    case 'lapse_hold':
      return ledger.lapseHold({ ...ref, at: Date.now() });
    case 'wait':
      await sleepUntil(work.until, doorbell);
      return view;
  }
}

/** Until it is due, somebody rings, or somebody who waits has waited long enough. */
async function sleepUntil(due: number | null, doorbell: Doorbell): Promise<void> {
  const deadlines = [due, doorbell.patience].filter((at) => at !== null);
  if (deadlines.length === 0) return condition(() => doorbell.rung);
  await condition(() => doorbell.rung, Math.max(Math.min(...deadlines) - Date.now(), 1));
}
