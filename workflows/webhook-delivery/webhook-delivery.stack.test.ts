import { fileURLToPath } from 'node:url';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  makeTelemetryFilterString,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalTestServerProgram } from '../../temporal-dev/parts/programs.ts';
import { startTimeSkipping } from '../../temporal-dev/testing/time-skipping.ts';
import type { DeliveryId, MerchantId } from '../domain/ids.ts';
import type {
  DeliverResult,
  DeliveryRecordActivities,
  DeliveryRef,
  WebhookActivities,
} from '../ports/webhooks.ts';
import { ATTEMPTS_MAX, JITTER_MAX, RETRY_PAUSES_MS } from './schedule.ts';
import { WEBHOOK_DELIVERY_WORKFLOW } from './webhook-delivery.contract.ts';

/** Days of schedule in seconds: the server skips time while a result is awaited. */
let environment: TestWorkflowEnvironment;
let workflowBundle: WorkflowBundle;
beforeAll(async () => {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
  });
  environment = await startTimeSkipping(await temporalTestServerProgram());
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./webhook-delivery.workflow.ts', import.meta.url)),
    logger: new DefaultLogger('WARN'),
  });
});
afterAll(async () => {
  await environment.teardown();
});

const merchant = 'mer_test' as MerchantId;
/** What a delivery's rows would hold, beside what the endpoint does at the n-th attempt. */
interface World {
  readonly ref: DeliveryRef;
  readonly attemptsAt: number[];
  state: 'retrying' | 'delivered' | 'failed';
}

/** A delivery whose first attempt was the dispatcher's and failed just now. */
async function world(name: string): Promise<World> {
  return {
    ref: { merchant, delivery: `dlv_${name}` as DeliveryId },
    attemptsAt: [await environment.currentTimeMs()],
    state: 'retrying',
  };
}

type Endpoint = (attempt: number) => 'takes it' | 'fails' | Promise<never>;

function activities(of: World, endpoint: Endpoint): WebhookActivities & DeliveryRecordActivities {
  return {
    async deliver(): Promise<DeliverResult> {
      if (of.state !== 'retrying') return { concluded: true };
      const answer = await endpoint(of.attemptsAt.length + 1);
      of.attemptsAt.push(await environment.currentTimeMs());
      if (answer === 'fails') return { concluded: false, attempts: of.attemptsAt.length, reason: 'HTTP 500' };
      of.state = 'delivered';
      return { concluded: true };
    },
    async deliveryProgress() {
      const last = of.attemptsAt.at(-1) ?? 0;
      return {
        concluded: of.state !== 'retrying',
        attempts: of.attemptsAt.length,
        sinceLastAttemptMs: (await environment.currentTimeMs()) - last,
      };
    },
    abandonDelivery() {
      of.state = 'failed';
      return Promise.resolve();
    },
  };
}

/** Runs `work` while a worker works for this delivery, on a queue of its own. */
async function withWorker<T>(
  of: World,
  endpoint: Endpoint,
  work: (taskQueue: string) => Promise<T>,
): Promise<T> {
  const taskQueue = of.ref.delivery;
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue,
    workflowBundle,
    activities: activities(of, endpoint),
  });
  return worker.runUntil(() => work(taskQueue));
}

const start = ({ ref }: World, taskQueue: string) =>
  environment.client.workflow.start(WEBHOOK_DELIVERY_WORKFLOW, {
    workflowId: ref.delivery,
    taskQueue,
    args: [ref],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
  });

const run = (of: World, endpoint: Endpoint) =>
  withWorker(of, endpoint, async (taskQueue) => {
    const handle = await start(of, taskQueue);
    await handle.result();
  });

/** The pauses between attempts, in ms of the server's time. */
const pauses = ({ attemptsAt }: World) =>
  attemptsAt.slice(1).map((at, index) => at - (attemptsAt[index] ?? 0));
/** Between an activity and the timer after it the server's clock may run on. */
const SLACK_MS = 20_000;

function expectSchedule(actual: readonly number[]): void {
  actual.forEach((pause, index) => {
    const planned = RETRY_PAUSES_MS[index] ?? Number.NaN;
    expect(pause).toBeGreaterThanOrEqual(planned - 1_000);
    expect(pause).toBeLessThanOrEqual(planned * (1 + JITTER_MAX) + SLACK_MS);
  });
}

describe('a delivery workflow', () => {
  it('sends again after the pauses of the schedule, and gives up after the tenth attempt', async () => {
    const of = await world('always-fails');
    await run(of, () => 'fails');
    expect(of.attemptsAt).toHaveLength(ATTEMPTS_MAX);
    expect(of.state).toBe('failed');
    expectSchedule(pauses(of));
  });

  it('ends as soon as the endpoint takes it', async () => {
    const of = await world('taken');
    await run(of, (attempt) => (attempt < 5 ? 'fails' : 'takes it'));
    expect(of.attemptsAt).toHaveLength(5);
    expect(of.state).toBe('delivered');
    expectSchedule(pauses(of));
  });

  it('sends nothing when the delivery is concluded already', async () => {
    const of = await world('concluded');
    of.state = 'delivered';
    await run(of, () => 'fails');
    expect(of.attemptsAt).toHaveLength(1);
  });

  it('does not count what could not be attempted, and tries it later', async () => {
    const of = await world('no-key-service');
    let refusals = 0;
    await run(of, (attempt) => {
      if (attempt === 3 && refusals < 2) {
        refusals += 1;
        return Promise.reject(ApplicationFailure.nonRetryable('the key service is away'));
      }
      return attempt < 4 ? 'fails' : 'takes it';
    });
    expect(refusals).toBe(2);
    expect(of.attemptsAt).toHaveLength(4);
    expect(of.state).toBe('delivered');
  });

  it('goes on where the delivery stands when its run was terminated and the keeper starts another', async () => {
    const of = await world('terminated');
    await withWorker(
      of,
      () => 'fails',
      async (taskQueue) => {
        const first = await start(of, taskQueue);
        // Asleep before its fourth attempt.
        await environment.sleep('20 min');
        expect(of.attemptsAt).toHaveLength(3);
        await first.terminate('a test');
        await environment.sleep('5 min');
        expect(of.state).toBe('retrying');
        const second = await start(of, taskQueue);
        await second.result();
      },
    );
    expectSchedule(pauses(of));
    expect(of.attemptsAt).toHaveLength(ATTEMPTS_MAX);
    expect(of.state).toBe('failed');
  });

  it('is not given up when its run is cancelled: it stays retrying, for the keeper', async () => {
    const of = await world('cancelled');
    await withWorker(
      of,
      () => 'fails',
      async (taskQueue) => {
        const handle = await start(of, taskQueue);
        await handle.cancel();
        await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
      },
    );
    expect(of.state).toBe('retrying');
    expect(of.attemptsAt.length).toBeLessThan(ATTEMPTS_MAX);
  });
});
