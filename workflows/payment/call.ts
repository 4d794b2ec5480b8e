import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { CARRIES_SECURITY_CODE, type AttemptKind } from '../domain/outcome.ts';
import type { AttemptView } from '../domain/view.ts';
import { placeOf } from '../domain/waiting.ts';
import { ATTEMPT_STATE_UNKNOWN, type AcquirerActivities, type CallResult } from '../ports/acquirer.ts';
import type { PaymentRef } from '../ports/ledger.ts';
import { hasPatch } from '../has-patch.ts';
import { acquirer, ledger, vault } from './ports.ts';

const CALLS = {
  authorization: 'authorize',
  sale: 'authorize',
  increment: 'authorize',
  capture: 'capture',
  void: 'void',
  partial_void: 'void',
  refund: 'refund',
  reversal: 'reverse',
} as const satisfies Record<AttemptKind, keyof AcquirerActivities>;

/** The call in one line: `authorization at acquirer-2, attempt 2`. */
export function callText({ kind, taskQueue, number }: AttemptView, verb?: string): string {
  const what = verb === undefined ? kind : `${verb} ${kind}`;
  return `${what} at ${placeOf(taskQueue)}${number === undefined ? '' : `, attempt ${number}`}`;
}

export type Ending = Pick<CallResult, 'outcome' | 'reason' | 'ours'>;

/**
 * Makes the attempt's call and tells how it ended. A call that was lost (its worker died, nobody
 * took it, a bug) is fenced: only an attempt that was never begun is called not executed.
 */
export async function callAcquirer(ref: PaymentRef, attempt: AttemptView): Promise<Ending> {
  try {
    const { id, kind, taskQueue, grant } = attempt;
    const ended = await acquirer(taskQueue, callText(attempt))[CALLS[kind]]({
      ...ref,
      attempt: id,
      ...(grant === undefined ? {} : { grant }),
    });
    // The vault may have leased the code, lost its answer, and been away when it was given back: here it is
    // asked until it answers, or the next attempt would go without.
    if (
      ended.outcome === 'retryable' &&
      CARRIES_SECURITY_CODE[kind] &&
      hasPatch('security-code-after-outage')
    )
      await recoverCall(ref, attempt);
    return ended;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const recovered = await recoverCall(ref, attempt);
    return { ...recovered, ours: recovered.ours && isOurs(error) };
  }
}

/**
 * A worker took the call and never came back with it, or could not read where it stands. That nobody takes any
 * is another thing: there is no way to this acquirer.
 */
function isOurs({ cause }: ActivityFailure): boolean {
  if (cause instanceof TimeoutFailure) return cause.timeoutType !== 'SCHEDULE_TO_START';
  return cause instanceof ApplicationFailure && cause.type === ATTEMPT_STATE_UNKNOWN;
}

/** Asks the acquirer what became of an attempt; a question that failed has told nothing. */
export async function inquireAcquirer(ref: PaymentRef, attempt: AttemptView): Promise<Ending> {
  try {
    return await acquirer(attempt.taskQueue, callText(attempt, 'inquire about the')).inquire({
      ...ref,
      attempt: attempt.id,
    });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return recoverCall(ref, attempt);
  }
}

/**
 * What is known of an attempt that nobody is waiting for any more. `ours`: it never came to its acquirer. What
 * did may be what killed the worker.
 */
export async function recoverCall(
  ref: PaymentRef,
  attempt: AttemptView,
): Promise<Ending & { readonly ours: boolean }> {
  const ending = await ledger.fence({ ...ref, attempt: attempt.id });
  // Its worker may have died with the security code in hand: proven unsent, the next attempt gets it.
  // What was sent and answered as not executed has used it up.
  if (ending.outcome === 'retryable' && !ending.sent && CARRIES_SECURITY_CODE[attempt.kind])
    await vault.release({ ...ref, attempt: attempt.id });
  return { ...ending, ours: ending.outcome === 'retryable' && !ending.sent };
}
