import type { DeliveryId } from '../domain/ids.ts';
import type { DeliveryRef } from '../ports/webhooks.ts';

/** The workflow type. */
export const WEBHOOK_DELIVERY_WORKFLOW = 'webhookDelivery';

/** Where delivery workflows, their local activities and `deliver` run. */
export const WEBHOOKS_TASK_QUEUE = 'webhooks';

/** One delivery, one workflow id: starting it twice is starting it once. */
export function webhookDeliveryWorkflowId(delivery: DeliveryId): string {
  return delivery;
}

/** Every run has the same input and goes on from the delivery's row. */
export type WebhookDeliveryInput = DeliveryRef;
