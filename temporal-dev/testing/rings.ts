import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import { newId } from '../../platform/new-id.ts';
import type { MerchantId, PaymentId } from '../../workflows/domain/ids.ts';
import {
  PAYMENT_WORKFLOW,
  PAYMENTS_TASK_QUEUE,
  ring,
  type RingResult,
} from '../../workflows/payment/payment.contract.ts';
import { attributesAtStart } from '../../workflows/payment/search.contract.ts';

/**
 * Rings at a payment as the API does, each time as soon as it was answered, about commands that nobody made: its run
 * looks at the record and does nothing.
 * @param go how often it has rung so far: whether it rings once more.
 */
export async function ringOnAndOn(
  client: Client,
  { merchant, payment }: { readonly merchant: string; readonly payment: string },
  go: (times: number) => boolean | Promise<boolean>,
): Promise<readonly RingResult[]> {
  const ref = { merchant: merchant as MerchantId, payment: payment as PaymentId };
  const answers: RingResult[] = [];
  while (await go(answers.length)) {
    const command = newId('cmd');
    answers.push(
      await client.workflow.executeUpdateWithStart(ring, {
        updateId: command,
        args: [command],
        startWorkflowOperation: new WithStartWorkflowOperation(PAYMENT_WORKFLOW, {
          workflowId: payment,
          taskQueue: PAYMENTS_TASK_QUEUE,
          args: [ref],
          typedSearchAttributes: attributesAtStart(ref.merchant),
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        }),
      }),
    );
  }
  return answers;
}
