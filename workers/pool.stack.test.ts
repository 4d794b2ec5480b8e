import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Logger } from '../platform/logger.ts';
import { createTemporalClient, type TemporalClient } from '../platform/temporal.ts';
import { readRunFile, type RunFile } from '../temporal-dev/run-file.ts';
import { openPayloads, type OpenPayloads } from '../temporal-dev/testing/payloads.ts';
import { waitUntil } from '../temporal-dev/testing/wait-until.ts';
import type { DeliveryId, MerchantId } from '../workflows/domain/ids.ts';
import type {
  DeliveryRecordActivities,
  DeliveryRef,
  WebhookActivities,
} from '../workflows/ports/webhooks.ts';
import { WEBHOOK_DELIVERY_WORKFLOW } from '../workflows/webhook-delivery/webhook-delivery.contract.ts';
import { startPool, type PoolOptions } from './pool.ts';
import { stackRunFile } from '../temporal-dev/testing/stack-run-file.ts';

let run: RunFile;
let temporal: TemporalClient;
let payloads: OpenPayloads;
beforeAll(async () => {
  run = await readRunFile(stackRunFile());
  payloads = openPayloads(run);
  const { dataConverter } = payloads;
  temporal = createTemporalClient({ ...run.temporal, identity: 'a test', dataConverter, retries: true });
});
afterAll(async () => {
  await temporal.close();
  await payloads.close();
});

const silent: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};

function options(taskQueue: string, activities: object, overrides: Partial<PoolOptions> = {}): PoolOptions {
  return {
    address: run.temporal.address,
    namespace: run.temporal.namespace,
    dataConverter: payloads.dataConverter,
    taskQueue,
    activities,
    workflows: true,
    slots: { workflowTasks: 2, activities: 2, localActivities: 2 },
    pollers: { workflowTasks: 2, activities: 1 },
    maxCachedWorkflows: 10,
    logger: silent,
    coreMetrics: '127.0.0.1:0',
    shutdownGraceMs: 10_000,
    ...overrides,
  };
}

describe('a pool', () => {
  it('runs the built workflows and their activities, and finishes what it has begun when it is stopped', async () => {
    const taskQueue = `test-${randomUUID()}`;
    let begun = 0;
    let finished = 0;
    let answer: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const activities: WebhookActivities & DeliveryRecordActivities = {
      async deliver() {
        begun += 1;
        await released;
        finished += 1;
        return { concluded: true };
      },
      deliveryProgress: () => Promise.resolve({ concluded: false, attempts: 0, sinceLastAttemptMs: 0 }),
      abandonDelivery: () => Promise.resolve(),
    };
    const pool = await startPool(options(taskQueue, activities));
    expect(await pool.healthy()).toBe(true);
    const ref: DeliveryRef = {
      merchant: 'mer_test' as MerchantId,
      delivery: `dlv_${taskQueue}` as DeliveryId,
    };
    await temporal.client.workflow.start(WEBHOOK_DELIVERY_WORKFLOW, {
      workflowId: ref.delivery,
      taskQueue,
      args: [ref],
    });
    await waitUntil('the delivery is under way', 20_000, () => begun === 1);

    const stopped = pool.stop();
    await waitUntil('the pool is stopping', 5_000, async () => !(await pool.healthy()));
    expect(finished).toBe(0);
    answer();
    await stopped;
    expect(finished).toBe(1);
    await temporal.client.workflow.getHandle(ref.delivery).terminate('the test is over');
  });

  it('runs without workflows and without activity tasks where it is told so', async () => {
    const pool = await startPool(
      options(`test-${randomUUID()}`, { nothing: () => Promise.resolve() }, { workflows: false }),
    );
    expect(await pool.healthy()).toBe(true);
    await pool.stop();
    const localOnly = await startPool(
      options(`test-${randomUUID()}`, {}, { pollers: { workflowTasks: 2, activities: 0 } }),
    );
    expect(await localOnly.healthy()).toBe(true);
    await localOnly.stop();
  });
});
