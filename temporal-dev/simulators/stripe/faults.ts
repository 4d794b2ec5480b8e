import { z } from 'zod';
import { createFaultScript, faultTimes, type FaultScript } from '../fault-script.ts';
import { httpFaultActionSchema, type HttpFaultAction } from '../http/faults.ts';
import { REQUEST_KINDS, type ApiRequest } from './request.ts';

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
  action: httpFaultActionSchema,
});
export type Fault = z.infer<typeof faultSchema>;
export type Faults = FaultScript<Fault, ApiRequest, HttpFaultAction>;

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
