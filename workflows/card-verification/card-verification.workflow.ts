import { ActivityFailure, CancellationScope, log, sleep, TemporalFailure } from '@temporalio/workflow';
import { now } from '../clock.ts';
import {
  nextVerificationStep,
  type VerificationStep,
  type VerificationView,
} from '../domain/card-verification.ts';
import type { VerificationRef } from '../ports/card-verification.ts';
import type { VerificationInput } from './card-verification.contract.ts';
import { acquirer, vault, verifications } from './ports.ts';

/** Before a failed step is tried again (ms). */
const PAUSE_AFTER_FAILURE_MS = 15_000;

/**
 * One card verification, from the record alone: every run begins by loading it, so it does not matter how the
 * last one ended. It holds nothing, so there is nothing to undo: what was lost is asked again, and ends as
 * unknown when nobody tells.
 */
export async function cardVerification(ref: VerificationInput): Promise<void> {
  // Half a question is none: who wants it gone lets it end.
  await CancellationScope.nonCancellable(async () => {
    let view = await verifications.loadVerification(ref);
    for (;;) {
      const step = nextVerificationStep(view, now());
      if (step.kind === 'done') return;
      view = await take(ref, view, step).catch(async (error: unknown) => {
        // A step that cannot be done is not the end: it is still pending, until its time is over.
        if (!(error instanceof TemporalFailure)) throw error;
        log.error('verification_step_failed', { step: step.kind, error });
        await sleep(PAUSE_AFTER_FAILURE_MS, { summary: 'try the step again' });
        return verifications.loadVerification(ref);
      });
    }
  });
}

/** One step; the verification after it. */
async function take(
  ref: VerificationRef,
  view: VerificationView,
  step: Exclude<VerificationStep, { kind: 'done' }>,
): Promise<VerificationView> {
  switch (step.kind) {
    case 'ask':
      return ask(ref, view, step.number);
    case 'settle':
      return settle(ref, step.attempt);
    case 'wait':
      await sleep(Math.max(step.until - now(), 1), { summary: 'ask again' });
      // An answer may have come late.
      return verifications.loadVerification(ref);
    case 'conclude': {
      const ended = await verifications.concludeVerification({ ...ref, end: step.end });
      // Where nothing was sent the security code is still there. It ends by itself should this fail.
      if (step.end.kind === 'unknown' && ended.status !== 'processing') await burn(ref);
      return ended;
    }
  }
}

/** Card, account and attempt, committed; then the one call. */
async function ask(ref: VerificationRef, view: VerificationView, number: number): Promise<VerificationView> {
  const { merchant, verification } = ref;
  const card = await vault.tokenize({ merchant, payment: verification, staging: view.staging });
  const planned = await verifications.planVerification({ ...ref, number, card });
  if (planned.status === 'unknown') await burn(ref);
  const attempt = planned.attempts.at(-1);
  if (attempt?.state !== 'planned' || attempt.grant === undefined) return planned;
  try {
    await acquirer(attempt.taskQueue, `verification at ${attempt.acquirer}, attempt ${number}`).verify({
      ...ref,
      attempt: attempt.id,
      grant: attempt.grant,
    });
  } catch (error) {
    // Its worker was lost, nobody took it, or a bug: the row says what is known.
    if (!(error instanceof ActivityFailure)) throw error;
  }
  return settle(ref, attempt.id);
}

/**
 * What is known of an attempt that nobody waits for. Proven unsent, its security code goes to the next one; what
 * may have been heard has used it up, also where its worker could not say so any more.
 */
async function settle(
  ref: VerificationRef,
  attempt: VerificationView['attempts'][number]['id'],
): Promise<VerificationView> {
  const { merchant, verification } = ref;
  const view = await verifications.settleVerification({ ...ref, attempt });
  const { state } = view.attempts.find(({ id }) => id === attempt) ?? {};
  if (state === 'fenced') await vault.release({ merchant, payment: verification, attempt });
  if (state === 'sending') await burn(ref);
  return view;
}

/** The code ends by itself should the vault be away; what is known of the card does not wait for that. */
async function burn({ merchant, verification }: VerificationRef): Promise<void> {
  try {
    await vault.burn({ merchant, payment: verification });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    log.warn('security_code_not_burned', { error });
  }
}
