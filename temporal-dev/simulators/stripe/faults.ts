import { z } from 'zod';
import { createFaultScript, FAULT_ACTIONS, faultTimes, type FaultScript } from '../fault-script.ts';
import { httpFaultActionSchema, type HttpFaultAction } from '../http/faults.ts';
import { REQUEST_KINDS, type ApiRequest } from './request.ts';

const requestFaultSchema = z.strictObject({
  times: faultTimes,
  /** All that are given must agree; none = every request that could move money. */
  match: z
    .strictObject({
      request: z.enum(REQUEST_KINDS).optional(),
      /** Of the path, or payment_intent of the body. */
      intent: z.string().optional(),
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
type RequestFault = z.infer<typeof requestFaultSchema>;

/** What can be made to go wrong with one event; `event` is its type, as in refund.updated. */
const eventFaultSchema = z.strictObject({
  times: faultTimes,
  match: z.strictObject({ event: z.string().min(1) }),
  action: z.discriminatedUnion('type', [
    FAULT_ACTIONS.eventLost,
    FAULT_ACTIONS.eventDelay,
    FAULT_ACTIONS.eventTwice,
    FAULT_ACTIONS.eventFirst,
  ]),
});
type EventFault = z.infer<typeof eventFaultSchema>;

export const faultSchema = z.union([eventFaultSchema, requestFaultSchema]);
export type Fault = z.infer<typeof faultSchema>;
export type Faults = FaultScript<RequestFault, ApiRequest, HttpFaultAction>;
export type EventFaults = FaultScript<EventFault, string, EventFault['action']>;

/** Both scripts as one, for whoever writes them. */
export function createAllFaults(requests: Faults, events: EventFaults) {
  return {
    add: (fault: Fault): void => {
      if ('event' in fault.match) events.add(fault as EventFault);
      else requests.add(fault as RequestFault);
    },
    clear: (): void => {
      requests.clear();
      events.clear();
    },
    list: (): readonly Fault[] => [...requests.list(), ...events.list()],
  };
}

export function createEventFaults(): EventFaults {
  return createFaultScript<EventFault, string>(({ event }, type) => event === type);
}

export function createFaults(): Faults {
  return createFaultScript<RequestFault, ApiRequest>((match, { kind, intent: about, params }) => {
    const { request, intent, amount, lastFour } = match;
    if (request === undefined ? kind === 'create' || kind === 'read' : request !== kind) return false;
    const asked = params.get('amount') ?? params.get('amount_to_capture');
    const number = params.get('payment_method_data[card][number]');
    return (
      (intent === undefined || intent === about) &&
      (amount === undefined || asked === String(amount)) &&
      (lastFour === undefined || number?.endsWith(lastFour) === true)
    );
  });
}
