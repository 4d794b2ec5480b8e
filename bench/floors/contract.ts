import { defineUpdate } from '@temporalio/workflow';

/** What the api of the floors is asked for; each is a workflow type too. */
export const FLOORS = ['empty', 'floor', 'usual'] as const;
export type Floor = (typeof FLOORS)[number];

/** As the payments pool: workflows and local activities. */
export const FLOOR_QUEUE = 'bench:payments';
/** As an acquirer's pool: one regular activity, in a process of its own. */
export const FLOOR_ACQUIRER_QUEUE = 'bench:acquirer';
/** Workflows and their six regular activities, in one process, as most people set it up. */
export const USUAL_QUEUE = 'bench:usual';

/** As the payment's run: ids only. */
export interface FloorInput {
  readonly merchant: string;
  readonly payment: string;
}

export interface FloorResult {
  readonly state: 'answered';
}

/** As the payment's ring. */
export const ring = defineUpdate<FloorResult, [string]>('ring');

/** What every floor's activity is asked and answers: ids, as little as ours could do with. */
export interface FloorActivities {
  step(input: FloorInput): Promise<FloorInput>;
}
