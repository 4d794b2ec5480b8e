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
import { now } from '../clock.ts';
import { commandIdOf, type CommandId, type DecisionId } from '../domain/ids.ts';
import { nextWork, type PaymentView, type Work } from '../domain/view.ts';
import { timerSummary } from '../domain/waiting.ts';
import { hasPatch } from '../has-patch.ts';
import { authorize } from './authorize.ts';
import { recoverCall } from './call.ts';
import { Doorbell } from './doorbell.ts';
import { expire, followUp, retry } from './follow-up.ts';
import { knock, ring, RING_WAIT_MS, type PaymentInput, type RingResult } from './payment.contract.ts';
import { ledger } from './ports.ts';
import { resolve } from './resolve.ts';
import { Screen } from './screen.ts';
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
  const screen = new Screen();
  let cancelled = false;
  /** Also between two looks of the loop. */
  const isCancelled = (): boolean => cancelled;

  setHandler(knock, () => {
    doorbell.ring();
  });
  setHandler(
    ring,
    (what) =>
      CancellationScope.nonCancellable(async (): Promise<RingResult> => {
        const waiting = doorbell.wait(commandOf(what), now() + RING_WAIT_MS);
        await condition(() => doorbell.isAnswered(waiting) || doorbell.isDismissed(waiting));
        const state = doorbell.isAnswered(waiting) ? 'answered' : 'processing';
        doorbell.leave(waiting);
        return { state };
      }),
    { validator: mustBeAnId },
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
      if (workflowInfo().continueAsNewSuggested) {
        if (!hasPatch('continue-as-new-while-rung')) {
          if (!doorbell.rung && allHandlersFinished()) return continueAsNew<typeof payment>(ref);
        } else if (!isCancelled()) {
          // Whoever is at the door is let go, and rings at the next run; what they ring for is a row, which that run
          // loads. An update that has not been accepted yet is kept for it by the server.
          doorbell.close();
          await condition(allHandlersFinished);
          return continueAsNew<typeof payment>(ref);
        }
      }
      const work = nextWork(view, now());
      if (work.kind === 'wait' || work.kind === 'complete') screen.rests(view);
      else screen.begins(textOf(work), view);
      if (work.kind === 'complete') {
        // Handlers that were just told leave first. Both are checked in the same task.
        await condition(() => allHandlersFinished() || doorbell.rung);
        if (!doorbell.rung && allHandlersFinished()) return;
        continue;
      }
      const before = view.version;
      view = await doWork(ref, view, work, doorbell, screen).catch(async (error: unknown) => {
        // A step that cannot be done is not the end of the payment: it is still pending.
        if (!(error instanceof TemporalFailure)) throw error;
        log.error('step_failed', { work: work.kind, error });
        await sleepUntil(now() + PAUSE_AFTER_FAILURE_MS, doorbell);
        return ledger.load(ref);
      });
      // Work that changes nothing twice in a row waits: a mistake of ours must not fill the history.
      idle = work.kind === 'wait' || view.version !== before ? 0 : idle + 1;
      if (idle > 1) await sleepUntil(now() + Math.min(1_000 * 2 ** (idle - 2), 60_000), doorbell);
    }
  });
}

/**
 * There must be a validator: only then are the interceptors, too, asked before an update is accepted. Whoever
 * rings says what for, by its id and by nothing else: what is to be done is a row. (A replay asks no validator.)
 */
function mustBeAnId(what: unknown): void {
  if (typeof what !== 'string' || !/^(cmd|dcs)_[\w-]{1,64}$/.test(what))
    throw new TypeError('ring with the id of a command (cmd_…) or of a decision (dcs_…), and nothing else');
}

/** A decision of an operator is a command of the same name. */
function commandOf(what: CommandId | DecisionId): CommandId {
  return what.startsWith('dcs_') ? commandIdOf(what as DecisionId) : (what as CommandId);
}

/** Before a failed step is tried again (ms). Whoever rings shortens it. */
const PAUSE_AFTER_FAILURE_MS = 15_000;

/** A piece of work in one line, for people. */
function textOf(work: Exclude<Work, { kind: 'complete' | 'wait' }>): string {
  switch (work.kind) {
    case 'perform':
      return `${work.command.kind} (${work.command.id})`;
    case 'recover':
    case 'resolve':
    case 'retry':
      return `${work.kind} ${work.operation.kind} (${work.operation.id})`;
    case 'expire':
    case 'lapse_review':
    case 'lapse_hold':
      return work.kind.replace('_', ' ');
  }
}

/** One piece of work; the view after it. */
async function doWork(
  ref: PaymentInput,
  view: PaymentView,
  work: Exclude<Work, { kind: 'complete' }>,
  doorbell: Doorbell,
  screen: Screen,
): Promise<PaymentView> {
  switch (work.kind) {
    case 'perform':
      return work.command.kind === 'create'
        ? authorize(ref, work.command.id, view, screen)
        : followUp(ref, work.command.id, work.command.kind, screen);
    case 'recover':
      return recordEnding(ref, work.operation, work.attempt, await recoverCall(ref, work.attempt), null);
    case 'retry':
      return retry(ref, work.operation, view, screen);
    case 'resolve':
      return resolve(ref, work.operation, work.attempt);
    case 'expire':
      return expire(ref, screen);
    case 'lapse_review':
      return ledger.lapseReview({ ...ref, at: now() });
    case 'lapse_hold':
      return ledger.lapseHold({ ...ref, at: now() });
    case 'wait':
      await sleepUntil(work.until, doorbell, (ms) => timerSummary(view, ms));
      return view;
  }
}

/** Until it is due, somebody rings, or somebody who waits has waited long enough. */
async function sleepUntil(
  due: number | null,
  doorbell: Doorbell,
  summary: (ms: number) => string = () => 'try the step again',
): Promise<void> {
  const deadlines = [due, doorbell.patience].filter((at) => at !== null);
  if (deadlines.length === 0) return condition(() => doorbell.rung);
  const deadline = Math.min(...deadlines);
  const ms = Math.max(deadline - now(), 1);
  const rung = await condition(() => doorbell.rung, ms, { summary: summary(ms) });
  if (!rung) doorbell.dismiss(deadline);
}
