import type { Client } from '@temporalio/client';
import type pg from 'pg';
import { atBoundary } from '../../platform/crash-points.ts';
import {
  CARD_VERIFICATION_WORKFLOW,
  verificationSummary,
  verificationWorkflowId,
  type VerificationInput,
} from '../../workflows/card-verification/card-verification.contract.ts';
import { PAYMENTS_TASK_QUEUE } from '../../workflows/payment/payment.contract.ts';
import { attributesAtStart } from '../../workflows/payment/search.contract.ts';
import type { KeptRows } from './keeper.ts';

const REQUEST_LIMIT_MS = 5_000;

export type PendingVerification = VerificationInput & {
  /** With microseconds, which a Date would lose: it is a cursor. */
  readonly createdAt: string;
};

/**
 * Card verifications that have not ended and are older than `olderThanMs`, the oldest first: those whose run was
 * never started (the api died, Temporal was away) and those whose run was lost. One is open for ten minutes.
 */
export function pendingVerifications(
  pool: pg.Pool,
  client: Client,
  olderThanMs: number,
): KeptRows<PendingVerification> {
  return {
    async page(last, limit) {
      const { rows } = await pool.query<PendingVerification>(
        `select merchant_id as merchant, id as verification, created_at::text as "createdAt" from card_verifications
         where status = 'processing' and created_at < clock_timestamp() - $1 * interval '1 millisecond'
           and (created_at, id) > ($2::timestamptz, $3)
         order by created_at, id limit $4`,
        [olderThanMs, last?.createdAt ?? '-infinity', last?.verification ?? '', limit],
      );
      return rows;
    },
    workflowId: ({ verification }) => verificationWorkflowId(verification),
    async stillOpen({ merchant, verification }) {
      const { rowCount } = await pool.query(
        "select from card_verifications where merchant_id = $1 and id = $2 and status = 'processing'",
        [merchant, verification],
      );
      return rowCount === 1;
    },
    async start({ merchant, verification }) {
      await atBoundary('workflow-start', () =>
        client.withDeadline(Date.now() + REQUEST_LIMIT_MS, () =>
          client.workflow.start(CARD_VERIFICATION_WORKFLOW, {
            workflowId: verificationWorkflowId(verification),
            taskQueue: PAYMENTS_TASK_QUEUE,
            args: [{ merchant, verification } satisfies VerificationInput],
            typedSearchAttributes: attributesAtStart(merchant),
            ...verificationSummary('the keeper'),
            workflowIdConflictPolicy: 'USE_EXISTING',
            workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          }),
        ),
      );
    },
  };
}
