import type { AttemptKind } from '../../../workflows/domain/outcome.ts';
import type { PlanRequest, WireFields, WirePlanner } from '../../../workflows/ports/wire.ts';
import { toAdyen } from './amounts.ts';
import { ADYEN_CAPABILITIES } from './capabilities.ts';

/** What an attempt's `wire` holds on this wire; every value as it is sent. */
export interface AdyenWire extends WireFields {
  readonly request: AdyenRequest;
  /** As Adyen writes amounts. Of a void or reversal: what is released or given back at most. */
  readonly amount: string;
  readonly currency: string;
}

/** What is asked of Adyen for each kind of attempt. */
const REQUEST_OF = {
  authorization: 'pay_manual',
  sale: 'pay_automatic',
  capture: 'capture',
  void: 'cancel',
  partial_void: 'cancel',
  refund: 'refund',
  reversal: 'undo',
} as const satisfies Record<Exclude<AttemptKind, 'increment'>, string>;
export type AdyenRequest = (typeof REQUEST_OF)[keyof typeof REQUEST_OF];

/** Plans attempts at Adyen: their amounts there, and the payment they are about. */
export function createAdyenPlanner(): WirePlanner {
  async function plan(request: PlanRequest): Promise<WireFields> {
    const { kind, amount, currency } = request;
    if (kind === 'increment') throw new RangeError('an increment cannot be said on this wire yet');
    const said = toAdyen(amount, currency);
    return {
      request: REQUEST_OF[kind],
      amount: String(said.value),
      currency: said.currency,
      ...followUpOf(request),
    };
  }
  return { plan, planVerification: null, capabilities: ADYEN_CAPABILITIES };
}

function followUpOf({ kind, original, authorizationType }: PlanRequest): WireFields {
  switch (kind) {
    case 'authorization':
    case 'sale':
    case 'increment':
      if (original !== null) throw new RangeError(`a ${kind} follows no other attempt`);
      return authorizationType === 'pre' ? { authorisationType: 'PreAuth' } : {};
    case 'reversal':
      if (original === null) throw new RangeError('a reversal needs the attempt that it undoes');
      // Without an answer there is no name: then it is undone by our own reference.
      return {
        reference: original.id,
        ...(original.acquirerReference === null ? {} : { payment: original.acquirerReference }),
      };
    case 'capture':
    case 'void':
    case 'partial_void':
    case 'refund': {
      const payment = original?.acquirerReference ?? null;
      if (payment === null)
        throw new RangeError(`a ${kind} needs the pspReference of the payment it follows`);
      return { payment };
    }
  }
}

const REQUESTS: readonly string[] = Object.values(REQUEST_OF);

/** @throws RangeError naming what is missing: the row was not written by this wire's planner. */
export function readAdyenWire(wire: WireFields): AdyenWire {
  const { request, amount, currency } = wire;
  if (request === undefined || !REQUESTS.includes(request))
    throw new RangeError(`the plan's request ${request ?? '(none)'} is none of this wire`);
  if (amount === undefined || currency === undefined || !/^\d{1,15}$/.test(amount))
    throw new RangeError('the plan lacks an amount or a currency');
  return wire as AdyenWire;
}

/** The payment that a plan of this request always names. @throws RangeError when it does not. */
export function plannedPayment(wire: AdyenWire): string {
  const { payment } = wire;
  if (payment === undefined) throw new RangeError(`the plan of a ${wire.request} lacks its payment`);
  return payment;
}
