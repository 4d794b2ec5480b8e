import type { AttemptKind } from '../../../workflows/domain/outcome.ts';
import type { PlanRequest, WireFields, WirePlanner } from '../../../workflows/ports/wire.ts';
import { toStripe } from './amounts.ts';
import { STRIPE_CAPABILITIES } from './capabilities.ts';

/** What an attempt's `wire` holds on this wire; every value as it is sent. */
export interface StripeWire extends WireFields {
  readonly request: StripeRequest;
  /** As Stripe writes amounts. Of a void or reversal: what is released or given back at most. */
  readonly amount: string;
  readonly currency: string;
}

/** What is asked of Stripe for each kind of attempt. */
const REQUEST_OF = {
  authorization: 'confirm_manual',
  sale: 'confirm_automatic',
  capture: 'capture',
  void: 'cancel',
  partial_void: 'release',
  refund: 'refund',
  reversal: 'undo',
} as const satisfies Record<Exclude<AttemptKind, 'increment'>, string>;
export type StripeRequest = (typeof REQUEST_OF)[keyof typeof REQUEST_OF];

/** Plans attempts at Stripe: their amounts there, the intent they are about, whether a capture is the last. */
export function createStripePlanner(): WirePlanner {
  async function plan(request: PlanRequest): Promise<WireFields> {
    const { kind, amount, currency } = request;
    if (kind === 'increment') throw new RangeError('an increment cannot be said on this wire yet');
    const said = toStripe(amount, currency);
    return {
      request: REQUEST_OF[kind],
      amount: String(said.amount),
      currency: said.currency,
      ...followUpOf(request),
    };
  }
  return { plan, planVerification: null, capabilities: STRIPE_CAPABILITIES };
}

function followUpOf({ kind, amount, currency, original, standing }: PlanRequest): WireFields {
  switch (kind) {
    case 'authorization':
    case 'sale':
    case 'increment':
      if (original !== null) throw new RangeError(`a ${kind} follows no other attempt`);
      return {};
    case 'capture':
    case 'void':
    case 'partial_void':
    case 'refund':
    case 'reversal': {
      const intent = original?.acquirerReference ?? null;
      if (original === null || intent === null)
        throw new RangeError(`a ${kind} needs the payment intent of the attempt it follows`);
      // To Stripe what was given back again was taken all the same, and is not held any more.
      const taken = standing.captured + (standing.undone ?? 0n);
      return {
        intent,
        // What was taken before tells, when it is asked afterwards, whether this was executed.
        ...(kind === 'capture' || kind === 'partial_void'
          ? { capturedBefore: String(toStripe(taken, currency).amount) }
          : {}),
        // Stripe refuses a capture of all that is left which is not called the last.
        ...(kind === 'capture' ? { final: String(taken + amount >= standing.authorized) } : {}),
      };
    }
  }
}

const REQUESTS: readonly string[] = Object.values(REQUEST_OF);

/** @throws RangeError naming what is missing: the row was not written by this wire's planner. */
export function readStripeWire(wire: WireFields): StripeWire {
  const { request, amount, currency } = wire;
  if (request === undefined || !REQUESTS.includes(request))
    throw new RangeError(`the plan's request ${request ?? '(none)'} is none of this wire`);
  if (amount === undefined || currency === undefined || !/^\d{1,15}$/.test(amount))
    throw new RangeError('the plan lacks an amount or a currency');
  return wire as StripeWire;
}

/** A field that a plan of this request always has. @throws RangeError when it has not. */
export function planned(wire: StripeWire, name: 'intent' | 'capturedBefore' | 'final'): string {
  const value = wire[name];
  if (value === undefined) throw new RangeError(`the plan of a ${wire.request} lacks ${name}`);
  return value;
}
