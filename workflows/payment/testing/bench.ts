import { fileURLToPath } from 'node:url';
import { WithStartWorkflowOperation, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker, type LogEntry } from '@temporalio/worker';
import { newId } from '../../../platform/new-id.ts';
import { startTimeSkipping } from '../../../temporal-dev/testing/time-skipping.ts';
import { waitUntil } from '../../../temporal-dev/testing/wait-until.ts';
import type { CommandId } from '../../domain/ids.ts';
import type { Payment } from '../../domain/payment.ts';
import { createdState } from '../../domain/testing/payments.ts';
import type { RecordedPaymentOptions } from '../../domain/testing/recorded-payment.ts';
import type { FraudActivities } from '../../ports/fraud.ts';
import type { PaymentRef } from '../../ports/ledger.ts';
import type { RoutingActivities } from '../../ports/routing.ts';
import type { VaultActivities } from '../../ports/vault.ts';
import { knock, PAYMENT_WORKFLOW, ring, type RingResult } from '../payment.contract.ts';
import { BenchPayment } from './bench-payment.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import { createScriptedAcquirer } from './scripted-acquirer.ts';

const TASK_QUEUE = 'bench';

/** Where payments run whose record is in memory and whose time is skipped. */
export interface Bench {
  /** A payment that was accepted just now, with its create command pending. */
  open(asked?: Partial<Payment>, options?: RecordedPaymentOptions): Promise<BenchPayment>;
  start(payment: BenchPayment): Promise<WorkflowHandle>;
  /** Rings without waiting; starts a run where none is open. */
  knock(payment: BenchPayment): Promise<WorkflowHandle>;
  /** Rings and waits; starts a run where none is open. */
  /** @param said what stands in the update instead of the command. */
  ring(payment: BenchPayment, command: CommandId, said?: unknown): Promise<RingResult>;
  terminate(payment: BenchPayment): Promise<void>;
  cancel(payment: BenchPayment): Promise<void>;
  /** Stops the worker and starts another one on the same task queue; for a bench that `restarts`. */
  restartWorker(): Promise<void>;
  /** Lets time skip until the run of the payment has ended. @throws WorkflowFailedError */
  ended(payment: BenchPayment): Promise<void>;
  /** Lets that much time go by (ms), skipped where nobody works. */
  pass(ms: number): Promise<void>;
  now(): Promise<number>;
  status(payment: BenchPayment): Promise<string>;
  /** The id of its latest run. */
  runOf(payment: BenchPayment): Promise<string>;
  /** Ends what the test left open. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export interface BenchOptions {
  /** The worker is restarted: it keeps no workflow in its cache, every task goes through the history. */
  readonly restarts?: boolean;
}

/** `testServer` is the path of the time-skipping server. */
export async function openBench(testServer: string, { restarts = false }: BenchOptions = {}): Promise<Bench> {
  Runtime.install({
    logger: new DefaultLogger('WARN', printUnexpected),
    telemetryOptions: { logging: { forward: {}, filter: 'WARN' } },
  });
  const environment = await startTimeSkipping(testServer);
  const { client } = environment;
  const payments = new Map<string, BenchPayment>();
  const find = (ref: PaymentRef): BenchPayment => {
    const payment = payments.get(ref.payment);
    if (payment === undefined) throw new Error(`payment ${ref.payment} does not exist`);
    return payment;
  };
  async function startWorker(): Promise<() => Promise<void>> {
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue: TASK_QUEUE,
      workflowsPath: fileURLToPath(new URL('../../index.ts', import.meta.url)),
      activities: watched(activitiesOf(find), find),
      // The test server never takes back what it would give to a worker's cache, also when that is gone.
      ...(restarts ? { maxCachedWorkflows: 0 } : {}),
    });
    const running = worker.run();
    return async () => {
      worker.shutdown();
      await running;
    };
  }
  let stopWorker = await startWorker();
  const start = { taskQueue: TASK_QUEUE };

  /** Whether a worker has a task of that run, or may soon have. */
  async function isAtWork(id: string): Promise<boolean> {
    const handle = client.workflow.getHandle(id);
    const { pendingActivities } = (await handle.describe()).raw;
    if (pendingActivities?.some(({ lastStartedTime }) => lastStartedTime)) return true;
    const { events } = await handle.fetchHistory();
    const last = events?.findLast(
      (event) =>
        event.workflowTaskScheduledEventAttributes ??
        event.workflowTaskStartedEventAttributes ??
        event.workflowTaskCompletedEventAttributes,
    );
    return !last?.workflowTaskCompletedEventAttributes;
  }

  return {
    async open(asked = {}, options = {}) {
      const now = await environment.currentTimeMs();
      const created = createdState({
        id: newId('pay'),
        createdAt: now,
        authorizeBy: now + 600_000,
        captureMethod: 'automatic',
        ...asked,
      });
      const payment = new BenchPayment(created, { taskQueue: TASK_QUEUE, ...options });
      payments.set(payment.id, payment);
      return payment;
    },
    start: ({ id, ref }) =>
      client.workflow.start(PAYMENT_WORKFLOW, { ...start, workflowId: id, args: [ref] }),
    knock: ({ id, ref }) =>
      client.workflow.signalWithStart(PAYMENT_WORKFLOW, {
        ...start,
        workflowId: id,
        args: [ref],
        signal: knock,
      }),
    ring: ({ id, ref }, command, said = command) =>
      client.workflow.executeUpdateWithStart(ring, {
        updateId: command,
        args: [said as CommandId],
        startWorkflowOperation: new WithStartWorkflowOperation(PAYMENT_WORKFLOW, {
          ...start,
          workflowId: id,
          args: [ref],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        }),
      }),
    async terminate({ id }) {
      await client.workflow.getHandle(id).terminate('a test pulls the plug');
    },
    async cancel({ id }) {
      await client.workflow.getHandle(id).cancel();
    },
    async restartWorker() {
      await stopWorker();
      stopWorker = await startWorker();
    },
    async ended({ id }) {
      await client.workflow.result(id);
    },
    pass: (ms) => environment.sleep(ms),
    now: () => environment.currentTimeMs(),
    status: async ({ id }) => (await client.workflow.getHandle(id).describe()).status.name,
    runOf: async ({ id }) => (await client.workflow.getHandle(id).describe()).runId,
    async clear() {
      for (const { id } of payments.values()) {
        const handle = client.workflow.getHandle(id);
        if ((await handle.describe()).status.name !== 'RUNNING') continue;
        // The test server holds time while a task is worked on, and never lets go of it again where the run
        // is terminated meanwhile: time would not be skipped for any later test.
        await waitUntil(`${id} works on nothing`, 10_000, async () => !(await isAtWork(id)));
        await handle.terminate('the test is over').catch(() => undefined);
      }
      payments.clear();
    },
    async close() {
      await stopWorker();
      await environment.teardown();
    },
  };
}

/** What tests provoke, and what the test server lacks, is no news. */
const EXPECTED = [
  'step_failed',
  'Activity failed',
  'Task not found when completing',
  'Activity not found on completion',
  'activity_failure_include_heartbeat',
];

function printUnexpected({ level, message, meta }: LogEntry): void {
  if (EXPECTED.some((text) => message.includes(text))) return;
  process.stderr.write(`${level} ${message} ${JSON.stringify(meta)}\n`);
}

function activitiesOf(find: (ref: PaymentRef) => BenchPayment): object {
  return {
    ...createMemoryLedger(find),
    ...createScriptedAcquirer(find),
    ...({
      tokenize: async (input) => find(input).card,
      release: async (input) => {
        find(input).released.push(input.attempt);
      },
      burn: async (input) => {
        find(input).burnt += 1;
      },
      grant: async () => null,
    } satisfies VaultActivities),
    ...({ score: async (input) => find(input).risk } satisfies FraudActivities),
    ...({
      route: async (input) => {
        return find(input).routing();
      },
    } satisfies RoutingActivities),
  };
}

type Step = (input: PaymentRef) => Promise<unknown>;

/** Every step tells its payment before and after, and does what the payment's script throws. */
function watched(activities: object, find: (ref: PaymentRef) => BenchPayment): object {
  const steps = Object.entries(activities) as [string, Step][];
  return Object.fromEntries(
    steps.map(([name, run]) => [
      name,
      async (input: PaymentRef) => {
        const payment = find(input);
        await payment.atMoment(`before ${name}`);
        const answer = await run(input);
        payment.steps.push(name);
        await payment.atMoment(`after ${name}`);
        return answer;
      },
    ]),
  );
}
