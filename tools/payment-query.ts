import { PAYMENT_WORKFLOW } from '../workflows/payment/payment.contract.ts';

/** A visibility query held to payments: nobody means a sweep or a delivery by one that is too wide. */
export function ofPayments(query: string): string {
  return `(${query}) AND WorkflowType = '${PAYMENT_WORKFLOW}'`;
}
