import pMap from 'p-map';
import type pg from 'pg';
import type { Logger } from '../../platform/logger.ts';
import { loadPayment } from '../../schema/load-payment.ts';
import type { PaymentState } from '../../workflows/domain/payment.ts';
import { undoneCaptures } from '../../workflows/domain/undo.ts';
import type { AttemptStore } from './attempts.ts';
import { cleanAnswer, cleanText } from './clean.ts';
import {
  attemptsAt,
  claimEvents,
  endEvent,
  failEvent,
  matchEvent,
  noteMatch,
  toldAbout,
  type Ended,
  type InboxRow,
  type Match,
} from './event-inbox.ts';
import type { EventReader, KnownAttempt, Standing, Told } from './events.ts';
import { pendingKinds } from './events-standing.ts';

/** Where what an acquirer tells beside answers becomes a command: activities/ledger/reports.ts. */
export type TakeReport = (
  about: Match,
  told: Exclude<Told, { type: 'answer' | 'alarm' }>,
) => Promise<unknown>;

export interface EventRelayOptions {
  readonly pool: pg.Pool;
  /** By wire (acquirers.wire). */
  readonly readers: Readonly<Record<string, EventReader>>;
  readonly store: Pick<AttemptStore, 'load' | 'takeLate'>;
  readonly take: TakeReport;
  /** Wakes the payment at once; the relay of commands does it later if this fails. */
  readonly knock: (payment: Match) => Promise<void>;
  readonly logger: Logger;
  /** What names our payment and no attempt of ours is taken over after this long (ms). */
  readonly adoptAfterMs: number;
  /** Items claimed at once, and worked on at once. */
  readonly page: number;
  readonly concurrency: number;
  readonly leaseMs: number;
}

export interface EventTurn {
  readonly claimed: number;
  readonly delivered: number;
}

/** While the call that an answer is to is still under way, its own reply is the better one (ms). */
const CALL_MAY_LAST_MS = 45_000;
const LOOK_AGAIN_MS = 1_000;
/** What is about nothing that we have is looked at again, less and less often, and given up after the last. */
const UNMATCHED_PAUSE_MAX_MS = 3_600_000;
const UNMATCHED_QUICK_FOR_MS = 3_600_000;
const UNMATCHED_QUICK_PAUSE_MAX_MS = 15_000;
const UNMATCHED_FOR_MS = 40 * 86_400_000;

/**
 * One turn over the inbox: what is due is matched to its payment, read by its adapter, and handed on as
 * commands. A crash at any point leaves the row waiting, and every hand-over is once by a unique name,
 * so that twice is once. Rejects, when the turn is over, with what could not be worked off.
 */
export function createEventRelay(options: EventRelayOptions): (signal: AbortSignal) => Promise<EventTurn> {
  const { pool, logger, page, concurrency, leaseMs } = options;

  return async (signal) => {
    let claimed = 0;
    let delivered = 0;
    const failures: unknown[] = [];

    /** One item that cannot be worked off must not keep those behind it from being so. */
    async function work(row: InboxRow): Promise<void> {
      try {
        const ended = await workOff(options, row);
        await endEvent(pool, row.id, ended);
        if (ended.state === 'delivered') delivered += 1;
        logger.debug('acquirer_event', { event_id: row.id, type: row.type, ...ended });
      } catch (error) {
        failures.push(error);
        logger.error('acquirer_event_failed', { event_id: row.id, type: row.type, error });
        const note = error instanceof Error ? error.message : String(error);
        await failEvent(pool, row.id, note, pauseOf(row)).catch(() => undefined);
      }
    }

    for (let full = true; full && !signal.aborted;) {
      const rows = await claimEvents(pool, { page, leaseMs });
      await pMap(rows, work, { concurrency, signal });
      claimed += rows.length;
      full = rows.length === page;
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} acquirer events could not be worked off`);
    return { claimed, delivered };
  };
}

/** Pauses of 1, 2, 4 … s: quickly in the first hour, for what comes early comes by seconds. */
function pauseOf({ tries, ageMs }: Pick<InboxRow, 'tries' | 'ageMs'>): number {
  const max = ageMs < UNMATCHED_QUICK_FOR_MS ? UNMATCHED_QUICK_PAUSE_MAX_MS : UNMATCHED_PAUSE_MAX_MS;
  return Math.min(1_000 * 2 ** Math.min(tries - 1, 20), max);
}

async function workOff(options: EventRelayOptions, row: InboxRow): Promise<Ended> {
  const { pool, readers, logger } = options;
  const reader = row.wire === null ? undefined : readers[row.wire];
  if (reader === undefined)
    throw new Error(`${row.acquirer} speaks ${row.wire ?? 'nothing known'}: no reader here knows its events`);
  let subject;
  try {
    subject = reader.subjectOf(row.item);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    logger.error('acquirer_event_unreadable', { event_id: row.id, type: row.type, reason: error.message });
    return { state: 'ignored', note: error.message };
  }
  if (subject === null) return { state: 'ignored', note: 'tells nothing that is kept here' };
  const match = await matchEvent(pool, row.acquirer, subject);
  if (match === null) {
    if (row.ageMs > UNMATCHED_FOR_MS) {
      logger.warn('acquirer_event_unmatched', { event_id: row.id, type: row.type });
      return { state: 'ignored', note: 'about no payment of ours' };
    }
    return { state: 'waiting', note: 'about nothing that is here yet', forMs: pauseOf(row) };
  }
  await noteMatch(pool, row.id, match);
  const state = await loadPayment(pool, match.merchant, match.payment);
  if (state === null) throw new Error(`payment ${match.payment} of ${match.merchant} is gone`);
  const standing = await standingOf(options, row, match, state);
  const tellings = reader.tell(row.item, standing);
  const answers = tellings.filter(({ type }) => type === 'answer');
  const others = tellings.filter(({ type }) => type !== 'answer');
  const facts = { row, match, state, standing, undecided: false };
  const answered = await Promise.all(answers.map((told) => handOver(options, facts, told)));
  // What was answered just now is a command that stands in no earlier reading.
  const latest =
    answers.length === 0 || others.length === 0
      ? state
      : await loadPayment(pool, match.merchant, match.payment);
  const undecided = latest?.commands.some(({ body }) => body.kind === 'late_answer') ?? true;
  const handed = [
    ...answered,
    ...(await Promise.all(others.map((told) => handOver(options, { ...facts, undecided }, told)))),
  ];
  const waits = handed.filter((one) => one.state === 'waiting');
  if (handed.some(({ state: ended }) => ended === 'delivered')) {
    await options.knock(match).catch((error: unknown) => {
      logger.warn('acquirer_event_knock_failed', { payment: match.payment, error });
    });
  }
  const [soonest] = waits.sort((a, b) => a.forMs - b.forMs);
  if (soonest !== undefined) return soonest;
  const note = handed.map((one) => one.note).join('; ');
  return { state: 'delivered', note: note === '' ? 'nothing new' : note };
}

async function standingOf(
  { pool, store }: EventRelayOptions,
  row: InboxRow,
  match: Match,
  state: PaymentState,
): Promise<Standing> {
  const ids = await attemptsAt(pool, match, row.acquirer);
  const loaded = await Promise.all(
    ids.map(async (id): Promise<readonly KnownAttempt[]> => {
      const record = await store.load({ ...match, attempt: id });
      const known = state.attempts.find((attempt) => attempt.id === id);
      // Planned between the two readings: then it has not been sent, and nothing is told of it.
      return record === null || known === undefined ? [] : [{ ...record, id, operation: known.operation }];
    }),
  );
  const { payment, operations } = state;
  const holding = payment.authorizationState === 'held' ? payment.authorizationAttempt : null;
  return {
    attempts: loaded.flat(),
    operations,
    currency: payment.currency,
    holding,
    captured: payment.amountCaptured,
    undone: holding === null ? 0n : undoneCaptures(state, holding),
    told: await toldAbout(pool, match, row),
  };
}

interface Facts {
  readonly row: InboxRow;
  readonly match: Match;
  readonly state: PaymentState;
  readonly standing: Standing;
  /** What was told late is not decided yet: what becomes of it may explain what seems to be none of ours. */
  readonly undecided: boolean;
}

async function handOver(
  { store, take, logger, adoptAfterMs }: EventRelayOptions,
  { row, match, state, standing, undecided }: Facts,
  told: Told,
): Promise<Ended> {
  switch (told.type) {
    case 'answer': {
      const attempt = standing.attempts.find(({ id }) => id === told.attempt);
      const operation = state.operations.find(({ id }) => id === attempt?.operation);
      if (operation?.phase === 'in_flight' && (attempt?.sentForMs ?? 0) < CALL_MAY_LAST_MS)
        return { state: 'waiting', note: `${told.attempt} is on its way`, forMs: LOOK_AGAIN_MS };
      const taken = await store.takeLate({ ...match, attempt: told.attempt }, cleanAnswer(told.answer));
      if (taken === 'late' && told.answer.outcome === 'approved')
        logger.error('acquirer_late_approval', { ...match, attempt: told.attempt, event_id: row.id });
      return { state: 'delivered', note: `${told.attempt} ${told.answer.outcome}: ${taken}` };
    }
    case 'adoption': {
      const leftMs = adoptAfterMs - row.ageMs;
      // It may be what we have on its way and do not know the name of.
      const pending = undecided || pendingKinds(standing).has(told.what);
      if (leftMs > 0 || pending) {
        const note = `${told.what} ${told.reference} is none of ours${pending ? ', or the one that is pending' : ''}`;
        return { state: 'waiting', note, forMs: Math.max(leftMs, LOOK_AGAIN_MS) };
      }
      logger.error('acquirer_event_adopted', { ...match, what: told.what, reference: told.reference });
      await take(match, told);
      return { state: 'delivered', note: `${told.what} ${told.reference} adopted` };
    }
    case 'withdrawal':
    case 'chargeback':
    case 'chargeback_reversal':
      await take(match, told);
      return { state: 'delivered', note: `${told.type} ${told.reference}` };
    case 'alarm':
      logger.error('acquirer_event_not_understood', { ...match, event_id: row.id, reason: told.reason });
      return { state: 'delivered', note: cleanText(told.reason) };
  }
}
