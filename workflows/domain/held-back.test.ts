import { describe, expect, it } from 'vitest';
import { beginAuthorization, beginExpiry, beginFollowUp, planNext } from './begin.ts';
import type { Change } from './change.ts';
import { concludeAttempt } from './conclude.ts';
import type { OutcomeClass } from './outcome.ts';
import {
  attemptOf,
  capturable,
  pendingOperations,
  type Command,
  type CommandBody,
  type Payment,
} from './payment.ts';
import { ACCEPTED, CARD, createCommand, createdState } from './testing/payments.ts';
import { RecordedPayment } from './testing/recorded-payment.ts';
import { concludeUnsent, endHeldBack } from './unsent.ts';
import { nextWork, viewOf } from './view.ts';

/**
 * The promise: what a paused payment holds back can end unsent, and then what is held is still held, in its
 * record and in the books, until it is released or runs out. (payment.test.ts walks all of it in any order.)
 */
const HOUR_MS = 3_600_000;
const VALID_MS = 40 * HOUR_MS;

class Held extends RecordedPayment {
  now = 1_000;

  constructor(asked: Partial<Payment> = {}) {
    super(createdState({ authorizationType: 'pre', ...asked }));
    const plan = { card: CARD, risk: ACCEPTED, singleMessage: false };
    this.make(beginAuthorization(this.state, createCommand(this.state.payment), plan, this.now));
    this.answer('approved');
  }

  make(change: Change | null): void {
    if (change === null) throw new Error('there was nothing to do');
    expect(this.record(change, this.now), change.cause).toBe('applied');
  }

  begin(body: CommandBody): Command {
    const command = this.ask(body);
    this.make(beginFollowUp(this.state, command, this.now));
    return command;
  }

  /** The next attempt of what is ready. */
  plan(): void {
    const ready = pendingOperations(this.state).find(({ phase }) => phase === 'ready');
    if (ready === undefined) throw new Error('nothing is ready');
    this.make(planNext(this.state, ready, this.now));
  }

  answer(outcome: OutcomeClass): void {
    const operation = pendingOperations(this.state).find(({ phase }) => phase !== 'ready');
    const attempt = attemptOf(this.state, operation?.currentAttempt ?? null);
    if (operation === undefined || attempt === null) throw new Error('nothing is under way');
    if (outcome === 'approved')
      this.writeAttempt(attempt.id, { state: 'answered', outcome, approvedAmount: attempt.amount });
    const conclusion = { outcome, reason: null, now: this.now, captureBefore: this.now + VALID_MS };
    this.make(concludeAttempt(this.state, operation, conclusion));
  }

  endHeldBack(): void {
    const [operation] = pendingOperations(this.state);
    if (operation === undefined) throw new Error('nothing is held back');
    this.make(endHeldBack(this.state, operation, this.now));
  }

  /** What was asked for comes back unsent, and then the payment is paused. */
  heldBack(body: CommandBody): Command {
    const command = this.begin(body);
    if (body.kind !== 'reauthorize') this.answer('retryable');
    this.begin({ kind: 'pause' });
    return command;
  }

  get pending(): readonly string[] {
    return pendingOperations(this.state).map(({ kind, phase }) => `${kind} ${phase}`);
  }

  get books(): readonly bigint[] {
    return [this.balance('auth_hold:acquirer'), capturable(this.state.payment)];
  }
}

describe('a reauthorization that a paused payment held back for a day', () => {
  it('leaves the old authorization as it is, where that was never reversed', () => {
    const payment = new Held();
    const { captureBefore, authorizationAttempt } = payment.state.payment;
    const asked = payment.begin({ kind: 'reauthorize' });
    payment.begin({ kind: 'pause' });
    payment.now += 24 * HOUR_MS;
    payment.endHeldBack();
    expect(payment.state.payment).toMatchObject({
      status: 'authorized',
      authorizationState: 'held',
      captureBefore,
      authorizationAttempt,
    });
    expect(payment.books).toEqual([9_000n, 9_000n]);
    expect(payment.state.operations.at(-1)).toMatchObject({ state: 'failed', failureCode: 'not_attempted' });
    expect(payment.events.at(-1)).toBe('payment.reauthorization_failed');
    expect(payment.answered).toContain(asked.id);
  });

  it('leaves nothing held, where the old authorization is gone', () => {
    const payment = new Held();
    payment.begin({ kind: 'reauthorize' });
    payment.plan();
    payment.begin({ kind: 'pause' });
    payment.answer('approved');
    expect(payment.books).toEqual([0n, 0n]);
    payment.now += 24 * HOUR_MS;
    payment.endHeldBack();
    expect(payment.state.payment.authorizationState).toBe('expired');
    expect(payment.books).toEqual([0n, 0n]);
    expect(payment.events.at(-1)).toBe('payment.reauthorization_failed');
  });
});

const RELEASE = { kind: 'void', asOperator: true } as const;

describe('a hold that an operator releases while its payment is paused', () => {
  it.each([
    [{ kind: 'capture', amount: null }, 'payment_not_capturable', null],
    [{ kind: 'increment', amount: 2_500n }, null, 'payment.increment_failed'],
    [{ kind: 'reauthorize' }, null, 'payment.reauthorization_failed'],
  ] as const)('ends what is held back of it: %o', (body, refusal, event) => {
    const payment = new Held();
    const asked = payment.heldBack(body);
    const before = payment.state.payment.version;
    payment.begin(RELEASE);
    expect(payment.pending).toEqual(['void in_flight']);
    expect(payment.state.payment.version).toBe(before + 1);
    expect(payment.answered).toContain(asked.id);
    expect(payment.refusals.get(asked.id)?.code ?? null).toBe(refusal);
    expect(payment.events.at(-1) === event || event === null).toBe(true);
    expect(payment.books).toEqual([9_000n, 9_000n]);
    payment.answer('approved');
    expect(payment.state.payment.status).toBe('voided');
    expect(payment.books).toEqual([0n, 0n]);
    expect(payment.pending).toEqual([]);
  });

  it('ends the capture of a purchase, and answers its create', () => {
    const payment = new Held({ captureMethod: 'automatic', authorizationType: 'final' });
    payment.begin({ kind: 'pause' });
    expect(payment.pending).toEqual(['capture ready']);
    expect(payment.answered).not.toContain('cmd_create');
    payment.begin(RELEASE);
    expect(payment.answered).toContain('cmd_create');
    payment.answer('approved');
    expect(payment.state.payment).toMatchObject({ status: 'voided', amountCaptured: 0n });
    expect(payment.books).toEqual([0n, 0n]);
    payment.begin({ kind: 'resume' });
    expect(payment.pending).toEqual([]);
  });

  it('is not released over what may be at the acquirer, nor where nothing is held', () => {
    const unknown = new Held();
    unknown.begin({ kind: 'capture', amount: null });
    unknown.begin({ kind: 'pause' });
    const asked = unknown.begin(RELEASE);
    expect(unknown.refusals.get(asked.id)?.code).toBe('operation_pending');
    expect(unknown.pending).toEqual(['capture in_flight']);

    const gone = new Held();
    gone.begin({ kind: 'reauthorize' });
    gone.plan();
    gone.begin({ kind: 'pause' });
    gone.answer('approved');
    const late = gone.begin(RELEASE);
    expect(gone.refusals.get(late.id)?.code).toBe('payment_not_voidable');
    expect(gone.pending).toEqual(['reauthorize ready']);
  });
});

describe('a refund that a paused payment holds back', () => {
  function refunding(): Held {
    const payment = new Held();
    payment.begin({ kind: 'capture', amount: 4_000n });
    payment.answer('approved');
    payment.heldBack({ kind: 'refund', amount: 1_000n, reason: null });
    expect(payment.pending).toEqual(['refund ready']);
    return payment;
  }

  it('does not keep the rest of the hold from running out', () => {
    const payment = refunding();
    const end = payment.state.payment.captureBefore ?? 0;
    expect(nextWork(viewOf(payment.state, payment.now), payment.now)).toEqual({ kind: 'wait', until: end });
    payment.now = end;
    expect(nextWork(viewOf(payment.state, end), end).kind).toBe('expire');
    payment.make(beginExpiry(payment.state, end));
    expect(payment.pending).toEqual(['refund ready', 'expiry in_flight']);
    payment.answer('approved');
    expect(payment.books).toEqual([0n, 0n]);
    expect(nextWork(viewOf(payment.state, end), end)).toEqual({ kind: 'wait', until: null });

    payment.begin({ kind: 'resume' });
    payment.plan();
    payment.answer('approved');
    expect(payment.state.payment).toMatchObject({ amountRefunded: 1_000n, amountRefundPending: 0n });
    expect(payment.pending).toEqual([]);
  });

  it('waits on beside a release, and is not ended by it', () => {
    const payment = refunding();
    payment.begin(RELEASE);
    expect(payment.pending).toEqual(['refund ready', 'void in_flight']);
    payment.answer('approved');
    expect(payment.books).toEqual([0n, 0n]);
    expect(payment.pending).toEqual(['refund ready']);
  });

  it('that is not held back is concluded before the hold expires', () => {
    const payment = refunding();
    payment.begin({ kind: 'resume' });
    payment.now = payment.state.payment.captureBefore ?? 0;
    expect(beginExpiry(payment.state, payment.now)).toBeNull();
    expect(nextWork(viewOf(payment.state, payment.now), payment.now).kind).toBe('retry');
  });
});

describe('a payment that is paused before it was sent anywhere', () => {
  it('says that what it was created for is still to come, for as long as that is so', () => {
    const payment = new RecordedPayment(createdState());
    const waits = (): boolean => viewOf(payment.state, 2_000).createWaits === true;
    const take = (kind: 'pause' | 'resume'): void => {
      const made = beginFollowUp(payment.state, payment.ask({ kind }), 2_000);
      if (made === null) throw new Error(`${kind} was not taken`);
      payment.record(made, 2_000);
    };
    expect(waits()).toBe(false);
    take('pause');
    expect(waits()).toBe(true);
    const plan = { card: CARD, risk: ACCEPTED, singleMessage: false };
    const command = createCommand(payment.state.payment);
    expect(beginAuthorization(payment.state, command, plan, 2_000)).toBeNull();
    take('resume');
    expect(waits()).toBe(false);
    take('pause');
    const ended = concludeUnsent(payment.state, 'not_attempted', null, 600_000);
    if (ended === null) throw new Error('it did not end');
    payment.record(ended, 600_000);
    expect(waits()).toBe(false);
  });
});
