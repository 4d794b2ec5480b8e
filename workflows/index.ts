/** Every workflow type, by its name: what the bundle of the workers contains. */
export { payment } from './payment/payment.workflow.ts';
export { cardVerification } from './card-verification/card-verification.workflow.ts';
export { webhookDelivery } from './webhook-delivery/webhook-delivery.workflow.ts';
export { cardRetention } from './upkeep/card-retention.workflow.ts';
export { keyRotation } from './upkeep/key-rotation.workflow.ts';
export { historyExport } from './upkeep/history-export.workflow.ts';
