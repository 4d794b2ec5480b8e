import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { atBoundary } from '../../platform/crash-points.ts';
import {
  knock as knockSignal,
  PAYMENT_WORKFLOW,
  PAYMENTS_TASK_QUEUE,
  paymentWorkflowId,
  type PaymentInput,
} from '../../workflows/payment/payment.contract.ts';
import { attributesAtStart, summaryAtStart } from '../../workflows/payment/search.contract.ts';
import type { PaymentRef } from '../../workflows/ports/ledger.ts';
import { isStuck } from './stuck-run.ts';

const REQUEST_LIMIT_MS = 5_000;

/** Rings at a payment's workflow, and starts a run where none is open. Throws when Temporal does not answer. */
export type Knock = (payment: PaymentRef) => Promise<void>;

export function createKnock(client: Client): Knock {
  return async ({ merchant, payment }) => {
    const input: PaymentInput = { merchant, payment };
    await atBoundary('workflow-start', () =>
      client.withDeadline(Date.now() + REQUEST_LIMIT_MS, () =>
        client.workflow.signalWithStart(PAYMENT_WORKFLOW, {
          workflowId: paymentWorkflowId(payment),
          taskQueue: PAYMENTS_TASK_QUEUE,
          args: [input],
          typedSearchAttributes: attributesAtStart(merchant),
          ...summaryAtStart('relay or keeper'),
          signal: knockSignal,
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
      ),
    );
  };
}

/**
 * Whether the workflow id has an open run that gets on, by describe: visibility may lag behind or be lost. A
 * run whose task fails again and again (code that does not fit its history) would be open for ever and do
 * nothing; it is terminated, and the next begins from the record, as every run does. Throws when Temporal
 * does not answer.
 */
export type HasOpenRun = (workflowId: string) => Promise<boolean>;

/** The statuses of a closed run; anything else, also what a later server invents, is open. */
const CLOSED = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT', 'CONTINUED_AS_NEW']);

export function createHasOpenRun(client: Client): HasOpenRun {
  return async (workflowId) => {
    try {
      const { status, runId, raw } = await client.withDeadline(Date.now() + REQUEST_LIMIT_MS, () =>
        client.workflow.getHandle(workflowId).describe(),
      );
      if (CLOSED.has(status.name)) return false;
      if (!isStuck(raw.pendingWorkflowTask)) return true;
      await client.withDeadline(Date.now() + REQUEST_LIMIT_MS, () =>
        client.workflow
          .getHandle(workflowId, runId)
          .terminate('its workflow task fails again and again: the keeper starts the next run'),
      );
      return false;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
}
