import { expect } from 'vitest';
import { createAttemptStore, type AttemptStore } from '../../activities/acquirers/attempts.ts';
import { recordChange, type RecordContext } from '../../activities/ledger/record.ts';
import {
  requestChargeback,
  requestChargebackReversal,
  requestWithdrawal,
} from '../../activities/ledger/reports.ts';
import {
  beginAuthorization,
  beginExpiry,
  beginFollowUp,
  planNext,
  retryAuthorization,
} from '../../workflows/domain/begin.ts';
import { answeredCommands, applyChange, type Change } from '../../workflows/domain/change.ts';
import { concludeAttempt } from '../../workflows/domain/conclude.ts';
import { lapseHold } from '../../workflows/domain/lapse.ts';
import { lapseReview } from '../../workflows/domain/review.ts';
import { voidUnsent } from '../../workflows/domain/unsent.ts';
import { beginReversal } from '../../workflows/domain/reversal.ts';
import {
  authorizationIdOf,
  type AttemptId,
  type CommandId,
  type PaymentId,
} from '../../workflows/domain/ids.ts';
import { POLICIES } from '../../workflows/domain/inquiry.ts';
import type { OutcomeClass } from '../../workflows/domain/outcome.ts';
import {
  attemptOf,
  operationOf,
  pendingOperations,
  type CommandBody,
  type ReportBody,
  type PaymentState,
  type Risk,
} from '../../workflows/domain/payment.ts';
import type { TermsInForce } from '../../workflows/domain/settlement.ts';
import { CARD } from '../../workflows/domain/testing/payments.ts';
import { nextWork, viewOf } from '../../workflows/domain/view.ts';
import { loadPayment } from '../load-payment.ts';
import { insert, type MainDatabase, type Shop } from './main-database.ts';

export interface Answer {
  readonly outcome: OutcomeClass;
  /** Approved part of what was asked, in percent. */
  readonly part: number;
  readonly code: string;
}

/** What merchants and operators ask for. */
export type Asked = Exclude<
  CommandBody,
  ReportBody | { readonly kind: 'late_answer' | 'adoption' | 'resolution' | 'nudge' | 'pause' | 'resume' }
>;

const PREFIXES = {
  create: 'auth',
  reauthorize: 'rea',
  increment: 'inc',
  capture: 'cap',
  void: 'void',
  refund: 'ref',
  review: 'cap',
} as const satisfies Record<Asked['kind'], string>;
const CAPTURE_WITHIN_MS = 1_000_000;
/** More than a payment ever has to do at one moment. */
const ROUNDS = 20;

/**
 * One payment that lives in the database alone: every step loads it, lets the pure domain decide and
 * records the change, as the activities do; requests come from the api's role, answers from the
 * acquirer worker's own statements.
 */
export class DatabaseWalk {
  readonly payment: PaymentId;
  /** What is agreed about the money of the next captures. */
  terms: TermsInForce | undefined;
  readonly #shop: Shop;
  readonly #database: MainDatabase;
  readonly #store: AttemptStore;
  readonly #singleMessage: boolean;
  #now = 0;
  #asked = 0;

  constructor(database: MainDatabase, shop: Shop, payment: PaymentId, singleMessage: boolean) {
    this.#database = database;
    this.#shop = shop;
    this.payment = payment;
    this.#store = createAttemptStore(database.worker);
    this.#singleMessage = singleMessage;
  }

  async load(): Promise<PaymentState> {
    const state = await loadPayment(this.#database.worker, this.#shop.merchant, this.payment);
    if (state === null) throw new Error(`payment ${this.payment} is gone`);
    return state;
  }

  async begin(risk: Risk): Promise<void> {
    await this.#insertCommand('create', authorizationIdOf(this.payment), {});
    const state = await this.load();
    this.#now = state.payment.createdAt + 1_000;
    const [command] = state.commands;
    if (command === undefined) throw new Error(`the create command of ${this.payment} is gone`);
    const plan = { card: CARD, risk, singleMessage: this.#singleMessage };
    await this.#make(state, beginAuthorization(state, command, plan, this.#now));
  }

  async ask({ kind, ...body }: Asked): Promise<void> {
    this.#asked += 1;
    const prefix = PREFIXES[kind];
    const plain = JSON.stringify(body, (_, value: unknown) =>
      typeof value === 'bigint' ? Number(value) : value,
    );
    await this.#insertCommand(kind, `${prefix}_${this.payment.slice(4)}_${this.#asked}`, plain);
  }

  get now(): number {
    return this.#now;
  }

  /** What the acquirer reports, as its inbox hands it on; the number counts the operations of the payment. */
  async report(body: ReportBody | { readonly kind: 'withdrawal'; readonly which: number }): Promise<void> {
    this.#asked += 1;
    const said = {
      merchant: this.#shop.merchant,
      payment: this.payment,
      acquirerReference: `${this.payment}-${this.#asked}`,
      reason: '10.4',
      origin: 'acquirer' as const,
    };
    const { worker } = this.#database;
    switch (body.kind) {
      case 'chargeback': {
        const { amount, fee, feeRecharged } = body;
        await requestChargeback(worker, { ...said, amount, fee, feeRecharged });
        break;
      }
      case 'chargeback_reversal':
        await requestChargebackReversal(worker, { ...said, amount: body.amount });
        break;
      case 'withdrawal': {
        const { operations } = await this.load();
        const target = 'withdraws' in body ? body.withdraws : operations[body.which % operations.length]?.id;
        if (target !== undefined) await requestWithdrawal(worker, { ...said, withdraws: target });
      }
    }
  }

  tick(ms: number): void {
    this.#now += ms;
  }

  /** The end of the call that is under way, if there is one, written as the acquirer's worker writes it. */
  async answer(answer: Answer): Promise<void> {
    const before = await this.load();
    const called = pendingOperations(before).find(
      ({ phase }) => phase === 'in_flight' || phase === 'reversing' || phase === 'unknown',
    );
    const attempt = attemptOf(before, called?.currentAttempt ?? null);
    if (called === undefined || attempt === null) return;
    if (!(await this.#write(before, attempt.id, answer))) return;
    const state = await this.load();
    const operation = operationOf(state, called.id);
    if (operation === null) return;
    const conclusion = {
      outcome: answer.outcome,
      reason: null,
      now: this.#now,
      captureBefore: this.#now + CAPTURE_WITHIN_MS,
      terms: this.terms,
    };
    await this.#make(state, concludeAttempt(state, operation, conclusion));
  }

  /** What the workflow's loop would do with everything that is due, without the calls themselves. */
  async work(): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const state = await this.load();
      if (!(await this.#make(state, this.#due(state)))) return;
    }
  }

  #due(state: PaymentState): Change | null {
    const now = this.#now;
    const next = nextWork(viewOf(state, now), now);
    switch (next.kind) {
      case 'perform': {
        const command = state.commands.find(({ id }) => id === next.command.id);
        return command === undefined ? null : beginFollowUp(state, command, now);
      }
      case 'retry': {
        const operation = operationOf(state, next.operation.id);
        const { risk } = state;
        if (operation === null || risk === null) return null;
        const plan = { card: CARD, risk, singleMessage: this.#singleMessage };
        return (
          voidUnsent(state, operation, now) ??
          (operation.kind === 'authorize'
            ? retryAuthorization(state, operation, plan, now)
            : planNext(state, operation, now))
        );
      }
      case 'resolve': {
        const operation = operationOf(state, next.operation.id);
        return operation === null ? null : beginReversal(state, operation, now);
      }
      case 'expire':
        return beginExpiry(state, now);
      case 'lapse_review':
        return lapseReview(state, now);
      case 'lapse_hold':
        return lapseHold(state, now);
      case 'recover':
      case 'wait':
      case 'complete':
        return null;
    }
  }

  /** False when an answer like this cannot come now. */
  async #write(state: PaymentState, id: AttemptId, { outcome, part, code }: Answer): Promise<boolean> {
    const attempt = attemptOf(state, id);
    if (attempt === null || (attempt.state !== 'planned' && attempt.state !== 'sending')) return false;
    const ref = { merchant: this.#shop.merchant, payment: this.payment, attempt: id };
    // Certainly not executed: never begun, or called back by its sender before the first byte.
    if (outcome === 'retryable' && attempt.state !== 'planned') return false;
    if (outcome === 'retryable' && part % 2 === 0) return true;
    if (attempt.state === 'planned') expect(await this.#store.markSending(ref)).toBe(true);
    if (outcome === 'retryable') return this.#store.fenceUnsent(ref, 'not written');
    if (outcome === 'ambiguous') return true;
    const approved = outcome === 'approved';
    const responseCode = approved ? '00' : code;
    if (attempt.kind === 'reversal' && !approved) {
      await this.#store.noteUnknown(ref, { responseCode, reason: 'not found', acquirerReference: null });
      return true;
    }
    const recorded = await this.#store.recordAnswer(ref, {
      outcome,
      responseCode,
      approvalCode: approved ? 'A12345' : null,
      networkReference: null,
      acquirerReference: null,
      approvedAmount: approved ? approvedAmount(attempt.amount, part) : null,
      settlementDate: null,
      remedy: null,
      avsResult: null,
      cvvResult: null,
      reason: null,
    });
    expect(recorded).toBe('recorded');
    return true;
  }

  /** Records a change, then checks that the database holds what the domain said, and takes it only once. */
  async #make(before: PaymentState, made: Change | null): Promise<boolean> {
    if (made === null) return false;
    const context: RecordContext = {
      at: this.#now,
      workflowRunId: 'run-1',
      activity: null,
      placed: {
        acquirer: 'acquirer-1',
        account: this.#shop.testAccount,
        wire: {},
        onUnknown: made.newAttempt === null ? 'case' : POLICIES.none[made.newAttempt.kind],
      },
      route: null,
    };
    const { worker } = this.#database;
    expect(await recordChange(worker, before, made, context)).toBe('applied');
    const expected = applyChange(before, made);
    const after = await this.load();
    expect(after.payment).toEqual(expected.payment);
    expect(after.risk).toEqual(expected.risk);
    expect(byId(after.operations)).toEqual(byId(expected.operations));
    expect(byId(after.attempts).map(({ id, state }) => ({ id, state }))).toEqual(
      byId([
        ...expected.attempts,
        ...(made.newAttempt === null ? [] : [{ ...made.newAttempt, state: 'planned' }]),
      ]).map(({ id, state }) => ({ id, state })),
    );
    const done = new Set<CommandId>([
      ...answeredCommands(expected),
      ...made.refusals.map(({ command }) => command),
    ]);
    expect(after.commands).toEqual(expected.commands.filter(({ id }) => !done.has(id)));

    expect(await recordChange(worker, before, made, context)).toBe('repeated');
    expect(await recordChange(worker, before, { ...made, cause: `${made.cause}, late` }, context)).toBe(
      'stale',
    );
    expect(await this.load()).toEqual(after);
    return true;
  }

  async #insertCommand(kind: CommandBody['kind'], operation: string, body: unknown): Promise<void> {
    await insert(this.#database.api, 'commands', {
      merchant_id: this.#shop.merchant,
      id: `cmd_${this.payment.slice(4)}_${this.#asked}`,
      payment_id: this.payment,
      kind,
      origin: kind === 'review' ? 'operator' : 'merchant',
      operation_id: operation,
      body,
    });
  }
}

function approvedAmount(asked: bigint, part: number): bigint {
  return part >= 100 ? asked : (asked * BigInt(part)) / 100n || 1n;
}

function byId<T extends { readonly id: string }>(rows: readonly T[]): T[] {
  return [...rows].sort((one, other) => (one.id < other.id ? -1 : 1));
}
