import { WorkflowFailedError } from '@temporalio/client';
import { atBoundary } from '../../platform/crash-points.ts';
import type { Logger } from '../../platform/logger.ts';
import type { TemporalClient } from '../../platform/temporal.ts';
import {
  CARD_VERIFICATION_WORKFLOW,
  verificationSummary,
  verificationWorkflowId,
  type VerificationInput,
} from '../../workflows/card-verification/card-verification.contract.ts';
import { PAYMENTS_TASK_QUEUE } from '../../workflows/payment/payment.contract.ts';
import { attributesAtStart } from '../../workflows/payment/search.contract.ts';
import { RING_LIMIT_MIN_MS, within, type RingOutcome } from '../ring.ts';

/**
 * Starts the run of a verification, or finds the open one, and waits for its end: at most `limitMs`, and not
 * beyond `hurry`. What came of it is no answer: that is in PostgreSQL, and what was not started now the keeper
 * starts. Never rejects.
 */
export type RunVerification = (
  verification: VerificationInput,
  limitMs: number,
  hurry: AbortSignal,
) => Promise<RingOutcome>;

/** gRPC: DEADLINE_EXCEEDED. */
const DEADLINE = 4;

export function createRunVerification(
  { client }: Pick<TemporalClient, 'client'>,
  logger: Logger,
): RunVerification {
  async function run(ref: VerificationInput, deadline: number): Promise<RingOutcome> {
    try {
      await client.withDeadline(deadline, async () => {
        const handle = await atBoundary('workflow-start', () =>
          client.workflow.start(CARD_VERIFICATION_WORKFLOW, {
            workflowId: verificationWorkflowId(ref.verification),
            taskQueue: PAYMENTS_TASK_QUEUE,
            args: [ref],
            typedSearchAttributes: attributesAtStart(ref.merchant),
            ...verificationSummary('the api'),
            workflowIdConflictPolicy: 'USE_EXISTING',
            // The run before this one was lost, or ended it: then this one finds nothing to do.
            workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          }),
        );
        await handle.result();
      });
      return 'returned';
    } catch (error) {
      if (error instanceof WorkflowFailedError) return 'busy';
      if (isDeadline(error)) return 'late';
      logger.warn('verification_not_started', { verification: ref.verification, error });
      return 'unreachable';
    }
  }

  return (ref, limitMs, hurry) =>
    within(limitMs, hurry, run(ref, Date.now() + Math.max(limitMs, RING_LIMIT_MIN_MS)));
}

function isDeadline(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && error.code === DEADLINE) return true;
  return error.cause !== undefined && isDeadline(error.cause);
}
