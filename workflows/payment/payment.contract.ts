import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CommandId, DecisionId, PaymentId } from '../domain/ids.ts';
import type { RouteRecord } from '../domain/route/types.ts';
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
 * command is answered. Sent as update-with-start by the API, with the command id as update id; by the
 * operator gateway with the id of a decision, whose command it stands for.
 */
export const ring = defineUpdate<RingResult, [CommandId | DecisionId]>('ring');

/** The doorbell without an answer: relay and keeper send it as signal-with-start. */
export const knock = defineSignal('knock');

/** A step that this run has begun. */
export interface TimelineEntry {
  /** ISO 8601, the workflow's time. */
  readonly at: string;
  readonly step: string;
}

/** Where the run stands by its own memory; also asked of runs that are closed. */
export interface RunStatus {
  /** As the API says it; null before the run has loaded the payment, or where it was loaded by older workers. */
  readonly status: string | null;
  readonly waits_for: string;
  readonly since: string;
  readonly version: number | null;
  readonly pending: readonly { readonly id: string; readonly kind: string; readonly phase: string }[];
}
export const status = defineQuery<RunStatus>('status');

/** The steps of this run, at most the last hundred; those of earlier runs are in theirs, and all in PostgreSQL. */
export const timeline = defineQuery<readonly TimelineEntry[]>('timeline');

/** The last routing decision that this run asked for; null when it asked for none. */
export const decision = defineQuery<RouteRecord | null>('decision');

/** The longest that a ring waits, and so the longest that the API can (ms). */
export const RING_WAIT_MS = 30_000;
