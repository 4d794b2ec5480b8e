import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { newId } from '../../../platform/new-id.ts';
import { startTimeSkipping } from '../../../temporal-dev/testing/time-skipping.ts';
import type {
  UnknownReason,
  VerificationAttempt,
  VerificationStatus,
} from '../../domain/card-verification.ts';
import { attemptId, type AcquirerAccountId, type StagingId, type VerificationId } from '../../domain/ids.ts';
import { CARD } from '../../domain/testing/payments.ts';
import type {
  VerificationActivities,
  VerificationRef,
  VerificationVault,
  VerifyingActivities,
} from '../../ports/card-verification.ts';
import { CARD_VERIFICATION_WORKFLOW } from '../card-verification.contract.ts';

const TASK_QUEUE = 'bench';

/**
 * How a question ends. lost: written, and nobody told; not_sent: certainly not written; thrown: its worker is
 * gone, after the message was written or before.
 */
export type Ending = 'approved' | 'declined' | 'lost' | 'not_sent' | 'thrown_sent' | 'thrown_unsent';

/** A verification whose record is in memory, and what its surroundings do to it. */
export interface BenchVerification {
  readonly ref: VerificationRef;
  readonly verifyBy: number;
  status: VerificationStatus;
  unknownReason: UnknownReason | null;
  attempts: VerificationAttempt[];
  /** Of the n-th question, from 1. */
  ending: (number: number) => Ending | Promise<Ending>;
  /** Whether an account can ask. */
  routed: boolean;
  /** Steps that fail for good, by name, once each. */
  fails: Set<string>;
  readonly steps: string[];
  burnt: number;
  released: number;
  ends: number;
}

export interface VerificationBench {
  open(): Promise<BenchVerification>;
  start(verification: BenchVerification): Promise<WorkflowHandle>;
  ended(verification: BenchVerification): Promise<void>;
  terminate(verification: BenchVerification): Promise<void>;
  cancel(verification: BenchVerification): Promise<void>;
  now(): Promise<number>;
  close(): Promise<void>;
}

/** `testServer` is the path of the time-skipping server. */
export async function openVerificationBench(testServer: string): Promise<VerificationBench> {
  Runtime.install({
    // What the scripts fail is no news.
    logger: new DefaultLogger('ERROR', ({ message, meta }) => {
      if (!message.includes('verification_step_failed') && !message.includes('Activity failed'))
        process.stderr.write(`${message} ${JSON.stringify(meta)}\n`);
    }),
    telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } },
  });
  const environment = await startTimeSkipping(testServer);
  const { client } = environment;
  const all = new Map<string, BenchVerification>();
  const find = (id: string): BenchVerification => {
    const found = all.get(id);
    if (found === undefined) throw new Error(`verification ${id} does not exist`);
    return found;
  };
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: TASK_QUEUE,
    workflowsPath: fileURLToPath(new URL('../../index.ts', import.meta.url)),
    activities: activitiesOf(find, () => environment.currentTimeMs()),
  });
  const running = worker.run();
  const idOf = ({ ref }: BenchVerification): VerificationId => ref.verification;

  return {
    async open() {
      const verification: BenchVerification = {
        ref: { merchant: newId('mer'), verification: newId('ver') },
        verifyBy: (await environment.currentTimeMs()) + 600_000,
        status: 'processing',
        unknownReason: null,
        attempts: [],
        ending: () => 'approved',
        routed: true,
        fails: new Set(),
        steps: [],
        burnt: 0,
        released: 0,
        ends: 0,
      };
      all.set(verification.ref.verification, verification);
      return verification;
    },
    start: (verification) =>
      client.workflow.start(CARD_VERIFICATION_WORKFLOW, {
        taskQueue: TASK_QUEUE,
        workflowId: idOf(verification),
        args: [verification.ref],
      }),
    async ended(verification) {
      await client.workflow.result(idOf(verification));
    },
    async terminate(verification) {
      await client.workflow.getHandle(idOf(verification)).terminate('a test pulls the plug');
    },
    async cancel(verification) {
      await client.workflow.getHandle(idOf(verification)).cancel();
    },
    now: () => environment.currentTimeMs(),
    async close() {
      worker.shutdown();
      await running;
      await environment.teardown();
    },
  };
}

function activitiesOf(find: (id: string) => BenchVerification, now: () => Promise<number>): object {
  const viewOf = ({ status, attempts, verifyBy }: BenchVerification) => ({
    status,
    staging: 'stg_1' as StagingId,
    verifyBy,
    attempts,
  });
  const change = (of: BenchVerification, id: string, over: Partial<VerificationAttempt>): void => {
    of.attempts = of.attempts.map((one) => (one.id === id ? { ...one, ...over } : one));
  };
  /** A step that the script fails, as a bug would. */
  const step = (of: BenchVerification, name: string): void => {
    of.steps.push(name);
    if (of.fails.delete(name)) throw ApplicationFailure.nonRetryable(`the script fails ${name}`, 'Scripted');
  };

  const record: VerificationActivities = {
    async loadVerification({ verification }) {
      return viewOf(find(verification));
    },
    async planVerification({ verification, number }) {
      const of = find(verification);
      step(of, 'plan');
      if (!of.routed) {
        of.status = 'unknown';
        of.unknownReason = 'no_route';
        return viewOf(of);
      }
      if (of.status === 'processing' && of.attempts.length < number)
        of.attempts = [
          ...of.attempts,
          {
            id: attemptId(of.ref.verification, number),
            number,
            acquirer: 'acquirer-1',
            account: 'aca_1' as AcquirerAccountId,
            taskQueue: TASK_QUEUE,
            state: 'planned',
            outcome: null,
            givenUpAt: null,
            grant: 'a grant',
          },
        ];
      return viewOf(of);
    },
    async settleVerification({ verification, attempt }) {
      const of = find(verification);
      const found = of.attempts.find(({ id }) => id === attempt);
      if (found !== undefined && found.state !== 'answered' && found.givenUpAt === null)
        change(of, attempt, {
          state: found.state === 'planned' ? 'fenced' : found.state,
          givenUpAt: await now(),
        });
      return viewOf(of);
    },
    async concludeVerification({ verification, end }) {
      const of = find(verification);
      step(of, 'conclude');
      if (of.status !== 'processing') return viewOf(of);
      // As the database: what was answered in between is not unknown.
      if (end.kind === 'unknown' && of.attempts.some(({ state }) => state === 'answered')) return viewOf(of);
      const outcome =
        end.kind === 'answered' ? of.attempts.find(({ id }) => id === end.attempt)?.outcome : null;
      of.status = outcome === 'approved' ? 'verified' : outcome === 'declined' ? 'declined' : 'unknown';
      of.unknownReason = end.kind === 'unknown' ? end.reason : null;
      of.ends += 1;
      return viewOf(of);
    },
  };

  const vault: VerificationVault = {
    async tokenize({ payment }) {
      step(find(payment), 'tokenize');
      return CARD;
    },
    async release({ payment }) {
      find(payment).released += 1;
    },
    async burn({ payment }) {
      find(payment).burnt += 1;
    },
  };

  const acquirer: VerifyingActivities = {
    async verify({ verification, attempt }) {
      const of = find(verification);
      of.steps.push('verify');
      const number = of.attempts.find(({ id }) => id === attempt)?.number ?? 0;
      const ending = await of.ending(number);
      const told = (outcome: 'approved' | 'declined' | 'ambiguous' | 'retryable') => ({
        outcome,
        responseCode: null,
        reason: null,
      });
      switch (ending) {
        case 'approved':
        case 'declined':
          change(of, attempt, { state: 'answered', outcome: ending });
          return told(ending);
        case 'lost':
          change(of, attempt, { state: 'sending', givenUpAt: await now() });
          return told('ambiguous');
        case 'not_sent':
          return told('retryable');
        case 'thrown_sent':
          change(of, attempt, { state: 'sending' });
          throw ApplicationFailure.nonRetryable('its worker is gone', 'Scripted');
        case 'thrown_unsent':
          throw ApplicationFailure.nonRetryable('its worker is gone', 'Scripted');
      }
    },
  };
  return { ...record, ...vault, ...acquirer };
}
