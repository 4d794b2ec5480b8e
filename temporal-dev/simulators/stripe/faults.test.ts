import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AttemptKind, OutcomeClass } from '../../../workflows/domain/outcome.ts';
import type { AttemptRef, CallResult } from '../../../workflows/ports/acquirer.ts';
import type { MemoryAttempt } from '../testing/memory-attempts.ts';
import type { HttpFaultAction as FaultAction } from '../http/faults.ts';
import { IN_FLIGHT_MS, startHarness, type Harness } from './testing.ts';

/**
 * The promise: whatever goes wrong with one request, what our row says in the end is what the journal
 * says, and nothing was executed twice. First the class of the call itself, then the end after asking.
 */
let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterEach(() => {
  harness.simulator().clearFaults();
  harness.age.ms = 0;
});
afterAll(() => harness.stop());

type Operation = 'authorize' | 'sell' | 'capture' | 'void' | 'refund';
const OPERATIONS = ['authorize', 'sell', 'capture', 'void', 'refund'] as const;

interface Row {
  readonly fault: FaultAction;
  /** How the call ends. */
  readonly call: OutcomeClass;
  /** How the attempt ends, after asking. */
  readonly end: OutcomeClass;
}

const row = (fault: FaultAction, call: OutcomeClass, end: OutcomeClass): Row => ({ fault, call, end });

const FAULTS: readonly Row[] = [
  row({ type: 'lose_answer' }, 'ambiguous', 'approved'),
  row({ type: 'no_answer_not_executed' }, 'ambiguous', 'retryable'),
  row({ type: 'delay', delayMs: 900 }, 'ambiguous', 'approved'),
  row({ type: 'hold', holdMs: 900 }, 'ambiguous', 'approved'),
  row({ type: 'reset_before' }, 'ambiguous', 'retryable'),
  row({ type: 'reset_after' }, 'ambiguous', 'approved'),
  row({ type: 'garbage' }, 'ambiguous', 'approved'),
  row({ type: 'half_open' }, 'ambiguous', 'approved'),
  row({ type: 'wrong_reference' }, 'ambiguous', 'approved'),
  row({ type: 'byte_by_byte' }, 'approved', 'approved'),
  row({ type: 'decline', code: 'do_not_honor' }, 'declined', 'declined'),
  row({ type: 'rate_limited', retryAfterS: 1 }, 'retryable', 'retryable'),
  row({ type: 'error_executed' }, 'ambiguous', 'approved'),
  row({ type: 'error_not_executed' }, 'ambiguous', 'retryable'),
];

/** An attempt of the operation, planned, with what it follows done before. */
async function begin(operation: Operation): Promise<MemoryAttempt> {
  const { plan, activities } = harness;
  if (operation === 'authorize') return plan('authorization', 5_000n);
  if (operation === 'sell') return plan('sale', 5_000n);
  const kind: AttemptKind = operation === 'refund' ? 'sale' : 'authorization';
  const original = await plan(kind, 5_000n);
  expect(await activities.authorize(original.ref)).toMatchObject({ outcome: 'approved' });
  return plan(operation, operation === 'capture' ? 3_000n : operation === 'refund' ? 2_000n : 5_000n, {
    original,
  });
}

/** The faults in which no answer comes in time: those calls are given up early. */
const SILENT: readonly string[] = ['lose_answer', 'no_answer_not_executed', 'delay', 'hold', 'half_open'];

function callOf(operation: Operation, by = harness.activities) {
  const activity = operation === 'sell' ? 'authorize' : operation;
  return (ref: AttemptRef) => by[activity](ref);
}

/** What the journal of the executed operation says, once. */
const EXECUTED = {
  authorize: { kind: 'approved', amount: 5_000 },
  sell: { kind: 'sale', amount: 5_000 },
  capture: { kind: 'captured', amount: 3_000 },
  void: { kind: 'voided', amount: 5_000 },
  refund: { kind: 'refunded', amount: 2_000 },
} as const satisfies Record<Operation, object>;

/** Asks as the workflow does: an authorization by inquiry, the others by their own activity again. */
async function settle(operation: Operation, attempt: MemoryAttempt, first: CallResult): Promise<CallResult> {
  let result = first;
  for (let asked = 0; result.outcome === 'ambiguous' && asked < 12; asked += 1) {
    // Repeats stop after half a day; then only reading is left, and an in-flight age makes it proof.
    if (asked > 2) harness.age.ms += 2 * 3_600_000;
    else await new Promise((resolve) => setTimeout(resolve, 200));
    const asks = operation === 'authorize' || operation === 'sell';
    result = await (asks ? harness.activities.inquire(attempt.ref) : callOf(operation)(attempt.ref));
  }
  return result;
}

const CASES = FAULTS.flatMap(({ fault, call, end }) =>
  OPERATIONS.map((operation) => ({ operation, fault, name: fault.type, call, end })),
);

describe('the fault matrix of the Stripe wire', () => {
  it.each(CASES)('$operation with $name: the call is $call, the end $end', async (one) => {
    const { operation, fault, call, end } = one;
    const attempt = await begin(operation);
    const before = harness.journal().length;
    harness.simulator().addFault({ times: 1, match: {}, action: fault });

    const by = SILENT.includes(fault.type) ? harness.impatient : harness.activities;
    const first = await callOf(operation, by)(attempt.ref);
    expect(first.outcome, first.reason ?? '').toBe(call);
    const last = await settle(operation, attempt, first);
    // What is repeated with its key and was not executed before is executed by the repeat.
    const repeats = operation === 'capture' || operation === 'void' || operation === 'refund';
    const lost = fault.type === 'no_answer_not_executed' || fault.type === 'reset_before';
    const expected = repeats && lost ? 'approved' : end;
    expect(last.outcome, last.reason ?? '').toBe(expected);

    const happened = harness
      .journal()
      .slice(before)
      .filter(({ kind }) => kind === EXECUTED[operation].kind);
    expect(happened).toEqual(expected === 'approved' ? [EXECUTED[operation]] : []);
    expect(attempt.answer?.outcome).toBe(expected);
    if (expected === 'approved' && operation !== 'void')
      expect(attempt.answer?.approvedAmount).toBe(BigInt(EXECUTED[operation].amount));
  });
});

describe('a failure that is stored under the key', () => {
  it('is never asked for again with that key, and is read until nothing can be under way', async () => {
    const attempt = await begin('capture');
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'error_not_executed' } });
    expect(await harness.activities.capture(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
    const posts = () =>
      harness
        .simulator()
        .arrivals()
        .filter(({ kind }) => kind === 'capture').length;
    const before = posts();
    for (let asked = 0; asked < 3; asked += 1)
      expect(await harness.activities.capture(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
    harness.age.ms += IN_FLIGHT_MS + 20_000;
    expect(await harness.activities.capture(attempt.ref)).toMatchObject({ outcome: 'retryable' });
    expect(posts()).toBe(before);
  });
});

describe('a worker that is stopped while it repeats', () => {
  it.each(['capture', 'refund'] as const)(
    'does not write a %s when it goes on after it was proven not executed and made anew',
    async (operation) => {
      const attempt = await begin(operation);
      const { simulator, hooks, clock, age } = harness;
      // Its first send is lost, and never executed.
      simulator().addFault({ times: 1, match: {}, action: { type: 'no_answer_not_executed' } });
      expect(await callOf(operation, harness.impatient)(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
      const executed = () => harness.journal().filter(({ kind }) => kind === EXECUTED[operation].kind).length;
      const before = executed();
      // Stopped directly before the write, for longer than keys live.
      hooks.afterRecordRepeat = () => {
        clock.extraMs += 25 * 3_600_000;
        age.ms += 25 * 3_600_000;
      };
      const result = await callOf(operation)(attempt.ref);
      hooks.afterRecordRepeat = () => {};
      expect(result.outcome).toBe('ambiguous');
      expect(executed()).toBe(before);
      expect(await callOf(operation)(attempt.ref)).toMatchObject({ outcome: 'retryable' });
    },
  );
});

describe('an answer that names another amount', () => {
  it.each(['authorize', 'sell', 'refund', 'capture'] as const)(
    '%s: is not believed; the truth is asked for',
    async (operation) => {
      const attempt = await begin(operation);
      harness.simulator().addFault({ times: 1, match: {}, action: { type: 'wrong_amount', amount: 7 } });
      const alarms = harness.alarms.length;
      const first = await callOf(operation)(attempt.ref);
      expect(first.outcome).toBe('ambiguous');
      expect(harness.alarms.length).toBe(alarms + 1);
      expect(await settle(operation, attempt, first)).toMatchObject({ outcome: 'approved' });
    },
  );
});
