import { z } from 'zod';
import { createFaultScript, faultTimes, type FaultScript } from '../fault-script.ts';
import { httpFaultActionSchema, type HttpFaultAction } from '../http/faults.ts';
import { REQUEST_KINDS, type ApiRequest } from './request.ts';

export const faultSchema = z.strictObject({
  times: faultTimes,
  /** All that are given must agree; none = every request. */
  match: z
    .strictObject({
      request: z.enum(REQUEST_KINDS).optional(),
      /** pspReference of the path. */
      payment: z.string().optional(),
      /** As Adyen writes amounts. */
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
  return createFaultScript<Fault, ApiRequest>(
    ({ request, payment, amount, lastFour }, { kind, body, payment: about }) =>
      (payment === undefined || payment === about) &&
      (request === undefined || request === kind) &&
      (amount === undefined || body?.amount?.value === amount) &&
      (lastFour === undefined || body?.paymentMethod?.number?.endsWith(lastFour) === true),
  );
}
