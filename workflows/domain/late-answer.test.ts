import { describe, expect, it } from 'vitest';
import { beginAuthorization, beginExpiry, beginFollowUp, planNext, retryAuthorization } from './begin.ts';
import type { Change } from './change.ts';
import { concludeAttempt } from './conclude.ts';
import type { AcquirerAccountId, AttemptId } from './ids.ts';
import type { OutcomeClass } from './outcome.ts';
import {
  attemptOf,
  operationOf,
  pendingOperations,
  type CommandBody,
  type LateAnswerBody,
} from './payment.ts';
import { ACCEPTED, CARD, createCommand, createdState } from './testing/payments.ts';
import { RecordedPayment } from './testing/recorded-payment.ts';
import { undoneCaptures } from './undo.ts';
import { nextWork, viewOf } from './view.ts';

/**
 * The promise: an approval that comes after its attempt was called something else is never lost and
 * never kept: it is undone, or, where money went to the cardholder, taken over. Whatever is posted
 * for it is gone when it is undone.
 */
const NOW = 1_000;
const ELSEWHERE = 'aca_elsewhere' as AcquirerAccountId;

class World extends RecordedPayment {
  take(body: CommandBody): void {
    const command = this.ask(body);
    const made = beginFollowUp(this.state, command, NOW);
    if (made === null) throw new Error(`${body.kind} was not begun`);
    expect(this.record(made, NOW)).toBe('applied');
  }

  /** What is under way is answered, or, fenced, was never sent; its attempt. */
  answer(outcome: OutcomeClass, state: 'answered' | 'fenced' = 'answered'): AttemptId {
    const [operation] = pendingOperations(this.state).filter(
      ({ phase }) => phase === 'in_flight' || phase === 'reversing',
    );
    const attempt = attemptOf(this.state, operation?.currentAttempt ?? null);
    if (operation === undefined || attempt === null) throw new Error('nothing is under way');
    const approvedAmount = outcome === 'approved' ? attempt.amount : null;
    this.writeAttempt(attempt.id, state === 'fenced' ? { state } : { state, outcome, approvedAmount });
    const made = concludeAttempt(this.state, operation, {
      outcome,
      reason: null,
      now: NOW,
      captureBefore: 1_000_000,
    });
    if (made !== null) this.record(made, NOW);
    return attempt.id;
  }

  /** The authorization's next attempt, which goes to `account`. */
  retry(): void {
    const [operation] = pendingOperations(this.state);
    const plan = { card: CARD, risk: ACCEPTED, singleMessage: true };
    const made = operation === undefined ? null : retryAuthorization(this.state, operation, plan, NOW);
    if (made === null) throw new Error('there is nothing to try again');
    this.record(made, NOW);
  }

  /** Releases what is held, and holds it anew. */
  renew(): void {
    const at = this.state.payment.captureBefore ?? 0;
    this.do(beginFollowUp(this.state, this.ask({ kind: 'reauthorize' }), at));
    for (const phase of ['reversing', 'in_flight'] as const) {
      const [operation] = pendingOperations(this.state);
      this.do(operation === undefined ? null : planNext(this.state, operation, at));
      expect(pendingOperations(this.state)).toMatchObject([{ kind: 'reauthorize', phase }]);
      this.answer('approved');
    }
  }

  private do(made: Change | null): void {
    if (made === null) throw new Error('there was nothing to do');
    expect(this.record(made, NOW)).toBe('applied');
  }

  tell(attempt: AttemptId, outcome: LateAnswerBody['outcome']): void {
    const acquirerReference = `${attempt}:${outcome}`;
    this.take({
      kind: 'late_answer',
      attempt,
      outcome,
      approvedAmount: null,
      acquirerReference,
      reason: null,
    });
  }

  get kinds(): readonly string[] {
    return this.cases.map(({ kind }) => kind);
  }
}

function begun(singleMessage: boolean, elsewhere: AcquirerAccountId | null = null): World {
  const created = createdState({ captureMethod: singleMessage ? 'automatic' : 'manual' });
  const answered = elsewhere === null ? [] : [elsewhere];
  const world = new World({ ...created, route: { unsent: answered, answered, probe: false } });
  const command = createCommand(world.state.payment);
  world.accept(command);
  const plan = { card: CARD, risk: ACCEPTED, singleMessage };
  const made = beginAuthorization(world.state, command, plan, NOW);
  if (made !== null) world.record(made, NOW);
  return world;
}

function held(): World {
  const world = begun(false);
  world.answer('approved');
  return world;
}

describe('a late approval', () => {
  it.each([
    [true, 'sale'],
    [false, 'authorization'],
  ] as const)('of what was declined (single message: %s) is reversed', (singleMessage, kind) => {
    const world = begun(singleMessage);
    const attempt = world.answer('declined');
    const { amount } = world.state.payment;
    world.tell(attempt, 'approved');
    expect(world.kinds).toEqual(['late_answer']);
    expect(world.balance('unallocated_receipts')).toBe(kind === 'sale' ? -amount : 0n);
    const [undoing] = pendingOperations(world.state);
    expect(undoing).toMatchObject({ kind: 'undo', phase: 'in_flight' });
    expect(world.state.attempts.at(-1)).toMatchObject({ kind: 'reversal', original: attempt, amount });
    world.answer('approved');
    expect(pendingOperations(world.state)).toEqual([]);
    expect(world.balance('unallocated_receipts')).toBe(0n);
    expect(world.balance('acquirer_receivable:acquirer-1')).toBe(0n);
    expect([...world.balances.keys()].filter((code) => code.startsWith('acquirer_receivable'))).toEqual(
      kind === 'sale' ? ['acquirer_receivable:acquirer-1'] : [],
    );
    expect(world.state.payment.status).toBe('declined');
  });

  it('of a sale that was declined, and then sold elsewhere, is given back where it was taken', () => {
    const world = begun(true, ELSEWHERE);
    const [authorization] = pendingOperations(world.state);
    const first = authorization?.currentAttempt ?? ('' as AttemptId);
    world.writeAttempt(first, { remedy: 'other_route' });
    world.answer('declined');
    world.account = ELSEWHERE;
    world.acquirer = 'acquirer-2';
    world.retry();
    world.answer('approved');
    const { amount } = world.state.payment;
    const sold = world.balances.get('acquirer_receivable:acquirer-2');
    expect([world.state.payment.status, sold]).toEqual(['captured', amount]);
    world.tell(first, 'approved');
    expect(world.balance('acquirer_receivable:acquirer-1')).toBe(amount);
    world.answer('approved');
    expect(world.balance('acquirer_receivable:acquirer-1')).toBe(0n);
    expect(world.balance('acquirer_receivable:acquirer-2')).toBe(amount);
    expect(world.balance('unallocated_receipts')).toBe(0n);
  });

  it('of a capture that was called not executed is refunded, not kept', () => {
    const world = held();
    world.take({ kind: 'capture', amount: null });
    const [operation] = pendingOperations(world.state);
    const attempt = world.answer('retryable');
    world.tell(attempt, 'approved');
    expect(world.state.attempts.at(-1)).toMatchObject({ kind: 'refund' });
    const { authorizationAttempt, amount } = world.state.payment;
    const undone = (): bigint => undoneCaptures(world.state, authorizationAttempt ?? ('' as AttemptId));
    expect(undone()).toBe(amount);
    expect(operationOf(world.state, operation?.id ?? ('' as never))?.state).toBe('pending');
    world.answer('approved');
    expect(world.balance('unallocated_receipts')).toBe(0n);
    expect(world.state.payment.amountCaptured).toBe(0n);
    // What was taken stays taken in the acquirer's eyes, though it was given back.
    expect(undone()).toBe(amount);
    expect(undoneCaptures(world.state, attempt)).toBe(0n);
  });

  it('of a refund that was declined counts as given back', () => {
    const world = begun(true);
    world.answer('approved');
    world.take({ kind: 'refund', amount: 300n, reason: null });
    const attempt = world.answer('declined');
    expect(world.state.payment.amountRefunded).toBe(0n);
    world.tell(attempt, 'approved');
    expect(world.state.payment).toMatchObject({ amountRefunded: 300n, amountRefundPending: 0n });
    expect(world.balance('refunds_in_flight')).toBe(0n);
    expect(world.kinds).toEqual(['adopted', 'late_answer']);
  });

  it('of a void that was refused releases what is held', () => {
    const world = held();
    world.take({ kind: 'void' });
    const attempt = world.answer('declined');
    world.tell(attempt, 'approved');
    expect(world.state.payment).toMatchObject({ authorizationState: 'released', status: 'voided' });
    expect(world.balance('auth_hold:acquirer')).toBe(0n);
  });

  describe('of what belonged to an authorization that was renewed since', () => {
    /** The attempt was declined, as a person found as well; then its authorization made room for another one. */
    function renewed(body: CommandBody): { world: World; old: AttemptId | null; attempt: AttemptId } {
      const world = held();
      const old = world.state.payment.authorizationAttempt;
      world.take(body);
      const attempt = world.answer('declined');
      const [refused] = pendingOperations(world.state);
      if (refused !== undefined)
        world.take({
          kind: 'resolution',
          resolves: refused.id,
          attempt,
          outcome: 'not_executed',
          evidence: 'their report, line 7',
        });
      world.renew();
      expect(world.state.payment).toMatchObject({ status: 'authorized', authorizationState: 'held' });
      return { world, old, attempt };
    }

    it('gives a capture back on the authorization that it was taken from, and keeps the new one', () => {
      const { world, old, attempt } = renewed({ kind: 'capture', amount: null });
      const { amount, authorizationAttempt } = world.state.payment;
      world.tell(attempt, 'approved');
      expect(world.state.attempts.at(-1)).toMatchObject({ kind: 'refund', original: old });
      expect(undoneCaptures(world.state, authorizationAttempt ?? ('' as AttemptId))).toBe(0n);
      world.answer('approved');
      expect(world.balance('unallocated_receipts')).toBe(0n);
      expect(world.balance('auth_hold:acquirer')).toBe(amount);
    });

    it.each([
      ['void', null],
      ['capture', 500n],
      ['refund', 500n],
    ] as const)(
      'does not take a %s of the old one over for the new one: a person is asked',
      (what, amount) => {
        const { world, old } = renewed({ kind: 'void' });
        const before = world.state.payment;
        world.take({ kind: 'adoption', what, amount, of: old, acquirerReference: 'theirs', reason: null });
        expect([...world.refusals.values()].at(-1)?.code).toBe('payment_not_adoptable');
        expect(world.kinds.at(-1)).toBe('report_contradicts');
        expect(world.state.payment).toEqual({ ...before, version: before.version + 1 });
        const of = world.state.payment.authorizationAttempt;
        world.take({
          kind: 'adoption',
          what: 'void',
          amount: null,
          of,
          acquirerReference: 'ours',
          reason: null,
        });
        expect(world.state.payment.status).toBe('voided');
      },
    );

    it('does not count a void of the old one as a release of the new one', () => {
      const { world, attempt } = renewed({ kind: 'void' });
      world.tell(attempt, 'approved');
      expect(world.kinds.at(-1)).toBe('late_answer');
      expect(world.state.payment).toMatchObject({ status: 'authorized', authorizationState: 'held' });
      expect(world.balance('auth_hold:acquirer')).toBe(world.state.payment.amount);
    });
  });

  describe('elsewhere, whose undoing is refused for ever', () => {
    /** Held by a second attempt; the first was approved after all, and cannot be undone. */
    function heldElsewhere(): World {
      const world = begun(false);
      const first = world.answer('retryable', 'fenced');
      const [operation] = pendingOperations(world.state);
      if (operation === undefined) throw new Error('there is nothing to send again');
      const plan = { card: CARD, risk: ACCEPTED, singleMessage: false };
      const made = retryAuthorization(world.state, operation, plan, NOW);
      if (made === null) throw new Error('it was not sent again');
      world.record(made, NOW);
      world.answer('approved');
      world.tell(first, 'approved');
      world.answer('declined');
      expect(pendingOperations(world.state)).toMatchObject([{ kind: 'undo', phase: 'case' }]);
      return world;
    }

    it.each([
      [{ kind: 'capture', amount: null }, 'captured'],
      [{ kind: 'void' }, 'voided'],
    ] as const)('does not keep what is held from a %o', (body, status) => {
      const world = heldElsewhere();
      world.take(body);
      world.answer('approved');
      expect(world.state.payment.status).toBe(status);
      expect(world.balance('auth_hold:acquirer')).toBe(0n);
      expect(pendingOperations(world.state)).toMatchObject([{ kind: 'undo', phase: 'case' }]);
      if (status === 'captured') world.take({ kind: 'refund', amount: null, reason: null });
    });

    it('does not keep what is held from running out', () => {
      const world = heldElsewhere();
      const at = world.state.payment.captureBefore ?? 0;
      const view = viewOf(world.state, at);
      expect(nextWork(view, at)).toEqual({ kind: 'expire' });
      const made = beginExpiry(world.state, at);
      if (made === null) throw new Error('it does not expire');
      world.record(made, at);
      world.answer('approved');
      expect(world.state.payment.status).toBe('expired');
    });

    it('allows no new authorization beside it', () => {
      const world = heldElsewhere();
      world.take({ kind: 'reauthorize' });
      expect([...world.refusals.values()]).toMatchObject([{ code: 'operation_pending' }]);
    });

    it('is another thing than the undoing of what was added, or captured, here', () => {
      const world = held();
      world.take({ kind: 'capture', amount: 500n });
      const attempt = world.answer('retryable');
      world.tell(attempt, 'approved');
      world.take({ kind: 'void' });
      expect([...world.refusals.values()]).toMatchObject([{ code: 'operation_pending' }]);
    });
  });

  it('of what is being reversed revives nothing', () => {
    const world = begun(false);
    const [operation] = pendingOperations(world.state);
    const attempt = operation?.currentAttempt ?? ('' as AttemptId);
    world.writeAttempt(attempt, { state: 'reversing' });
    const before = world.state.payment;
    world.tell(attempt, 'approved');
    expect(world.state.payment).toEqual({ ...before, version: before.version + 1 });
    expect(world.cases).toEqual([]);
  });

  it('that says no after yes changes nothing, and is put before a person', () => {
    const world = begun(false);
    const attempt = world.answer('approved');
    world.tell(attempt, 'declined');
    expect(world.state.payment.status).toBe('authorized');
    expect(world.kinds).toEqual(['answer_mismatch']);
  });
});
