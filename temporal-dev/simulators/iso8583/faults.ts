import { z } from 'zod';
import { ATTEMPT_KINDS } from '../../../workflows/domain/outcome.ts';
import { outcomeOfCard } from './cards.ts';
import type { FinancialRequest } from './request.ts';

const milliseconds = z.number().int().min(0).max(600_000);

/** What can be made to go wrong with one message. */
const faultActionSchema = z.discriminatedUnion('type', [
  /** Executed; the answer never leaves. */
  z.strictObject({ type: z.literal('lose_answer') }),
  /** Thrown away. */
  z.strictObject({ type: z.literal('no_answer_not_executed') }),
  /** Executed at once, answered later. */
  z.strictObject({ type: z.literal('delay'), delayMs: milliseconds }),
  /** Looked at only after the time: what comes later overtakes it. */
  z.strictObject({ type: z.literal('hold'), holdMs: milliseconds }),
  /** The connection is reset, nothing executed. */
  z.strictObject({ type: z.literal('reset_before') }),
  /** Executed, then the connection is reset. */
  z.strictObject({ type: z.literal('reset_after') }),
  /** Executed; the answer is bytes that are no message. */
  z.strictObject({ type: z.literal('garbage') }),
  /** Not executed, answered with this code. */
  z.strictObject({ type: z.literal('decline'), code: z.string().regex(/^[0-9A-Z]{2}$/) }),
  /** Executed once, answered twice. */
  z.strictObject({ type: z.literal('duplicate_answer') }),
  /** Executed; the answer carries a STAN that nobody asked with. */
  z.strictObject({ type: z.literal('wrong_reference') }),
  /** Executed as asked; the answer names this amount (minor units). */
  z.strictObject({ type: z.literal('wrong_amount'), amount: z.number().int().min(0).max(999_999_999_999) }),
]);
export type FaultAction = z.infer<typeof faultActionSchema>;

export const faultSchema = z.strictObject({
  /** How many matching messages it is for. */
  times: z.number().int().min(1).max(100_000).default(1),
  /** All that are given must agree; none = every financial message. */
  match: z
    .strictObject({
      mti: z
        .string()
        .regex(/^0[0-9]{3}$/)
        .optional(),
      kind: z.enum(ATTEMPT_KINDS).optional(),
      /** Minor units, field 4. */
      amount: z.number().int().min(0).optional(),
      /** First digits of the card. */
      bin: z
        .string()
        .regex(/^[0-9]{4,8}$/)
        .optional(),
      lastFour: z
        .string()
        .regex(/^[0-9]{4}$/)
        .optional(),
    })
    .default({}),
  action: faultActionSchema,
});
export type Fault = z.infer<typeof faultSchema>;

/** Scripted faults, first come first served, and behind them what the test cards do. */
export interface Faults {
  readonly add: (fault: Fault) => void;
  readonly clear: () => void;
  list(): readonly Fault[];
  setSlowMs(ms: number): void;
  /** What happens to this message; null = nothing special. Uses up one turn of the fault it takes. */
  take(request: FinancialRequest): FaultAction | null;
}

export function createFaults(initialSlowMs: number): Faults {
  let faults: Fault[] = [];
  let slowMs = initialSlowMs;
  return {
    add: (fault) => void faults.push(fault),
    clear: () => void (faults = []),
    list: () => faults,
    setSlowMs: (ms) => void (slowMs = ms),
    take(request) {
      const fault = faults.find(({ match }) => matches(match, request));
      if (fault === undefined) return cardFault(request, slowMs);
      faults = faults.flatMap((one) =>
        one !== fault ? [one] : one.times > 1 ? [{ ...one, times: one.times - 1 }] : [],
      );
      return fault.action;
    },
  };
}

function matches({ mti, kind, amount, bin, lastFour }: Fault['match'], request: FinancialRequest): boolean {
  return (
    (mti === undefined || mti === request.message.type) &&
    (kind === undefined || kind === request.kind) &&
    (amount === undefined || amount === request.amount) &&
    (bin === undefined || request.card.startsWith(bin)) &&
    (lastFour === undefined || request.card.endsWith(lastFour))
  );
}

function cardFault({ kind, card }: FinancialRequest, slowMs: number): FaultAction | null {
  if (kind !== 'authorization' && kind !== 'sale') return null;
  const outcome = outcomeOfCard(card);
  switch (outcome.type) {
    case 'approve':
    case 'approve_half':
    case 'approve_for_days':
    case 'approve_once':
    case 'decline':
      // Decided by the authority itself.
      return null;
    case 'lose_answer':
    case 'no_answer_not_executed':
    case 'reset_after':
      return outcome;
    case 'slow':
      return { type: 'delay', delayMs: slowMs };
  }
}
