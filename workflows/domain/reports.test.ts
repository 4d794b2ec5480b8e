import { describe, expect, it } from 'vitest';
import { beginAuthorization, beginFollowUp } from './begin.ts';
import { concludeAttempt } from './conclude.ts';
import type { OperationId } from './ids.ts';
import { attemptOf, isPending, pendingOperations, type CommandBody, type ReportBody } from './payment.ts';
import { ACCEPTED, CARD, createCommand, createdState } from './testing/payments.ts';
import { RecordedPayment } from './testing/recorded-payment.ts';
import { withdrawal } from './testing/reports.ts';

/**
 * The promise: what an acquirer reports is taken whatever else is under way, posted to the last cent,
 * and never made to say what the amounts cannot: then it is a refusal and a case with the facts.
 */
const NOW = 1_000;

class World extends RecordedPayment {
  take(body: CommandBody): OperationId {
    const command = this.ask(body);
    const made = beginFollowUp(this.state, command, NOW);
    if (made === null) throw new Error(`${body.kind} was not begun`);
    expect(this.record(made, NOW)).toBe('applied');
    return command.operation;
  }

  /** The acquirer says yes to what is under way. */
  approve(): void {
    const [operation] = pendingOperations(this.state).filter(({ phase }) => phase === 'in_flight');
    const attempt = attemptOf(this.state, operation?.currentAttempt ?? null);
    if (operation === undefined || attempt === null) throw new Error('nothing is under way');
    this.writeAttempt(attempt.id, { state: 'answered', outcome: 'approved', approvedAmount: attempt.amount });
    const made = concludeAttempt(this.state, operation, {
      outcome: 'approved',
      reason: null,
      now: NOW,
      captureBefore: 1_000_000,
    });
    if (made !== null) this.record(made, NOW);
  }

  asks(body: CommandBody): OperationId {
    const id = this.take(body);
    this.approve();
    return id;
  }

  get refusal(): string | undefined {
    return [...this.refusals.values()].at(-1)?.code;
  }

  get amounts(): Record<string, unknown> {
    const { status, authorizationState, failureCode, amountCaptured, amountRefunded, amountDisputed } =
      this.state.payment;
    return {
      status,
      authorization: authorizationState,
      failure: failureCode,
      captured: amountCaptured,
      refunded: amountRefunded,
      disputed: amountDisputed,
    };
  }

  get books(): Record<string, bigint> {
    return Object.fromEntries([...this.balances].filter(([, balance]) => balance !== 0n).sort());
  }
}

/** 90.00 EUR that are held. */
function held(): World {
  const world = new World(createdState());
  const plan = { card: CARD, risk: ACCEPTED, singleMessage: false };
  const made = beginAuthorization(world.state, createCommand(world.state.payment), plan, NOW);
  if (made !== null) world.record(made, NOW);
  world.approve();
  return world;
}

const capture = (amount: bigint | null = null): CommandBody => ({ kind: 'capture', amount });
const refund = (amount: bigint | null = null): CommandBody => ({ kind: 'refund', amount, reason: 'late' });
const said = { acquirerReference: 'CB-1', reason: '10.4' };
const chargeback = (amount: bigint, rest: Partial<ReportBody> = {}): CommandBody =>
  ({ kind: 'chargeback', amount, fee: null, feeRecharged: null, ...said, ...rest }) as CommandBody;
const reversal = (amount: bigint): CommandBody => ({ kind: 'chargeback_reversal', amount, ...said });

describe('a chargeback', () => {
  it('takes the money from what the merchant could be paid, and leaves the status alone', () => {
    const world = held();
    world.asks(capture());
    const id = world.take(chargeback(4_000n));
    expect(world.amounts).toMatchObject({ status: 'captured', captured: 9_000n, disputed: 4_000n });
    expect(world.books).toEqual({
      'acquirer_receivable:acquirer-1': 5_000n,
      'merchant_payable:available': 4_000n,
      'merchant_payable:pending': -9_000n,
    });
    expect(world.state.operations.at(-1)).toMatchObject({
      id,
      kind: 'chargeback',
      state: 'succeeded',
      amount: 4_000n,
      reason: '10.4',
      acquirerReference: 'CB-1',
    });
    expect(world.events.at(-1)).toBe('payment.disputed');
    expect(isPending(world.state)).toBe(false);
    expect(world.state.commands).toEqual([]);
  });

  it('is posted on a payment that was refunded whole, and while a refund is under way', () => {
    const world = held();
    world.asks(capture());
    world.asks(refund(5_000n));
    world.take(refund());
    world.take(chargeback(9_000n));
    expect(world.amounts).toMatchObject({
      status: 'partially_refunded',
      refunded: 5_000n,
      disputed: 9_000n,
    });
    world.approve();
    expect(world.amounts).toMatchObject({ status: 'refunded', refunded: 9_000n, disputed: 9_000n });
    expect(world.books).toMatchObject({ 'acquirer_receivable:acquirer-1': -9_000n });
  });

  it('brings its fee, and what of it the merchant pays', () => {
    const world = held();
    world.asks(capture());
    world.take(chargeback(9_000n, { fee: 1_500n, feeRecharged: 2_000n }));
    expect(world.books).toEqual({
      'acquirer_receivable:acquirer-1': -1_500n,
      'fee_expense:dispute': 1_500n,
      fee_revenue: -2_000n,
      'merchant_payable:available': 11_000n,
      'merchant_payable:pending': -9_000n,
    });
  });

  it('comes back when it is reversed, in parts, and can come a second time', () => {
    const world = held();
    world.asks(capture());
    world.take(chargeback(9_000n));
    world.take(reversal(4_000n));
    world.take(reversal(5_000n));
    expect(world.amounts).toMatchObject({ disputed: 0n });
    expect(world.books).toEqual({
      'acquirer_receivable:acquirer-1': 9_000n,
      'merchant_payable:pending': -9_000n,
    });
    expect(world.events.at(-1)).toBe('payment.dispute_reversed');
    world.take(chargeback(9_000n));
    expect(world.amounts).toMatchObject({ disputed: 9_000n });
  });

  it.each([
    ['of what was never captured', held(), chargeback(1n), 'payment_not_disputable'],
    ['of more than was captured', captured(), chargeback(9_001n), 'dispute_exceeds_captured'],
    ['that is reversed twice', captured(), reversal(1n), 'reversal_exceeds_disputed'],
  ] as const)('%s is refused, posts nothing, and is put before a person', (_, world, body, code) => {
    const books = world.books;
    world.take(body);
    expect(world.refusal).toBe(code);
    expect(world.books).toEqual(books);
    expect(world.cases).toEqual([
      {
        kind: 'report_contradicts',
        operation: expect.stringMatching(/^dsp_/) as string,
        attempt: null,
        detail: expect.stringMatching(
          /^(chargeback|chargeback_reversal) CB-1 \(10\.4\): .*pay_01k9z+.*nothing was posted/,
        ) as string,
      },
    ]);
  });
});

function captured(): World {
  const world = held();
  world.asks(capture());
  return world;
}

describe('a capture that fails after it succeeded', () => {
  it('of a payment with nothing else leaves it failed, not voided: nobody wished for it', () => {
    const world = held();
    const id = world.asks(capture());
    world.take(withdrawal(id));
    expect(world.amounts).toEqual({
      status: 'failed',
      authorization: 'withdrawn',
      failure: 'capture_failed',
      captured: 0n,
      refunded: 0n,
      disputed: 0n,
    });
    expect(world.books).toEqual({});
    expect(world.events.at(-1)).toBe('payment.capture_failed');
    expect(world.state.operations.find((one) => one.id === id)).toMatchObject({
      state: 'failed',
      failureCode: 'capture_failed',
      reason: 'rejected in clearing',
    });
    expect(world.state.operations.at(-1)).toMatchObject({ kind: 'withdrawal', withdraws: id });
    expect(isPending(world.state)).toBe(false);
  });

  it('leaves a payment captured as far as its other captures go', () => {
    const world = held();
    const first = world.asks(capture(4_000n));
    world.asks(capture());
    world.take(withdrawal(first));
    expect(world.amounts).toMatchObject({ status: 'captured', captured: 5_000n, authorization: 'released' });
  });

  it('gives the hold back what it had taken, while there is a hold', () => {
    const world = held();
    const first = world.asks(capture(4_000n));
    world.take(withdrawal(first));
    expect(world.amounts).toMatchObject({ status: 'authorized', captured: 0n, failure: null });
    expect(world.books).toEqual({ 'auth_hold:acquirer': 9_000n, 'auth_hold:merchant': -9_000n });
    world.asks(capture());
    expect(world.amounts).toMatchObject({ status: 'captured', captured: 9_000n });
    expect(world.books).toEqual({
      'acquirer_receivable:acquirer-1': 9_000n,
      'merchant_payable:pending': -9_000n,
    });
  });

  it('is told once: of a capture that has failed there is no success to take back', () => {
    const world = held();
    const id = world.asks(capture());
    world.take(withdrawal(id));
    world.take({ ...withdrawal(id), acquirerReference: 'WD-2' });
    expect(world.refusal).toBe('operation_not_withdrawable');
    expect(world.books).toEqual({});
  });

  it.each([
    ['refunded', (world: World) => world.asks(refund(1n))],
    ['being refunded', (world: World) => world.take(refund(1n))],
    ['charged back', (world: World) => world.take(chargeback(1n))],
  ])('is not posted when its money is %s already: a person is told', (_, before) => {
    const world = held();
    const id = world.asks(capture());
    before(world);
    const { books, amounts } = world;
    world.take(withdrawal(id));
    expect([world.refusal, world.books, world.amounts]).toEqual([
      'operation_not_withdrawable',
      books,
      amounts,
    ]);
    expect(world.cases[0]?.detail).toContain('would leave 0.00 EUR captured');
  });

  it('can be told again once the refund that stood in its way has failed too', () => {
    const world = held();
    const id = world.asks(capture());
    const back = world.asks(refund());
    world.take(withdrawal(id));
    expect(world.refusal).toBe('operation_not_withdrawable');
    world.take(withdrawal(back));
    world.take({ ...withdrawal(id), acquirerReference: 'WD-2' });
    expect(world.amounts).toMatchObject({ status: 'failed', captured: 0n, refunded: 0n });
    expect(world.books).toEqual({});
  });
});

describe('a refund that fails after it succeeded', () => {
  it('gives the merchant the money back and keeps what the merchant wrote', () => {
    const world = captured();
    const id = world.asks(refund());
    expect(world.amounts).toMatchObject({ status: 'refunded' });
    world.take(withdrawal(id));
    expect(world.amounts).toMatchObject({ status: 'captured', refunded: 0n, captured: 9_000n });
    expect(world.books).toEqual({
      'acquirer_receivable:acquirer-1': 9_000n,
      'merchant_payable:pending': -9_000n,
    });
    expect(world.state.operations.find((one) => one.id === id)).toMatchObject({
      state: 'failed',
      failureCode: 'refund_failed',
      reason: 'late',
    });
    expect(world.events.at(-1)).toBe('refund.failed');
    world.asks(refund());
    expect(world.amounts).toMatchObject({ status: 'refunded' });
  });
});

it('of anything else no success can be taken back', () => {
  const world = captured();
  const [authorization] = world.state.operations;
  for (const id of [authorization?.id, 'cap_unknown' as OperationId]) {
    if (id !== undefined) world.take({ ...withdrawal(id), acquirerReference: id });
    expect(world.refusal).toBe('operation_not_withdrawable');
  }
  expect(world.cases).toHaveLength(2);
});
