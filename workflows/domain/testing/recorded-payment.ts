import {
  answeredCommands,
  applyChange,
  type Change,
  type EventType,
  type OpenedCase,
  type PlannedAttempt,
} from '../change.ts';
import type { AcquirerAccountId, AttemptId, CommandId, OperationId } from '../ids.ts';
import { POLICIES, type InquiryKind } from '../inquiry.ts';
import { attemptOf, type Attempt, type Command, type CommandBody, type PaymentState } from '../payment.ts';
import { acquirerOf } from '../posting-acquirer.ts';
import { postingsOf } from '../posting.ts';
import type { Refusal } from '../problem.ts';
import { ACCOUNT } from './payments.ts';

/** What `record_changes` (schema/functions) answers. */
export type Recorded = 'applied' | 'repeated';

const PREFIXES = {
  create: 'auth',
  reauthorize: 'rea',
  increment: 'inc',
  capture: 'cap',
  void: 'void',
  refund: 'ref',
  review: 'review',
  chargeback: 'dsp',
  chargeback_reversal: 'dsp',
  withdrawal: 'wdr',
  nudge: 'nudge',
  pause: 'pause',
  resume: 'resume',
  late_answer: 'und',
  adoption: 'ref',
  resolution: 'res',
} as const satisfies Record<CommandBody['kind'], string>;

/** One line of a payment's history; times are epoch ms. */
export interface HistoryLine {
  readonly cause: string;
  readonly event: string;
  readonly at: number;
}

export interface RecordedPaymentOptions {
  /** Where its attempts are sent from. */
  readonly taskQueue?: string;
  /** How its acquirer can be asked; not at all unless told otherwise. */
  readonly inquiry?: InquiryKind;
  /** After how long its acquirer's silence becomes a case; 15 min unless told. */
  readonly caseAfterMs?: number;
}

/**
 * A payment's record in memory, for tests of the domain and of the workflow: state, history, books,
 * answers, events and cases, changed as the database changes them: whole, and once per cause.
 */
export class RecordedPayment {
  state: PaymentState;
  readonly history: HistoryLine[] = [];
  readonly balances = new Map<string, bigint>();
  readonly answered = new Set<CommandId>();
  readonly refusals = new Map<CommandId, Refusal>();
  readonly events: EventType[] = [];
  readonly cases: OpenedCase[] = [];
  /** Where its next attempt goes. */
  account: AcquirerAccountId = ACCOUNT;
  /** Whose that account is. */
  acquirer = 'acquirer-1';
  readonly #taskQueue: string;
  readonly #inquiry: InquiryKind;
  readonly #caseAfterMs: number;
  readonly #accepted = new Set<string>();
  #asked = 0;

  constructor(
    state: PaymentState,
    { taskQueue = 'acquirers', inquiry = 'none', caseAfterMs = 900_000 }: RecordedPaymentOptions = {},
  ) {
    this.state = state;
    this.#taskQueue = taskQueue;
    this.#inquiry = inquiry;
    this.#caseAfterMs = caseAfterMs;
  }

  /** Somebody asks for something: a pending command. */
  ask(body: CommandBody): Command {
    this.#asked += 1;
    const command: Command = {
      id: `cmd_${this.#asked}` as CommandId,
      operation: `${PREFIXES[body.kind]}_${this.#asked}` as OperationId,
      body,
    };
    this.accept(command);
    return command;
  }

  /** Constraint commands_once_per_operation: asked again it is the same one. */
  accept(command: Command): void {
    const once = `${command.operation}:${command.body.kind}`;
    if (this.#accepted.has(once)) return;
    this.#accepted.add(once);
    this.state = { ...this.state, commands: [...this.state.commands, command] };
  }

  record(made: Change, at: number): Recorded {
    if (this.history.some(({ cause }) => cause === made.cause)) return 'repeated';
    this.history.push({ cause: made.cause, event: made.event, at });
    const after = applyChange(this.state, made);
    const { newAttempt } = made;
    const planned = newAttempt === null ? null : { ...newAttempt, acquirer: this.#acquirerOf(newAttempt) };
    for (const posting of made.postings) {
      const acquirer = acquirerOf(after, posting, planned);
      for (const leg of postingsOf(posting.event, posting.amount, after.payment.currency, acquirer)) {
        const account = leg.currency === after.payment.currency ? leg.code : `${leg.code} ${leg.currency}`;
        this.balances.set(account, this.balance(account) + leg.amount);
      }
    }
    for (const { command, refusal } of made.refusals) this.refusals.set(command, refusal);
    const done = new Set([...answeredCommands(after), ...made.taken, ...this.refusals.keys()]);
    for (const id of done) this.answered.add(id);
    this.events.push(...made.events.map(({ type }) => type));
    this.cases.push(...made.cases.filter((opened) => !this.cases.some((known) => isSameCase(known, opened))));
    this.state = {
      ...after,
      attempts: [...after.attempts, ...this.#planned(made, at)],
      commands: after.commands.filter(({ id }) => !done.has(id)),
    };
    return 'applied';
  }

  /** What an acquirer's worker does to its attempt's row. */
  writeAttempt(id: AttemptId, written: Partial<Attempt>): void {
    const { attempts } = this.state;
    this.state = {
      ...this.state,
      attempts: attempts.map((attempt) => (attempt.id === id ? { ...attempt, ...written } : attempt)),
    };
  }

  /** @throws Error when there is no such attempt. */
  attempt(id: AttemptId): Attempt {
    const attempt = attemptOf(this.state, id);
    if (attempt === null) throw new Error(`${this.state.payment.id} has no attempt ${id}`);
    return attempt;
  }

  /** @param account its code; in another currency than the payment's followed by a space and the currency. */
  balance(account: string): bigint {
    return this.balances.get(account) ?? 0n;
  }

  /** Attempts that hold, or may hold, the cardholder's money. */
  get liveAuthorizations(): readonly Attempt[] {
    return this.state.attempts.filter(
      ({ kind, state, outcome }) =>
        (kind === 'authorization' || kind === 'sale') &&
        state !== 'fenced' &&
        state !== 'reversed' &&
        !(state === 'answered' && (outcome === 'declined' || outcome === 'retryable')),
    );
  }

  /** A follow-up goes where its original went (activities/ledger/place.ts). */
  #acquirerOf({ original }: PlannedAttempt): string {
    return attemptOf(this.state, original)?.acquirer ?? this.acquirer;
  }

  #planned({ newAttempt }: Change, at: number): Attempt[] {
    if (newAttempt === null) return [];
    return [
      {
        ...newAttempt,
        state: 'planned',
        acquirer: this.#acquirerOf(newAttempt),
        account: attemptOf(this.state, newAttempt.original)?.account ?? this.account,
        plannedAt: at,
        latencyMs: null,
        taskQueue: this.#taskQueue,
        onUnknown: POLICIES[this.#inquiry][newAttempt.kind],
        fencesByReversal: false,
        inFlightMs: 600_000,
        caseAfterMs: this.#caseAfterMs,
        takesIncrements: true,
        mcc: '5732',
        wire: {},
        acquirerReference: null,
        outcome: null,
        responseCode: null,
        approvalCode: null,
        networkReference: null,
        approvedAmount: null,
        validUntil: null,
        remedy: null,
        avsResult: null,
        cvvResult: null,
        reason: null,
      },
    ];
  }
}

/** Constraint cases_once. */
function isSameCase(a: OpenedCase, b: OpenedCase): boolean {
  return a.kind === b.kind && a.operation === b.operation;
}
