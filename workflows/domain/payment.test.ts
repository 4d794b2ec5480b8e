import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginAuthorization, beginExpiry, beginFollowUp, planNext, retryAuthorization } from './begin.ts';
import type { Change } from './change.ts';
import { concludeAttempt } from './conclude.ts';
import { lapseHold } from './lapse.ts';
import { deferAuthorization } from './defer.ts';
import { concludeRetryRefused } from './retry-guard.ts';
import { lapseReview } from './review.ts';
import { concludeUnsent, endHeldBack, voidUnsent } from './unsent.ts';
import { beginReversal } from './reversal.ts';
import { INQUIRY_KINDS, type InquiryKind } from './inquiry.ts';
import { OUTCOME_CLASSES, type OutcomeClass } from './outcome.ts';
import { attemptOf, capturable, isPending, pendingOperations, type CommandBody } from './payment.ts';
import type { OperationId } from './ids.ts';
import type { RouteLeft } from './route/types.ts';
import { statusOf } from './status.ts';
import { chargeback, chargebackReversal, withdrawal } from './testing/reports.ts';
import { ACCEPTED, ACCOUNT, CARD, createCommand, createdState, IN_REVIEW } from './testing/payments.ts';
import { RecordedPayment } from './testing/recorded-payment.ts';
import { nextWork, viewOf } from './view.ts';

/**
 * The promise: whatever is asked and however acquirers answer, in any order, the amounts stay within
 * each other, the books balance and agree with them, no second authorization is planned while one
 * may be alive, and the payment never ends while something is unknown.
 */

/** A payment with its books and its acquirer: what a test walks through. */
class World extends RecordedPayment {
  now = 1_000;

  /** True when there was something to write. A step that has a name twice would lose what it decided. */
  make(change: Change | null): boolean {
    if (change === null) return false;
    // A paused payment begins nothing new: what is planned gives back, or finds out.
    const planned = change.operations.find(({ id }) => id === change.newAttempt?.operation);
    if (this.state.payment.pausedAt !== null && planned !== undefined && planned.phase === 'in_flight')
      expect(['release', 'void', 'expiry', 'undo'], change.cause).toContain(planned.kind);
    expect(this.record(change, this.now), change.cause).toBe('applied');
    return true;
  }

  /** An answer that comes after its call was given up: it is in the attempt's row, and nobody was told. */
  answerLate(outcome: 'approved' | 'declined'): void {
    const late = this.state.attempts.find(({ state }) => state === 'sending');
    if (late === undefined) return;
    const code = outcome === 'approved' ? '00' : '05';
    this.writeAttempt(late.id, {
      state: 'answered',
      outcome,
      responseCode: code,
      approvedAmount: outcome === 'approved' ? late.amount : null,
    });
  }

  /** A run that looks at what nobody waits for: its attempt's row tells. */
  recover(id: OperationId): boolean {
    const operation = this.state.operations.find((one) => one.id === id);
    const attempt = attemptOf(this.state, operation?.currentAttempt ?? null);
    if (operation === undefined || attempt === null) return false;
    if (attempt.state === 'planned' && attempt.kind !== 'reversal')
      this.writeAttempt(attempt.id, { state: 'fenced' });
    const { state, outcome } = this.attempt(attempt.id);
    const known = state === 'fenced' ? 'retryable' : state === 'answered' ? outcome : null;
    return this.make(
      concludeAttempt(this.state, operation, {
        outcome: known ?? 'ambiguous',
        reason: null,
        now: this.now,
        captureBefore: this.now + 10_000,
      }),
    );
  }

  /** A step of a run that was lost comes to an end after all, decided on what was known long ago. */
  stale(step: (typeof STALE_STEPS)[number]): void {
    const plan = { card: CARD, risk: ACCEPTED, singleMessage: false };
    const authorization = this.state.operations.find(({ kind }) => kind === 'authorize');
    const write = (change: Change | null): void => {
      // Written before by somebody else: nothing happens.
      if (change !== null && !this.history.some(({ cause }) => cause === change.cause)) this.make(change);
    };
    switch (step) {
      case 'not_attempted':
      case 'no_route':
      case 'blocked':
        write(concludeUnsent(this.state, step, { card: CARD, risk: ACCEPTED }, this.now));
        break;
      case 'retry_refused':
        write(concludeRetryRefused(this.state, 'declined_too_often', null, this.now));
        break;
      case 'deferred':
        write(
          deferAuthorization(this.state, { card: CARD, risk: ACCEPTED, until: this.now + 1_000 }, this.now),
        );
        break;
      case 'begun':
        write(beginAuthorization(this.state, createCommand(this.state.payment), plan, this.now));
        break;
      case 'retried':
        if (authorization !== undefined) write(retryAuthorization(this.state, authorization, plan, this.now));
        break;
      case 'reversed':
        for (const operation of pendingOperations(this.state))
          write(beginReversal(this.state, operation, this.now));
        break;
      case 'expired':
        write(beginExpiry(this.state, this.now));
        break;
    }
  }

  /** The acquirer's worker writes its answer into the attempt, as the adapter does. */
  answer(outcome: OutcomeClass, approvedAmount: bigint | null, responseCode: string): boolean {
    const operation = pendingOperations(this.state).find(
      ({ phase, currentAttempt }) =>
        phase === 'in_flight' ||
        phase === 'reversing' ||
        phase === 'unknown' ||
        (phase === 'waiting' && currentAttempt !== null),
    );
    const attempt = attemptOf(this.state, operation?.currentAttempt ?? null);
    if (operation === undefined || attempt === null) return false;
    if (attempt.state === 'reversing' || attempt.state === 'reversed') return false;
    // Sent, and then proven not executed: only an acquirer that can be asked says that.
    const inVain = outcome === 'retryable' && attempt.state === 'sending' && attempt.kind !== 'reversal';
    if (inVain && attempt.onUnknown !== 'inquire' && attempt.onUnknown !== 'repeat') return false;
    const answered = outcome === 'approved' || outcome === 'declined' || inVain;
    const state = answered ? 'answered' : outcome === 'retryable' ? attempt.state : 'sending';
    if (attempt.state === 'answered') return false;
    if (outcome === 'retryable' && attempt.state !== 'planned' && !inVain) return false;
    this.writeAttempt(attempt.id, {
      state,
      ...(answered
        ? { outcome, approvedAmount, responseCode, remedy: responseCode === '91' ? 'other_route' : null }
        : {}),
    });
    return this.make(
      concludeAttempt(this.state, operation, {
        outcome,
        reason: null,
        now: this.now,
        askedAt: this.now,
        captureBefore: this.now + 10_000,
      }),
    );
  }
}

/** Steps that a run may have under way when it is lost, and that may end whenever they like. */
const STALE_STEPS = [
  'not_attempted',
  'no_route',
  'blocked',
  'retry_refused',
  'deferred',
  'begun',
  'retried',
  'reversed',
  'expired',
] as const;

function world(
  captureMethod: 'automatic' | 'manual' = 'manual',
  risk = ACCEPTED,
  singleMessage = true,
  inquiry: InquiryKind = 'none',
): World {
  const authorizationType = captureMethod === 'manual' ? 'pre' : 'final';
  const made = new World(createdState({ captureMethod, authorizationType }), { inquiry });
  made.make(
    beginAuthorization(
      made.state,
      createCommand(made.state.payment),
      { card: CARD, risk, singleMessage },
      made.now,
    ),
  );
  return made;
}

function assertSound(made: World): void {
  const { state } = made;
  const { payment } = state;
  const balance = (code: string): bigint => made.balance(code);
  expect(payment.amountCaptured).toBeLessThanOrEqual(payment.amountAuthorized);
  expect(payment.amountRefunded + payment.amountRefundPending).toBeLessThanOrEqual(payment.amountCaptured);
  expect(payment.amountDisputed).toBeLessThanOrEqual(payment.amountCaptured);
  expect(payment.status).toBe(statusOf(payment));
  expect(balance('auth_hold:acquirer')).toBe(capturable(payment));
  expect(balance('auth_hold:merchant')).toBe(-capturable(payment));
  if (payment.authorizationState !== 'held') expect(balance('auth_hold:acquirer')).toBe(0n);
  expect(balance('merchant_payable:pending')).toBe(
    -(payment.amountCaptured - payment.amountRefunded - payment.amountRefundPending),
  );
  expect(balance('acquirer_receivable:acquirer-1') + balance('fee_expense:dispute')).toBe(
    payment.amountCaptured - payment.amountRefunded - payment.amountDisputed,
  );
  expect(balance('merchant_payable:available') + balance('fee_revenue')).toBe(payment.amountDisputed);
  expect(balance('refunds_in_flight')).toBe(-payment.amountRefundPending);
  expect(made.liveAuthorizations.length).toBeLessThanOrEqual(1);
  // What may hold money has somebody who asks about it: nothing of it is given up.
  for (const attempt of made.liveAuthorizations) {
    const kept = attempt.id === payment.authorizationAttempt;
    const owner = state.operations.find(({ id }) => id === attempt.operation);
    if (!kept) expect(owner?.state, `${attempt.id} is ${attempt.state}`).toBe('pending');
    if (kept) expect(payment.conclusion).toBe('open');
  }
  const open = state.attempts.filter(
    (one) => one.kind === 'increment' && ['planned', 'sending', 'reversing'].includes(one.state),
  );
  expect(open.length).toBeLessThanOrEqual(1);
  if (payment.review === 'open') expect(payment.authorizationState).toBe('held');
  // Nothing waits for something that will not come: neither an operation nor whoever asked for it.
  const pending = pendingOperations(state);
  for (const { kind, phase, currentAttempt } of pending) {
    if (kind === 'void' && phase === 'waiting' && currentAttempt === null)
      expect(pending.some((one) => one.kind === 'authorize')).toBe(true);
  }
  const begun = new Map(state.operations.map((operation) => [operation.id, operation]));
  for (const { body, operation } of state.commands) {
    // A last capture is answered with what became of the rest, if that is known soon.
    const releasing = pending.some(({ kind }) => kind === 'release') && body.kind === 'capture';
    if (body.kind !== 'create' && begun.has(operation) && !releasing)
      expect(begun.get(operation)?.state).toBe('pending');
  }
  if (pendingOperations(state).length > 0) {
    expect(isPending(state)).toBe(true);
    expect(nextWork(viewOf(state, 0), 0).kind).not.toBe('complete');
  }
}

/** Another account is always left to go to. */
const ELSEWHERE: RouteLeft = { unsent: [ACCOUNT], answered: [ACCOUNT], probe: false };

const HOUR_MS = 3_600_000;

/** As much as the workflow's loop does in one go; it ends earlier when there is nothing left to do. */
const ROUNDS = 20;

type Move =
  | { kind: 'answer'; outcome: OutcomeClass; part: number; code: string }
  /** `steps`: after so many its run is lost, and the next move finds what it left. */
  | { kind: 'ask'; body: CommandBody; steps: number }
  | { kind: 'withdraw'; which: number }
  | { kind: 'late'; outcome: 'approved' | 'declined' }
  | { kind: 'stale'; step: (typeof STALE_STEPS)[number] }
  | { kind: 'lose'; which: number }
  | { kind: 'tick'; ms: number };

const moves = fc.oneof(
  fc.record({
    kind: fc.constant('answer' as const),
    outcome: fc.constantFrom(...OUTCOME_CLASSES),
    part: fc.integer({ min: 1, max: 130 }),
    code: fc.constantFrom('00', '05', '25', '91'),
  }),
  fc.record({
    kind: fc.constant('ask' as const),
    steps: fc.constantFrom(1, ROUNDS, ROUNDS),
    body: fc.oneof(
      fc.record({
        kind: fc.constant('capture' as const),
        amount: fc.option(fc.bigInt({ min: 1n, max: 12_000n })),
        final: fc.boolean(),
      }),
      fc.record({ kind: fc.constant('increment' as const), amount: fc.bigInt({ min: 1n, max: 5_000n }) }),
      fc.record({
        kind: fc.constant('refund' as const),
        amount: fc.option(fc.bigInt({ min: 1n, max: 12_000n })),
        reason: fc.constant(null),
      }),
      fc.constantFrom({ kind: 'void' as const }, { kind: 'void' as const, asOperator: true }),
      fc.constant({ kind: 'reauthorize' as const }),
      fc.constantFrom({ kind: 'pause' as const }, { kind: 'resume' as const }),
      fc.record({
        kind: fc.constant('review' as const),
        decision: fc.constantFrom('approve' as const, 'reject' as const),
      }),
      chargeback,
      chargebackReversal,
    ),
  }),
  fc.record({ kind: fc.constant('withdraw' as const), which: fc.nat({ max: 10 }) }),
  fc.record({
    kind: fc.constant('late' as const),
    outcome: fc.constantFrom('approved' as const, 'declined' as const),
  }),
  fc.record({ kind: fc.constant('stale' as const), step: fc.constantFrom(...STALE_STEPS) }),
  fc.record({ kind: fc.constant('lose' as const), which: fc.nat({ max: 3 }) }),
  fc.record({
    kind: fc.constant('tick' as const),
    ms: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 0, max: 400_000 }) },
      // Longer than a reauthorization is kept, and than an authorization lives.
      { weight: 1, arbitrary: fc.constantFrom(25 * HOUR_MS, 8 * 24 * HOUR_MS) },
    ),
  }),
);

/** A pause, where it finds something begun and not sent, or come back unsent; and how it goes on. */
const pauses = fc
  .record({
    asked: fc.constantFrom<CommandBody | null>(
      null,
      { kind: 'reauthorize' },
      { kind: 'increment', amount: 2_500n },
      { kind: 'capture', amount: 3_000n },
      { kind: 'refund', amount: 1_000n, reason: null },
    ),
    steps: fc.constantFrom(1, ROUNDS),
    answers: fc.array(fc.constantFrom('approved' as const, 'retryable' as const, 'ambiguous' as const), {
      maxLength: 2,
    }),
    isReleased: fc.boolean(),
    ms: fc.constantFrom(5_000, 25 * HOUR_MS, 8 * 24 * HOUR_MS),
    isResumed: fc.boolean(),
  })
  .map(({ asked, steps, answers, isReleased, ms, isResumed }): Move[] => {
    const ask = (body: CommandBody, most = ROUNDS): Move => ({ kind: 'ask', body, steps: most });
    const answered = answers.map((outcome): Move => ({ kind: 'answer', outcome, part: 130, code: '91' }));
    return [
      ...(asked === null ? [] : [ask(asked, steps)]),
      ask({ kind: 'pause' }),
      ...answered,
      ...(isReleased ? [ask({ kind: 'void', asOperator: true })] : []),
      { kind: 'tick', ms },
      ...(isResumed ? [ask({ kind: 'resume' })] : []),
      { kind: 'answer', outcome: 'approved', part: 130, code: '00' },
    ];
  });

/** What the workflow's loop would do with everything that is due, without the calls themselves. */
function work(made: World, most = ROUNDS): void {
  for (let rounds = 0; rounds < most; rounds += 1) {
    const next = nextWork(viewOf(made.state, made.now), made.now);
    if (next.kind === 'perform') {
      const command = made.state.commands.find(({ id }) => id === next.command.id);
      if (command === undefined || !made.make(beginFollowUp(made.state, command, made.now))) return;
    } else if (next.kind === 'retry') {
      const operation = made.state.operations.find(({ id }) => id === next.operation.id);
      if (operation === undefined) return;
      const plan = { card: CARD, risk: made.state.risk ?? ACCEPTED, singleMessage: true };
      const late = operation.kind === 'authorize' && made.now >= made.state.payment.authorizeBy;
      const change =
        voidUnsent(made.state, operation, made.now) ??
        endHeldBack(made.state, operation, made.now) ??
        (late
          ? concludeUnsent(made.state, 'not_attempted', null, made.now)
          : operation.kind === 'authorize'
            ? retryAuthorization(made.state, operation, plan, made.now)
            : planNext(made.state, operation, made.now));
      if (!made.make(change)) return;
    } else if (next.kind === 'resolve' && next.attempt.onUnknown === 'reverse') {
      const operation = made.state.operations.find(({ id }) => id === next.operation.id);
      if (operation === undefined || !made.make(beginReversal(made.state, operation, made.now))) return;
    } else if (next.kind === 'lapse_hold') {
      if (!made.make(lapseHold(made.state, made.now))) return;
    } else if (next.kind === 'recover' && next.attempt.answeredLate) {
      if (!made.recover(next.operation.id)) return;
    } else if (next.kind === 'expire') {
      if (!made.make(beginExpiry(made.state, made.now))) return;
    } else return;
  }
}

function play(made: World, move: Move): void {
  switch (move.kind) {
    case 'answer': {
      const asked = made.state.attempts.at(-1)?.amount ?? 0n;
      made.answer(
        move.outcome,
        move.part > 100 ? asked : (asked * BigInt(move.part)) / 100n || 1n,
        move.outcome === 'approved' ? '00' : move.code,
      );
      break;
    }
    case 'ask':
      made.ask(move.body);
      break;
    case 'withdraw': {
      // Mostly a capture or refund that succeeded; now and then what an acquirer cannot mean.
      const withdraws = made.state.operations[move.which % Math.max(made.state.operations.length, 1)]?.id;
      if (withdraws !== undefined) made.ask(withdrawal(withdraws));
      break;
    }
    case 'late':
      made.answerLate(move.outcome);
      break;
    case 'stale':
      made.stale(move.step);
      break;
    case 'lose': {
      // The run ends while something is under way; the next one recovers it.
      const flying = pendingOperations(made.state).filter(({ phase }) => phase === 'in_flight');
      const lost = flying[move.which % Math.max(flying.length, 1)];
      if (lost !== undefined) made.recover(lost.id);
      break;
    }
    case 'tick':
      made.now += move.ms;
      break;
  }
  work(made, move.kind === 'ask' ? move.steps : ROUNDS);
}

describe('a payment under any sequence of requests and answers', () => {
  it('keeps amounts within each other, books equal to amounts, and at most one live authorization', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('automatic' as const, 'manual' as const),
        fc.constantFrom(ACCEPTED, IN_REVIEW),
        fc.boolean(),
        fc.constantFrom(...INQUIRY_KINDS),
        fc.constantFrom(null, ELSEWHERE),
        fc.array(moves, { maxLength: 40 }),
        (captureMethod, risk, singleMessage, inquiry, route, sequence) => {
          const made = world(captureMethod, risk, singleMessage, inquiry);
          made.state = { ...made.state, route };
          for (const move of sequence) {
            play(made, move);
            assertSound(made);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  }, 120_000);

  it('keeps them so while operators pause it, release it and let it go on', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('automatic' as const, 'manual' as const),
        fc.array(pauses, { minLength: 1, maxLength: 4 }),
        (captureMethod, sequence) => {
          const made = world(captureMethod, ACCEPTED, false);
          made.answer('approved', null, '00');
          for (const move of sequence.flat()) {
            play(made, move);
            assertSound(made);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never calls an ambiguous authorization declined, and never plans another beside it', () => {
    const made = world();
    made.answer('ambiguous', null, '');
    expect(made.state.payment.status).toBe('processing');
    expect(made.state.payment.authorizationState).toBe('unknown');
    work(made);
    expect(made.liveAuthorizations).toHaveLength(1);
    expect(made.state.attempts.at(-1)?.kind).toBe('reversal');
    expect(made.answered.size).toBe(0);
  });
});

describe('what becomes of an authorization', () => {
  it('a lost approval ends reversed and failed, once the reversal is acknowledged', () => {
    const made = world();
    made.answer('ambiguous', null, '');
    work(made);
    made.answer('approved', null, '00');
    expect(made.state.payment).toMatchObject({
      status: 'failed',
      failureCode: 'reversed_unknown',
      amountAuthorized: 0n,
    });
    expect(made.state.attempts[0]?.state).toBe('reversed');
  });

  it('"not found" is no proof while the request may still be under way, and becomes proof when it cannot be', () => {
    const made = world();
    made.answer('ambiguous', null, '');
    work(made);
    made.answer('declined', null, '25');
    expect(made.state.payment.status).toBe('processing');
    const early = made.now;
    made.now += 20 * 60_000;
    const notFound = (askedAt: number | null): void => {
      const [operation] = pendingOperations(made.state);
      if (operation === undefined) throw new Error('nothing is being reversed');
      const conclusion = {
        outcome: 'declined',
        reason: null,
        now: made.now,
        askedAt,
        captureBefore: 0,
      } as const;
      made.make(concludeAttempt(made.state, operation, conclusion));
    };
    // What was said then proves nothing of now, however late it is concluded.
    for (const askedAt of [early, null]) {
      notFound(askedAt);
      expect(made.state.payment.status).toBe('processing');
    }
    notFound(made.now);
    expect(made.state.payment).toMatchObject({ status: 'failed', failureCode: 'not_executed' });
  });

  it('a partial approval that was not asked for is reversed and reported as declined', () => {
    const made = world();
    made.answer('approved', 4_000n, '10');
    work(made);
    made.answer('approved', null, '00');
    expect(made.state.payment).toMatchObject({
      status: 'declined',
      failureCode: 'partial_not_accepted',
      amountAuthorized: 0n,
    });
  });

  it('an approval above what was asked is reversed and put before a person', () => {
    const made = world();
    made.answer('approved', 9_001n, '00');
    work(made);
    made.answer('approved', null, '00');
    expect(made.state.payment).toMatchObject({ status: 'failed', failureCode: 'answer_mismatch' });
  });

  it('a void asked while the outcome is unknown turns it into voided', () => {
    const made = world();
    made.answer('ambiguous', null, '');
    made.ask({ kind: 'void' });
    work(made);
    made.answer('approved', null, '00');
    expect(made.state.payment.status).toBe('voided');
    expect(made.answered.size).toBe(2);
  });

  it('a void asked while the outcome is unknown releases what a late approval holds', () => {
    const made = world('automatic', ACCEPTED, false);
    made.answer('ambiguous', null, '');
    const asked = made.ask({ kind: 'void' });
    made.make(beginFollowUp(made.state, asked, made.now));
    made.answer('approved', null, '00');
    expect(made.state.payment.status).toBe('authorized');
    work(made);
    expect(made.state.attempts.at(-1)?.kind).toBe('void');
    made.answer('approved', null, '00');
    expect(made.state.payment.status).toBe('voided');
    expect(made.answered.size).toBe(2);
    expect(made.state.operations.map(({ kind }) => kind)).toEqual(['authorize', 'void']);
  });

  it('a void that a late approval of a sale overtakes is refused, and says what to do', () => {
    const made = world('automatic');
    made.answer('ambiguous', null, '');
    const asked = made.ask({ kind: 'void' });
    made.make(beginFollowUp(made.state, asked, made.now));
    made.answer('approved', null, '00');
    expect(made.state.payment.status).toBe('captured');
    expect(made.refusals.get(asked.id)).toMatchObject({ code: 'payment_not_voidable' });
    expect(isPending(made.state)).toBe(false);
  });

  it('a second void while the first one waits is refused, not forgotten', () => {
    const made = world();
    made.answer('ambiguous', null, '');
    made.ask({ kind: 'void' });
    const second = made.ask({ kind: 'void' });
    work(made);
    expect(made.refusals.get(second.id)).toMatchObject({ code: 'operation_pending' });
    made.answer('approved', null, '00');
    expect(made.state.payment.status).toBe('voided');
    expect(isPending(made.state)).toBe(false);
  });

  it('a void in review ends the review, and no decision comes after it', () => {
    const made = world('automatic', IN_REVIEW);
    made.answer('approved', null, '00');
    made.ask({ kind: 'void' });
    work(made);
    const early = made.ask({ kind: 'review', decision: 'approve' });
    made.make(beginFollowUp(made.state, early, made.now));
    expect(made.refusals.get(early.id)).toMatchObject({ code: 'operation_pending' });
    made.answer('approved', null, '00');
    expect(made.state.payment).toMatchObject({ status: 'voided', review: 'rejected', reviewBy: null });
    made.now += 100 * 3_600_000;
    expect(lapseReview(made.state, made.now)).toBeNull();
    expect(nextWork(viewOf(made.state, made.now), made.now).kind).toBe('complete');
  });

  it('a refund that turns out never to have been sent is sent again', () => {
    const made = world('automatic');
    made.answer('approved', null, '00');
    made.ask({ kind: 'refund', amount: 100n, reason: 'broken 😀' });
    work(made);
    made.answer('ambiguous', null, '');
    const refund = pendingOperations(made.state)[0];
    expect(refund).toMatchObject({ phase: 'case', reason: 'broken 😀' });
    if (refund?.currentAttempt == null) throw new Error('no refund is under way');
    made.writeAttempt(refund.currentAttempt, { state: 'fenced' });
    expect(nextWork(viewOf(made.state, made.now), made.now).kind).toBe('recover');
    made.make(
      concludeAttempt(made.state, refund, {
        outcome: 'retryable',
        reason: 'fenced',
        now: made.now,
        captureBefore: 0,
      }),
    );
    made.now += 10_000;
    work(made);
    made.answer('approved', null, '00');
    expect(made.state.payment.amountRefunded).toBe(100n);
    expect(made.state.operations.at(-1)?.reason).toBe('broken 😀');
  });

  it('a capture that cannot be sent before the authorization runs out is refused, not sent late', () => {
    const made = world();
    made.answer('approved', null, '00');
    const asked = made.ask({ kind: 'capture', amount: null });
    work(made);
    made.now += 9_000;
    made.answer('retryable', null, '');
    expect(made.refusals.get(asked.id)).toMatchObject({ code: 'authorization_expired' });
    expect(pendingOperations(made.state)).toEqual([]);
  });

  it('what cannot be sent for a quarter of an hour is put before a person, and goes on being tried', () => {
    const made = world('automatic');
    made.answer('approved', null, '00');
    made.ask({ kind: 'refund', amount: 100n, reason: null });
    for (let tries = 0; tries < 12; tries += 1) {
      work(made);
      made.answer('retryable', null, '');
      made.now += 300_000;
    }
    expect(made.cases.map(({ kind }) => kind)).toEqual(['not_sent']);
    expect(pendingOperations(made.state)[0]?.phase).toBe('ready');
  });

  it('a void of an authorization whose time ran out before it was sent is a void', () => {
    const made = world();
    made.answer('retryable', null, '');
    const asked = made.ask({ kind: 'void' });
    made.make(beginFollowUp(made.state, asked, made.now));
    made.make(concludeUnsent(made.state, 'not_attempted', null, made.now));
    expect(made.state.payment.status).toBe('voided');
    expect(made.refusals.size).toBe(0);
    expect(isPending(made.state)).toBe(false);
  });

  it('what could not be sent in time is not attempted, and nothing is sent', () => {
    const made = world();
    made.now = 599_500;
    made.answer('retryable', null, '');
    expect(made.state.payment).toMatchObject({ status: 'failed', failureCode: 'not_attempted' });
  });

  it('what was sent in vain is never called not attempted', () => {
    for (const end of ['not_attempted', 'no_route', 'late'] as const) {
      const made = world('manual', ACCEPTED, true, 'by_reference');
      made.state = { ...made.state, route: ELSEWHERE };
      made.answer('ambiguous', null, '');
      // Asked about, and proven not executed: elsewhere, if there is an elsewhere.
      made.answer('retryable', null, '');
      expect(pendingOperations(made.state)[0]?.phase).toBe('ready');
      if (end === 'late') {
        work(made);
        made.now = 599_500;
        made.state = { ...made.state, route: null };
        made.answer('retryable', null, '');
      } else made.make(concludeUnsent(made.state, end, null, made.now));
      expect(made.state.payment, end).toMatchObject({ status: 'failed', failureCode: 'not_executed' });
    }
  });

  it('what the acquirer holds is not given up by a step that was decided before it was sent', () => {
    for (const step of ['not_attempted', 'no_route', 'blocked', 'retry_refused'] as const) {
      const made = world();
      made.answer('pending', null, '');
      expect(pendingOperations(made.state)[0]?.phase).toBe('waiting');
      made.stale(step);
      expect(made.state.payment.conclusion, step).toBe('open');
      made.answer('approved', 9_000n, '00');
      expect(made.state.payment.status, step).toBe('authorized');
    }
  });

  it('in the review band money is held first, and taken when a person approves', () => {
    const made = world('automatic', IN_REVIEW);
    expect(made.state.attempts[0]?.kind).toBe('authorization');
    made.answer('approved', null, '00');
    expect(made.state.payment.status).toBe('in_review');
    made.ask({ kind: 'review', decision: 'approve' });
    work(made);
    made.answer('approved', null, '00');
    expect(made.state.payment.status).toBe('captured');
  });
});

describe('what is refused', () => {
  it('a capture of more than is left says how much is', () => {
    const made = world();
    made.answer('approved', null, '00');
    made.ask({ kind: 'capture', amount: 4_000n });
    work(made);
    made.answer('approved', null, '00');
    const command = made.ask({ kind: 'capture', amount: 6_000n });
    const change = beginFollowUp(made.state, command, made.now);
    expect(change?.refusals[0]?.refusal).toEqual({
      code: 'capture_exceeds_authorized',
      detail: expect.stringContaining(
        'capture of 60.00 EUR exceeds the 50.00 EUR still capturable on pay_01k9zzzzzzzzzzzzzzzzzzzzzz (authorized 90.00 EUR, captured 40.00 EUR)',
      ) as string,
    });
  });

  it('no capture or refund while another operation is unknown', () => {
    const made = world();
    made.answer('approved', null, '00');
    made.ask({ kind: 'capture', amount: 4_000n });
    work(made);
    made.answer('ambiguous', null, '');
    for (const body of [
      { kind: 'capture', amount: 1n },
      { kind: 'refund', amount: 1n, reason: null },
      { kind: 'void' },
    ] as const) {
      const command = made.ask(body);
      expect(beginFollowUp(made.state, command, made.now)?.refusals[0]?.refusal.code).toBe(
        'operation_pending',
      );
    }
  });

  it('a capture after the authorization ran out', () => {
    const made = world();
    made.answer('approved', null, '00');
    made.now += 20_000;
    const command = made.ask({ kind: 'capture', amount: 1n });
    expect(beginFollowUp(made.state, command, made.now)?.refusals[0]?.refusal.code).toBe(
      'authorization_expired',
    );
  });
});
