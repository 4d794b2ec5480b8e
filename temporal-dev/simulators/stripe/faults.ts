import { z } from 'zod';
import { createFaultScript, FAULT_ACTIONS, faultTimes, type FaultScript } from '../fault-script.ts';
import { REQUEST_KINDS, type ApiRequest } from './request.ts';

/** What can be made to go wrong with one request on this wire. */
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
  FAULT_ACTIONS.decline,
  FAULT_ACTIONS.wrongAmount,
  FAULT_ACTIONS.rateLimited,
  FAULT_ACTIONS.errorExecuted,
  FAULT_ACTIONS.errorNotExecuted,
  FAULT_ACTIONS.pending,
]);
export type FaultAction = z.infer<typeof faultActionSchema>;

export const faultSchema = z.strictObject({
  times: faultTimes,
  /** All that are given must agree; none = every request that could move money. */
  match: z
    .strictObject({
      request: z.enum(REQUEST_KINDS).optional(),
      /** As Stripe writes amounts. */
      amount: z.number().int().min(0).optional(),
      lastFour: z
        .string()
        .regex(/^[0-9]{4}$/)
        .optional(),
    })
    .default({}),
  action: faultActionSchema,
});
export type Fault = z.infer<typeof faultSchema>;
export type Faults = FaultScript<Fault, ApiRequest, FaultAction>;

export function createFaults(): Faults {
  return createFaultScript<Fault, ApiRequest>((match, { kind, params }) => {
    const { request, amount, lastFour } = match;
    if (request === undefined ? kind === 'create' || kind === 'read' : request !== kind) return false;
    const asked = params.get('amount') ?? params.get('amount_to_capture');
    const number = params.get('payment_method_data[card][number]');
    return (
      (amount === undefined || asked === String(amount)) &&
      (lastFour === undefined || number?.endsWith(lastFour) === true)
    );
  });
}
