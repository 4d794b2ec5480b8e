import type { Client } from '@temporalio/client';
import type { DeliveryRef } from '../../workflows/ports/webhooks.ts';
import {
  WEBHOOK_DELIVERY_WORKFLOW,
  webhookDeliveryWorkflowId,
  WEBHOOKS_TASK_QUEUE,
  type WebhookDeliveryInput,
} from '../../workflows/webhook-delivery/webhook-delivery.contract.ts';

/** Starts the workflow of a delivery that is `retrying`; where it is open already, nothing happens. Throws when Temporal does not answer. */
export type StartDelivery = (ref: DeliveryRef) => Promise<void>;

const START_LIMIT_MS = 5_000;

export function createDeliveryStarter(client: Client): StartDelivery {
  return async ({ merchant, delivery }) => {
    const input: WebhookDeliveryInput = { merchant, delivery };
    await client.withDeadline(Date.now() + START_LIMIT_MS, () =>
      client.workflow.start(WEBHOOK_DELIVERY_WORKFLOW, {
        workflowId: webhookDeliveryWorkflowId(delivery),
        taskQueue: WEBHOOKS_TASK_QUEUE,
        args: [input],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    );
  };
}
