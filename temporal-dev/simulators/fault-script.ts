import { z } from 'zod';

const milliseconds = z.number().int().min(0).max(600_000);

/**
 * What can be made to go wrong with one message, in one vocabulary for every wire; a simulator takes
 * those that mean something on its wire.
 */
export const FAULT_ACTIONS = {
  /** Executed; the answer never leaves. */
  loseAnswer: z.strictObject({ type: z.literal('lose_answer') }),
  /** Thrown away. */
  noAnswerNotExecuted: z.strictObject({ type: z.literal('no_answer_not_executed') }),
  /** Executed at once, answered later. */
  delay: z.strictObject({ type: z.literal('delay'), delayMs: milliseconds }),
  /** Looked at only after the time: what comes later overtakes it. */
  hold: z.strictObject({ type: z.literal('hold'), holdMs: milliseconds }),
  /** The connection is reset, nothing executed. */
  resetBefore: z.strictObject({ type: z.literal('reset_before') }),
  /** Executed, then the connection is reset. */
  resetAfter: z.strictObject({ type: z.literal('reset_after') }),
  /** Executed; the answer is bytes that are no message. */
  garbage: z.strictObject({ type: z.literal('garbage') }),
  /** Executed; the answer comes one byte at a time. */
  byteByByte: z.strictObject({ type: z.literal('byte_by_byte') }),
  /** Executed; half of the answer comes, and then nothing, on a connection that stays open. */
  halfOpen: z.strictObject({ type: z.literal('half_open') }),
  /** Not executed, answered with this code. */
  decline: z.strictObject({ type: z.literal('decline'), code: z.string().regex(/^\w{2,64}$/) }),
  /** Executed once, answered twice. */
  duplicateAnswer: z.strictObject({ type: z.literal('duplicate_answer') }),
  /** Executed; the answer is about something that nobody asked for. */
  wrongReference: z.strictObject({ type: z.literal('wrong_reference') }),
  /** Executed as asked; the answer names this amount (as the wire writes amounts). */
  wrongAmount: z.strictObject({
    type: z.literal('wrong_amount'),
    amount: z.number().int().min(0).max(999_999_999_999),
  }),
  /** HTTP 429, nothing executed, nothing kept under the key. */
  rateLimited: z.strictObject({
    type: z.literal('rate_limited'),
    retryAfterS: z.number().int().min(0).max(3_600),
  }),
  /** HTTP 401 with a message that quotes the card number that was sent, as hosts do; nothing executed. */
  echoCard: z.strictObject({ type: z.literal('echo_card') }),
  /**
   * A failure of the host (HTTP 500, response 96), and executed. Where there are keys, the failure is what
   * the key answers from then on; elsewhere a repeat is answered with what was executed.
   */
  errorExecuted: z.strictObject({ type: z.literal('error_executed') }),
  /** The same, not executed; kept under the key all the same, and forgotten where there are no keys. */
  errorNotExecuted: z.strictObject({ type: z.literal('error_not_executed') }),
  /** Executed for this amount (as the wire writes amounts), which is less than was asked for. */
  partialApproval: z.strictObject({
    type: z.literal('partial_approval'),
    amount: z.number().int().min(1).max(999_999_999_999),
  }),
  /** Executed at once; answered after a time that is drawn anew each time: evenly between none and twice the mean. */
  slow: z.strictObject({ type: z.literal('slow'), meanMs: milliseconds }),
  /**
   * Answered with this error code, as what is not valid is, and not kept under the key. Not executed, unless
   * it says: then the answer is a lie.
   */
  turnedAway: z.strictObject({
    type: z.literal('turned_away'),
    code: z.string().regex(/^\w{2,64}$/),
    executed: z.boolean().default(false),
  }),
  /** Taken, and reported later. */
  pending: z.strictObject({ type: z.literal('pending') }),
  /** Of an event that the acquirer sends by itself: never, later, twice, or before the reply leaves. */
  eventLost: z.strictObject({ type: z.literal('event_lost') }),
  eventDelay: z.strictObject({ type: z.literal('event_delay'), delayMs: milliseconds }),
  eventTwice: z.strictObject({ type: z.literal('event_twice') }),
  eventFirst: z.strictObject({ type: z.literal('event_first') }),
} as const;

/** A turn of `slow`: how late this answer is (ms). */
export function slowness({ meanMs }: { readonly meanMs: number }): number {
  return Math.random() * 2 * meanMs;
}

/** How often a fault is for the messages that it matches. */
export const faultTimes = z.number().int().min(1).max(100_000).default(1);

interface Scripted<Match, Action> {
  readonly times: number;
  readonly match: Match;
  readonly action: Action;
}

/** Scripted faults, first come first served. */
export interface FaultScript<Fault, Request, Action> {
  readonly add: (fault: Fault) => void;
  readonly clear: () => void;
  list(): readonly Fault[];
  /** What happens to this message; null = nothing was scripted. Uses up one turn of the fault it takes. */
  take(request: Request): Action | null;
}

export function createFaultScript<Fault extends Scripted<unknown, unknown>, Request>(
  matches: (match: Fault['match'], request: Request) => boolean,
): FaultScript<Fault, Request, Fault['action']> {
  let faults: Fault[] = [];
  return {
    add: (fault) => void faults.push(fault),
    clear: () => void (faults = []),
    list: () => faults,
    take(request) {
      const fault = faults.find(({ match }) => matches(match, request));
      if (fault === undefined) return null;
      faults = faults.flatMap((one) =>
        one !== fault ? [one] : one.times > 1 ? [{ ...one, times: one.times - 1 }] : [],
      );
      return fault.action;
    },
  };
}
