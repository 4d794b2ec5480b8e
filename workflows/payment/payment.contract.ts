import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CommandId, PaymentId } from '../domain/ids.ts';
import type { PaymentRef } from '../ports/ledger.ts';

/** The workflow type. */
export const PAYMENT_WORKFLOW = 'payment';

/** Where payment workflows and their local activities run. */
export const PAYMENTS_TASK_QUEUE = 'payments';

/** One payment, one workflow id; its runs follow one another under it. */
export function paymentWorkflowId(payment: PaymentId): string {
  return payment;
}

/** Every run has the same input: there is no first run. */
export type PaymentInput = PaymentRef;

/** How far a command has come when its ring returns; the answer itself is in PostgreSQL. */
export interface RingResult {
  readonly state: 'answered' | 'processing';
}

/**
 * The doorbell with an answer: wakes the loop and waits, at most {@link RING_WAIT_MS}, until the
 * command is answered. Sent as update-with-start by the API, with the command id as update id.
 */
export const ring = defineUpdate<RingResult, [CommandId]>('ring');

/** The doorbell without an answer: relay and keeper send it as signal-with-start. */
export const knock = defineSignal('knock');

/** The longest that a ring waits, and so the longest that the API can (ms). */
export const RING_WAIT_MS = 30_000;
