import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { AcquirerAccountId } from '../../../workflows/domain/ids.ts';
import type { OperationKind, Risk } from '../../../workflows/domain/payment.ts';
import type { Route } from '../../../workflows/domain/route/types.ts';
import { CARD } from '../../../workflows/domain/testing/payments.ts';
import {
  nextWork,
  type AttemptView,
  type OperationView,
  type PaymentView,
  type Work,
} from '../../../workflows/domain/view.ts';
import type { LedgerActivities, PaymentRef } from '../../../workflows/ports/ledger.ts';
import type { Random } from './random.ts';
import type { Ending, Sender } from './sender.ts';

/** Who wants to come between a step's reading and its writing. */
export const betweenLoadAndRecord = new AsyncLocalStorage<() => Promise<void>>();

export interface DriverOptions {
  readonly ref: PaymentRef;
  /** Of several workers: any of them may be asked. */
  readonly ledgers: readonly LedgerActivities[];
  readonly sender: Sender;
  readonly account: AcquirerAccountId;
  readonly random: Random;
  readonly risk: Risk;
  readonly singleMessage: boolean;
  /** A step that was refused by the database: the domain decided what must not be. */
  readonly onRefused: (error: unknown) => void;
}

/** More than a payment ever has to do at one go. */
const ROUNDS = 300;
/** A step that has no answer by then never gets one. */
const TRIES = 400;

/**
 * Does for one payment what its workflow does (workflows/payment), with the real activities of the
 * ledger: each is tried until it answers, some run twice at once, and some again long after.
 */
export class WalkDriver {
  readonly #options: DriverOptions;
  readonly #environment: MockActivityEnvironment;
  readonly #done: (() => Promise<unknown>)[] = [];
  #ahead = 0;
  steps = 0;

  constructor(options: DriverOptions) {
    this.#options = options;
    const silent = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
    this.#environment = new MockActivityEnvironment(
      { workflowExecution: { workflowId: options.ref.payment, runId: `run-${options.ref.payment}` } },
      { logger: silent },
    );
  }

  get now(): number {
    return Date.now() + this.#ahead;
  }

  tick(ms: number): void {
    this.#ahead += ms;
  }

  /** Runs a step that was done before again, with what it was asked then: it must change nothing wrong. */
  async stale(): Promise<void> {
    if (this.#done.length === 0) return;
    await this.#done[this.#options.random.int(0, this.#done.length - 1)]?.();
  }

  async requestVoid(workflowRunId: string): Promise<void> {
    await this.#step((ledger) => ledger.requestVoid({ ...this.#options.ref, workflowRunId }));
  }

  /** @param patient also does what is due later, its clock put forward each time. */
  async work(patient = false): Promise<PaymentView> {
    let view = await this.#load();
    for (let round = 0; round < ROUNDS; round += 1) {
      const work = nextWork(view, this.now);
      if (work.kind === 'complete') return view;
      if (work.kind === 'wait') {
        if (!patient || work.until === null) return view;
        this.tick(Math.max(work.until - this.now, 0) + 1);
        view = await this.#load();
        continue;
      }
      view = await this.#do(view, work);
    }
    throw new Error(`${this.#options.ref.payment} does not come to rest: ${JSON.stringify(view)}`);
  }

  async #do(view: PaymentView, work: Exclude<Work, { kind: 'wait' | 'complete' }>): Promise<PaymentView> {
    const { ref } = this.#options;
    switch (work.kind) {
      case 'perform': {
        const { id: command, kind } = work.command;
        if (kind === 'create') return this.#authorize(view, command);
        const at = this.now;
        const begun = await this.#step((ledger) => ledger.beginFollowUp({ ...ref, at, command }));
        switch (kind) {
          case 'review':
          case 'nudge':
          case 'pause':
          case 'resume':
          case 'adoption':
          case 'resolution':
            return begun;
          case 'late_answer':
            return this.#sendCurrent(begun, 'undo');
          case 'reauthorize':
          case 'increment':
          case 'capture':
          case 'void':
          case 'refund':
          case 'chargeback':
          case 'chargeback_reversal':
          case 'withdrawal':
            return this.#sendCurrent(begun, kind);
        }
      }
      case 'recover':
        return this.#conclude(work.operation, work.attempt, await this.#fence(work.attempt));
      case 'retry': {
        const at = this.now;
        const { id: operation, kind } = work.operation;
        const route = kind === 'authorize' ? this.#route() : null;
        const planned = await this.#step((ledger) => ledger.planNext({ ...ref, at, operation, route }));
        return this.#sendCurrent(planned, kind);
      }
      case 'resolve':
        return this.#resolve(work.operation, work.attempt);
      case 'expire': {
        const at = this.now;
        const begun = await this.#step((ledger) => ledger.beginExpiry({ ...ref, at }));
        return this.#sendCurrent(begun, 'expiry');
      }
      case 'lapse_review': {
        const at = this.now;
        return this.#step((ledger) => ledger.lapseReview({ ...ref, at }));
      }
      case 'lapse_hold': {
        const at = this.now;
        return this.#step((ledger) => ledger.lapseHold({ ...ref, at }));
      }
    }
  }

  async #authorize(
    view: PaymentView,
    command: Parameters<LedgerActivities['beginAuthorization']>[0]['command'],
  ): Promise<PaymentView> {
    const { ref, risk } = this.#options;
    const at = this.now;
    const unsent = (code: 'not_attempted' | 'blocked') =>
      this.#step((ledger) =>
        ledger.concludeUnsent({
          ...ref,
          at,
          code,
          known: code === 'blocked' ? { card: CARD, risk } : null,
          decision: null,
        }),
      );
    if (at >= view.authorizeBy) return unsent('not_attempted');
    if (risk.decision === 'block') return unsent('blocked');
    const route = this.#route();
    const begun = await this.#step((ledger) =>
      ledger.beginAuthorization({ ...ref, at, command, card: CARD, risk, route }),
    );
    return this.#sendCurrent(begun, 'authorize');
  }

  #route(): Route {
    const { account, singleMessage } = this.#options;
    const decision = { left: { unsent: [], answered: [], probe: false } };
    return {
      kind: 'account',
      acquirer: 'acquirer-1',
      account,
      singleMessage,
      elsewhere: false,
      decision,
    };
  }

  async #resolve(operation: OperationView, attempt: AttemptView): Promise<PaymentView> {
    const { ref } = this.#options;
    const at = this.now;
    switch (attempt.onUnknown) {
      case 'reverse': {
        const reversing = await this.#step((ledger) =>
          ledger.beginReversal({ ...ref, at, operation: operation.id }),
        );
        const now = reversing.operations.find(({ id }) => id === operation.id);
        if (now?.phase !== 'reversing' || now.attempt === null) return reversing;
        return this.#send(now, now.attempt);
      }
      case 'repeat':
        return this.#send(operation, attempt);
      // Nothing of the walk's acquirer can be asked: what it has not answered waits.
      case 'inquire':
      case 'case':
        return this.#load();
    }
  }

  async #sendCurrent(view: PaymentView, kind: OperationKind): Promise<PaymentView> {
    const operation = view.operations.find((one) => one.kind === kind && one.phase === 'in_flight');
    return operation?.attempt == null ? view : this.#send(operation, operation.attempt);
  }

  async #send(operation: OperationView, attempt: AttemptView): Promise<PaymentView> {
    const { ref, sender, random } = this.#options;
    let ending: Ending;
    try {
      ending = await sender.send({ ...ref, attempt: attempt.id }, random);
    } catch {
      ending = await this.#fence(attempt);
    }
    return this.#conclude(operation, attempt, ending);
  }

  #conclude(
    operation: OperationView,
    attempt: AttemptView,
    { outcome, reason }: Ending,
  ): Promise<PaymentView> {
    const step = {
      ...this.#options.ref,
      at: this.now,
      operation: operation.id,
      attempt: attempt.id,
      inquiries: operation.inquiries,
      outcome,
      reason,
    };
    return this.#step((ledger) => ledger.conclude(step));
  }

  #fence({ id: attempt }: AttemptView): Promise<Ending> {
    return this.#untilAnswered((ledger) => ledger.fence({ ...this.#options.ref, attempt }));
  }

  #load(): Promise<PaymentView> {
    return this.#untilAnswered((ledger) => ledger.load(this.#options.ref));
  }

  /** A step that changes the payment: now and then it runs twice at once, or with a rival in its middle. */
  async #step(run: (ledger: LedgerActivities) => Promise<PaymentView>): Promise<PaymentView> {
    const { random, sender } = this.#options;
    this.#done.push(() => this.#untilAnswered(run));
    if (random.chance(0.1)) {
      const [first] = await Promise.all([this.#untilAnswered(run), this.#untilAnswered(run)]);
      return first;
    }
    if (!random.chance(0.3)) return this.#untilAnswered(run);
    let came = false;
    const rival = async (): Promise<void> => {
      if (came) return;
      came = true;
      // An answer that was given up for lost, or the same step by the hand of a worker that is thought dead.
      const mine = [...sender.late].filter(([attempt]) =>
        attempt.includes(this.#options.ref.payment.slice('pay_'.length)),
      );
      for (const [attempt, tell] of mine) {
        sender.late.delete(attempt);
        await tell().catch(() => sender.late.set(attempt, tell));
      }
      if (mine.length === 0) await this.#untilAnswered(run);
    };
    return betweenLoadAndRecord.run(rival, () => this.#untilAnswered(run));
  }

  /** As Temporal does with a local activity: the same again until it answers. */
  async #untilAnswered<T>(run: (ledger: LedgerActivities) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        this.steps += 1;
        const { ledgers, random } = this.#options;
        const ledger = ledgers[random.int(0, ledgers.length - 1)];
        if (ledger === undefined) throw new Error('a walk needs a worker');
        return await this.#environment.run(() => run(ledger));
      } catch (error) {
        if (error instanceof ApplicationFailure && error.nonRetryable === true) {
          this.#options.onRefused(error);
          throw error;
        }
        if (tries >= TRIES) throw error;
        await delay(5 + this.#options.random.int(0, 20));
      }
    }
  }
}
