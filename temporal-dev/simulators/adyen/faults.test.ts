import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OutcomeClass } from '../../../workflows/domain/outcome.ts';
import type { AttemptRef, CallResult } from '../../../workflows/ports/acquirer.ts';
import type { MemoryAttempt } from '../testing/memory-attempts.ts';
import type { Fault } from './faults.ts';
import { startHarness, type Harness } from './testing.ts';

/**
 * The promise: whatever goes wrong with one request, what our row says in the end is what the journal
 * says, and nothing was executed twice. First the class of the call itself, then the end, by asking
 * again with the key or by Adyen's report.
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
const PAYMENTS = ['authorize', 'sell'] as const;
const MODIFICATIONS = ['capture', 'void', 'refund'] as const;

interface Row {
  readonly fault: Fault['action'];
  /** How the call of a payment ends. */
  readonly payment: OutcomeClass;
  /** How that of a capture, void or refund ends: received at best. */
  readonly modification: OutcomeClass;
  /** How the attempt ends. */
  readonly end: OutcomeClass;
}

const row = (
  fault: Fault['action'],
  payment: OutcomeClass,
  modification: OutcomeClass,
  end: OutcomeClass,
): Row => ({ fault, payment, modification, end });

const FAULTS: readonly Row[] = [
  row({ type: 'lose_answer' }, 'ambiguous', 'ambiguous', 'approved'),
  row({ type: 'no_answer_not_executed' }, 'ambiguous', 'ambiguous', 'approved'),
  row({ type: 'delay', delayMs: 900 }, 'ambiguous', 'ambiguous', 'approved'),
  row({ type: 'hold', holdMs: 900 }, 'ambiguous', 'ambiguous', 'approved'),
  row({ type: 'reset_before' }, 'ambiguous', 'ambiguous', 'approved'),
  row({ type: 'reset_after' }, 'ambiguous', 'ambiguous', 'approved'),
  row({ type: 'garbage' }, 'ambiguous', 'ambiguous', 'approved'),
  row({ type: 'half_open' }, 'ambiguous', 'ambiguous', 'approved'),
  row({ type: 'byte_by_byte' }, 'approved', 'pending', 'approved'),
  row({ type: 'decline', code: '12' }, 'declined', 'pending', 'declined'),
  row({ type: 'rate_limited', retryAfterS: 1 }, 'retryable', 'retryable', 'retryable'),
  // The key answers 500 for ever: only the report tells.
  row({ type: 'error_executed' }, 'ambiguous', 'ambiguous', 'approved'),
  // And where nothing was executed nobody ever tells: a person has to find out.
  row({ type: 'error_not_executed' }, 'ambiguous', 'ambiguous', 'ambiguous'),
];

/** An attempt of the operation, planned, with what it follows done before. */
async function begin(operation: Operation): Promise<MemoryAttempt> {
  const { plan, activities } = harness;
  if (operation === 'authorize') return plan('authorization', 5_000n);
  if (operation === 'sell') return plan('sale', 5_000n);
  const original = await plan(operation === 'refund' ? 'sale' : 'authorization', 5_000n);
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

/**
 * Asks again as the workflow does, and lets reports come in, until there is an end or long enough.
 * @param end the one that there will be.
 */
async function settle(
  operation: Operation,
  attempt: MemoryAttempt,
  first: CallResult,
  end: OutcomeClass = 'approved',
): Promise<CallResult> {
  let result = first;
  for (let asked = 0; asked < 12; asked += 1) {
    if (result.outcome !== 'ambiguous' && result.outcome !== 'pending') break;
    // After a while a report is what tells, not the answer that may still come.
    if (asked > 5) harness.age.ms += 10_000;
    // One that came too early comes again when its sender thinks it time, which is longer each time.
    if (asked > 6 && end !== 'ambiguous')
      await harness.until('it is reported', () => attempt.state === 'answered');
    else await new Promise((resolve) => setTimeout(resolve, 150));
    const asks = result.outcome === 'pending' && attempt.state === 'sending';
    result = await (asks ? harness.activities.inquire(attempt.ref) : callOf(operation)(attempt.ref));
  }
  return result;
}

const CASES = FAULTS.flatMap(({ fault, payment, modification, end }) => [
  ...PAYMENTS.map((operation) => ({ operation, fault, name: fault.type, call: payment, end })),
  ...MODIFICATIONS.map((operation) => ({ operation, fault, name: fault.type, call: modification, end })),
]);

describe('the fault matrix of the Adyen wire', () => {
  it.each(CASES)('$operation with $name: the call is $call, the end $end', async (one) => {
    const { operation, fault, call, end } = one;
    const attempt = await begin(operation);
    const before = harness.journal().length;
    harness.simulator().addFault({ times: 1, match: {}, action: fault });

    const by = SILENT.includes(fault.type) ? harness.impatient : harness.activities;
    const first = await callOf(operation, by)(attempt.ref);
    expect(first.outcome, first.reason ?? '').toBe(call);
    const last = await settle(operation, attempt, first, end);
    expect(last.outcome, last.reason ?? '').toBe(end);

    const happened = harness
      .journal()
      .slice(before)
      .filter(({ kind }) => kind === EXECUTED[operation].kind);
    expect(happened).toEqual(end === 'approved' ? [EXECUTED[operation]] : []);
    expect(attempt.answer?.outcome).toBe(end === 'ambiguous' ? undefined : end);
    if (end === 'approved' && operation !== 'void')
      expect(attempt.answer?.approvedAmount).toBe(BigInt(EXECUTED[operation].amount));
  });
});

describe('a repeat that is turned away while the first is held', () => {
  it.each(['authorize', 'sell'] as const)(
    '%s: says nothing about the first, which is reported',
    async (operation) => {
      const attempt = await begin(operation);
      const before = harness.journal().length;
      const refused = { type: 'turned_away', code: '905', executed: false } as const;
      harness.simulator().addFault({ times: 1, match: {}, action: { type: 'hold', holdMs: 1_500 } });
      harness.simulator().addFault({ times: 1, match: {}, action: refused });
      expect(await callOf(operation, harness.impatient)(attempt.ref)).toMatchObject({ outcome: 'ambiguous' });
      const again = await callOf(operation)(attempt.ref);
      expect([again.outcome, attempt.state]).toEqual(['ambiguous', 'sending']);
      harness.age.ms = 60_000;
      await harness.until('it is reported', () => attempt.state === 'answered');
      expect(attempt.answer).toMatchObject({ outcome: 'approved', approvedAmount: 5_000n });
      expect(harness.journal().slice(before)).toEqual([EXECUTED[operation]]);
    },
  );
});

describe('an answer that names another amount', () => {
  it.each(['capture', 'refund'] as const)(
    '%s: is not believed; the same key tells the truth',
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

  it('is what was granted, where it is a payment: the domain undoes what may not be kept', async () => {
    const attempt = await begin('authorize');
    harness.simulator().addFault({ times: 1, match: {}, action: { type: 'wrong_amount', amount: 5_001 } });
    const alarms = harness.alarms.length;
    await harness.activities.authorize(attempt.ref);
    expect(attempt.answer).toMatchObject({
      outcome: 'approved',
      approvedAmount: 5_001n,
      reason: 'approved_amount_above_request',
    });
    expect(harness.alarms.length).toBe(alarms + 1);
  });
});
