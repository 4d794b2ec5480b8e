import type pg from 'pg';
import { recordChange } from '../../activities/ledger/record.ts';
import { createRecorder, RECORDING, type Recorder } from '../../activities/ledger/recorder.ts';
import { createPool, isSerializationFailure } from '../../platform/database.ts';
import { loadPayment } from '../../schema/load-payment.ts';
import { concludeAttempt } from '../../workflows/domain/conclude.ts';
import {
  attemptId,
  authorizationIdOf,
  type CommandId,
  type MerchantId,
  type PaymentId,
} from '../../workflows/domain/ids.ts';
import type { PaymentState } from '../../workflows/domain/payment.ts';
import type { Commit } from './measure.ts';

export interface OursRun {
  readonly url: string;
  readonly inFlight: number;
  readonly hot: boolean;
  readonly first: number;
  readonly count: number;
  /** As the payments worker does it; else each step in a transaction of its own. */
  readonly inGroups: boolean;
}

const COLD_MERCHANTS = 1_000;
const TRIES = 100;
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/**
 * Our posting path: each sale's approval is concluded by the domain and written by record_changes,
 * `inFlight` at a time over one pool.
 * @throws Error when a change is not applied: every sale is new.
 */
export async function runOurs(options: OursRun): Promise<{ commits: Commit[]; retries: number }> {
  const { url, inFlight, hot, first, count, inGroups } = options;
  const pool = createPool({ url, poolSize: inFlight, statementTimeoutMs: 60_000, role: 'bench' }, silent);
  try {
    const sample = await sampleState(pool, hot, first);
    const sales = Array.from({ length: count }, (_, index) => stateOf(sample, hot, first + index));
    const record: Recorder = inGroups
      ? createRecorder({ pool, ...RECORDING })
      : (...change) => recordChange(pool, ...change);
    const commits: Commit[] = [];
    let retries = 0;
    const client = async (number: number): Promise<void> => {
      // Each client its own share, as pgbench's have.
      for (const sale of sales.filter((_, index) => index % inFlight === number)) {
        const began = performance.now();
        retries += await conclude(record, sale);
        const endedAt = performance.now();
        commits.push({ client: number, endedAt, latency: endedAt - began });
      }
    };
    await Promise.all(Array.from({ length: inFlight }, (_, number) => client(number)));
    return { commits, retries };
  } finally {
    await pool.end();
  }
}

/** Answers how often it ran again. */
async function conclude(record: Recorder, sale: PaymentState): Promise<number> {
  const now = Date.now();
  const [operation] = sale.operations;
  const made =
    operation === undefined
      ? null
      : concludeAttempt(sale, operation, { outcome: 'approved', reason: null, now, captureBefore: now });
  if (made === null) throw new Error(`${sale.payment.id} is not a sale in flight`);
  for (let retries = 0; retries < TRIES; retries += 1) {
    try {
      const recorded = await record(sale, made, {
        at: now,
        workflowRunId: 'run-1',
        activity: 'conclude 1',
        placed: null,
        route: null,
      });
      if (recorded !== 'applied') throw new Error(`${sale.payment.id}: the change is ${recorded}`);
      return retries;
    } catch (error) {
      if (!isSerializationFailure(error)) throw error;
    }
  }
  throw new Error(`${sale.payment.id} was refused ${TRIES} times as not serializable`);
}

/** As bench.text_id in sql/scene.sql. */
function textId(prefix: string, number: number): string {
  return `${prefix}_${String(number).padStart(26, '0')}`;
}

function merchantOf(number: number, hot: boolean): MerchantId {
  return textId('mer', hot ? 0 : 1 + (number % COLD_MERCHANTS)) as MerchantId;
}

async function sampleState(pool: pg.Pool, hot: boolean, number: number): Promise<PaymentState> {
  const state = await loadPayment(pool, merchantOf(number, hot), textId('pay', number) as PaymentId);
  if (state === null) throw new Error(`sale ${number} was not begun`);
  return state;
}

/** The state of another sale, without asking for it: they differ in their ids alone. */
function stateOf(sample: PaymentState, hot: boolean, number: number): PaymentState {
  const id = textId('pay', number) as PaymentId;
  const operation = authorizationIdOf(id);
  const attempt = attemptId(operation, 1);
  return {
    ...sample,
    payment: { ...sample.payment, id, merchant: merchantOf(number, hot) },
    operations: sample.operations.map((one) => ({ ...one, id: operation, currentAttempt: attempt })),
    attempts: sample.attempts.map((one) => ({ ...one, id: attempt, operation })),
    commands: sample.commands.map((one) => ({ ...one, id: textId('cmd', number) as CommandId, operation })),
  };
}
