import {
  isGrpcServiceError,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { atBoundary } from '../platform/crash-points.ts';
import type { Logger } from '../platform/logger.ts';
import type { TemporalClient } from '../platform/temporal.ts';
import type { CommandId, MerchantId, PaymentId } from '../workflows/domain/ids.ts';
import {
  PAYMENT_WORKFLOW,
  PAYMENTS_TASK_QUEUE,
  paymentWorkflowId,
  ring,
} from '../workflows/payment/payment.contract.ts';
import { attributesAtStart, summaryAtStart } from '../workflows/payment/search.contract.ts';

export interface CommandRef {
  readonly merchant: MerchantId;
  readonly payment: PaymentId;
  readonly command: CommandId;
}

/**
 * What came of ringing. None of them is an answer, and none an error: the answer is in PostgreSQL,
 * and what was not rung now is rung by the relay.
 * - returned: the workflow has looked at the command
 * - late: no word within the limit
 * - busy: this payment has enough rings on the way, from here or from other processes, or its run is just ending
 * - unreachable: Temporal, or the run, did not take it
 */
export type RingOutcome = 'returned' | 'late' | 'busy' | 'unreachable';

/**
 * Wakes the payment's workflow, starting it where none is open, and waits for it: at most `limitMs`,
 * and not beyond `hurry`. Never rejects.
 */
export type Ring = (command: CommandRef, limitMs: number, hurry: AbortSignal) => Promise<RingOutcome>;

/** The server takes ten updates in flight per run; two are left for the relay and for operators. */
const RINGS_PER_PAYMENT_MAX = 8;
/** A ring is given this long to arrive, also when the merchant does not wait for it (ms). */
export const RING_LIMIT_MIN_MS = 2_000;
/** Temporal being away is one warning a second, not one for each request. */
const WARN_INTERVAL_MS = 1_000;

export function createRing({ client }: Pick<TemporalClient, 'client'>, logger: Logger): Ring {
  const ringing = new Map<PaymentId, number>();
  let warnedAt = Number.NEGATIVE_INFINITY;

  function report(failure: Readonly<Record<string, unknown>>): void {
    const now = performance.now();
    if (now - warnedAt < WARN_INTERVAL_MS) {
      logger.debug('ring_failed', failure);
      return;
    }
    warnedAt = now;
    logger.warn('ring_failed', failure);
  }

  async function send({ merchant, payment, command }: CommandRef, deadline: number): Promise<RingOutcome> {
    const workflowId = paymentWorkflowId(payment);
    try {
      await atBoundary('workflow-start', () =>
        client.withDeadline(deadline, () =>
          client.workflow.executeUpdateWithStart(ring, {
            updateId: command,
            args: [command],
            startWorkflowOperation: new WithStartWorkflowOperation(PAYMENT_WORKFLOW, {
              workflowId,
              taskQueue: PAYMENTS_TASK_QUEUE,
              args: [{ merchant, payment }],
              typedSearchAttributes: attributesAtStart(merchant),
              ...summaryAtStart(`the api for ${command}`),
              workflowIdConflictPolicy: 'USE_EXISTING',
              // The run before this one completed because nothing was pending.
              workflowIdReusePolicy: 'ALLOW_DUPLICATE',
            }),
          }),
        ),
      );
      return 'returned';
    } catch (error) {
      if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return 'late';
      if (isNotNow(error)) return 'busy';
      report({ payment, command, reason: reasonOf(error) });
      return 'unreachable';
    }
  }

  return async (command, limitMs, hurry) => {
    const { payment } = command;
    const others = ringing.get(payment) ?? 0;
    if (others >= RINGS_PER_PAYMENT_MAX) return 'busy';
    ringing.set(payment, others + 1);
    const sent = send(command, Date.now() + Math.max(limitMs, RING_LIMIT_MIN_MS)).finally(() => {
      const left = (ringing.get(payment) ?? 1) - 1;
      if (left === 0) ringing.delete(payment);
      else ringing.set(payment, left);
    });
    return within(limitMs, hurry, sent);
  };
}

/** gRPC's codes for "ask again": RESOURCE_EXHAUSTED (ten updates of the run are in flight), ABORTED (it is ending). */
const NOT_NOW: ReadonlySet<number> = new Set([8, 10]);

/** What the next ring, which starts a run where none is open, is answered otherwise. */
function isNotNow(error: unknown): boolean {
  // The run ended before it looked at the ring.
  if (error instanceof WorkflowNotFoundError || error instanceof WorkflowUpdateFailedError) return true;
  if (isGrpcServiceError(error) && NOT_NOW.has(error.code)) return true;
  return error instanceof Error && error.cause !== undefined && isNotNow(error.cause);
}

/** The SDK's words, and gRPC's under them. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** The outcome, or `late` when it is not there in time; the ring itself goes on. */
export function within(
  limitMs: number,
  hurry: AbortSignal,
  sent: Promise<RingOutcome>,
): Promise<RingOutcome> {
  return new Promise((resolve) => {
    const end = (outcome: RingOutcome): void => {
      clearTimeout(timer);
      hurry.removeEventListener('abort', late);
      resolve(outcome);
    };
    const late = (): void => {
      end('late');
    };
    const timer = setTimeout(late, limitMs);
    hurry.addEventListener('abort', late);
    if (hurry.aborted) late();
    else void sent.then(end);
  });
}
