import { condition, proxyActivities, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import {
  FLOOR_ACQUIRER_QUEUE,
  ring,
  type FloorActivities,
  type FloorInput,
  type FloorResult,
} from './contract.ts';

// The same limits as the payment's (workflows/payment/ports.ts).
const local = proxyLocalActivities<FloorActivities>({
  startToCloseTimeout: '15 s',
  localRetryThreshold: '10 s',
});
const acquirer = proxyActivities<FloorActivities>({
  taskQueue: FLOOR_ACQUIRER_QUEUE,
  scheduleToStartTimeout: '10 s',
  startToCloseTimeout: '30 s',
  retry: { maximumAttempts: 1 },
});
const regular = proxyActivities<FloorActivities>({ startToCloseTimeout: '30 s' });

/** Answers whoever rang when the steps are done, and ends then: as the payment does. */
async function answering(steps: () => Promise<void>): Promise<void> {
  let done = false;
  let answered = false;
  setHandler(ring, async (): Promise<FloorResult> => {
    await condition(() => done);
    answered = true;
    return { state: 'answered' };
  });
  await steps();
  done = true;
  await condition(() => answered);
}

/** Started, rung, answered, ended. */
export async function empty(_input: FloorInput): Promise<void> {
  await answering(async () => undefined);
}

/** A payment's shape: what needs only our own database, one call on another pool's queue, and our own again. */
export async function floor(input: FloorInput): Promise<void> {
  await answering(async () => {
    await local.step(input);
    await acquirer.step(input);
    await local.step(input);
  });
}

/** What is usually written: every step an activity. Tokenize, score, route, begin, send, conclude. */
export async function usual(input: FloorInput): Promise<void> {
  await answering(async () => {
    for (let step = 0; step < 6; step += 1) await regular.step(input);
  });
}
