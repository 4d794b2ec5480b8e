/** Every workflow type, by its name: what the bundle of the workers contains. */
export { payment } from './payment/payment.workflow.ts';
export { webhookDelivery } from './webhook-delivery/webhook-delivery.workflow.ts';
