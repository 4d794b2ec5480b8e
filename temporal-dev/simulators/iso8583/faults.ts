import { z } from 'zod';
import { CARD_PURPOSES } from '../../../workflows/domain/outcome.ts';
import { createFaultScript, FAULT_ACTIONS, faultTimes, type FaultScript } from '../fault-script.ts';
import { outcomeOfCard } from './cards.ts';
import type { FinancialRequest } from './request.ts';

/** What can be made to go wrong with one message on this wire. */
const faultActionSchema = z.discriminatedUnion('type', [
  FAULT_ACTIONS.loseAnswer,
  FAULT_ACTIONS.noAnswerNotExecuted,
  FAULT_ACTIONS.delay,
  FAULT_ACTIONS.hold,
  FAULT_ACTIONS.resetBefore,
  FAULT_ACTIONS.resetAfter,
  FAULT_ACTIONS.garbage,
  FAULT_ACTIONS.byteByByte,
  FAULT_ACTIONS.halfOpen,
  // A response code of two characters (field 39).
  FAULT_ACTIONS.decline.extend({ code: z.string().regex(/^[0-9A-Z]{2}$/) }),
  FAULT_ACTIONS.duplicateAnswer,
  FAULT_ACTIONS.wrongReference,
  FAULT_ACTIONS.wrongAmount,
  FAULT_ACTIONS.partialApproval,
  FAULT_ACTIONS.errorExecuted,
  FAULT_ACTIONS.errorNotExecuted,
  FAULT_ACTIONS.slow,
]);
export type FaultAction = z.infer<typeof faultActionSchema>;

export const faultSchema = z.strictObject({
  /** How many matching messages it is for. */
  times: faultTimes,
  /** All that are given must agree; none = every financial message. */
  match: z
    .strictObject({
      mti: z
        .string()
        .regex(/^0[0-9]{3}$/)
        .optional(),
      kind: z.enum(CARD_PURPOSES).optional(),
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

/** Scripted faults, and behind them what the test cards do. */
export interface Faults extends FaultScript<Fault, FinancialRequest, FaultAction> {
  setSlowMs(ms: number): void;
}

export function createFaults(initialSlowMs: number): Faults {
  const script = createFaultScript<Fault, FinancialRequest>(matches);
  let slowMs = initialSlowMs;
  return {
    ...script,
    setSlowMs: (ms) => void (slowMs = ms),
    take: (request) => script.take(request) ?? cardFault(request, slowMs),
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
  if (kind !== 'authorization' && kind !== 'sale' && kind !== 'verification') return null;
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
