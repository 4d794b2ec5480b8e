import Stripe from 'stripe';
import type { z } from 'zod';
import type { WireCard } from '../wire.ts';
import { NotWritten, type HttpConnections } from '../http.ts';
import { httpClientFor } from './http-client.ts';
import { intentSchema, refundListSchema, refundSchema, type Intent, type Refund } from './objects.ts';

/** Where one acquirer's API is, and with whose key it is called. */
export interface StripeEndpoint {
  /** Origin: https://api.stripe.com, or the simulator. */
  readonly url: string;
  readonly apiKey: string;
}

/** Stripe's word for what is wrong, as much of it as decides. */
export interface StripeProblem {
  /** HTTP. */
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly declineCode: string | null;
  /** For people; never holds what was sent. */
  readonly message: string;
}

/** How one request ended. */
export type Reply<T> =
  | { readonly type: 'object'; readonly value: T }
  | { readonly type: 'problem'; readonly problem: StripeProblem }
  /** Certainly not written. */
  | { readonly type: 'unsent'; readonly reason: string }
  /** Written, and no answer that can be read. */
  | { readonly type: 'unknown'; readonly reason: string };

/** Under whose account, with which key, and when not to write. */
export interface Request {
  /** The merchant's account (Stripe-Account). */
  readonly account: string;
  readonly refuseWrite: () => string | null;
}
export interface KeyedRequest extends Request {
  readonly idempotencyKey: string;
}

interface NewIntent {
  readonly amount: number;
  readonly currency: string;
  readonly capture: 'automatic' | 'manual';
  readonly metadata: Readonly<Record<string, string>>;
}

/** The requests this adapter makes. Each is written at most once; none throws for reasons of the world. */
export interface StripeClient {
  createIntent(intent: NewIntent, request: KeyedRequest): Promise<Reply<Intent>>;
  confirm(intent: string, card: WireCard, request: KeyedRequest): Promise<Reply<Intent>>;
  capture(
    intent: string,
    capture: { readonly amount: number; readonly final: boolean },
    request: KeyedRequest,
  ): Promise<Reply<Intent>>;
  cancel(intent: string, request: KeyedRequest): Promise<Reply<Intent>>;
  /** `amount` null = all that is left. */
  refund(
    intent: string,
    refund: { readonly amount: number; readonly metadata: Readonly<Record<string, string>> },
    request: KeyedRequest,
  ): Promise<Reply<Refund>>;
  intent(id: string, request: Request): Promise<Reply<Intent>>;
  /** The newest hundred of an intent. A list is read from the record; a search would lag behind it. */
  refunds(
    intent: string,
    request: Request,
  ): Promise<Reply<{ readonly data: readonly Refund[]; readonly has_more: boolean }>>;
  readRefund(id: string, request: Request): Promise<Reply<Refund>>;
}

const REFUNDS_MAX = 100;
const WITH_CHARGE = { expand: ['latest_charge'] };

/**
 * @param limitMs from the call to the whole answer.
 */
export function createStripeClient(
  { url, apiKey }: StripeEndpoint,
  http: HttpConnections,
  limitMs: number,
): StripeClient {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'https:';

  /** A client of the library for one call: what may be written is a matter of that call. */
  async function call<T>(
    schema: z.ZodType<T>,
    { account, refuseWrite }: Request,
    send: (stripe: Stripe) => Promise<unknown>,
    isAnswer: (value: T) => boolean,
  ): Promise<Reply<T>> {
    const stripe = new Stripe(apiKey, {
      host: hostname,
      port: port === '' ? (secure ? 443 : 80) : Number(port),
      protocol: secure ? 'https' : 'http',
      httpClient: httpClientFor(http, { refuseWrite, limitMs }),
      stripeAccount: account,
      maxNetworkRetries: 0,
      timeout: limitMs,
      telemetry: false,
    });
    let answer: unknown;
    try {
      answer = await send(stripe);
    } catch (error) {
      return failureOf(error);
    }
    const parsed = schema.safeParse(answer);
    if (parsed.success && isAnswer(parsed.data)) return { type: 'object', value: parsed.data };
    // Whoever mixed up two answers has one of ours left.
    if (parsed.success) return { type: 'unknown', reason: 'an answer that is about something else' };
    const [issue] = parsed.error.issues;
    return {
      type: 'unknown',
      reason: `an answer that is not as it should be (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`,
    };
  }

  return {
    createIntent: ({ amount, currency, capture, metadata }, request) =>
      call(
        intentSchema,
        request,
        (stripe) =>
          stripe.paymentIntents.create(
            {
              amount,
              currency,
              capture_method: capture,
              allowed_payment_method_types: ['card'],
              // Without it the first capture would release what it does not take.
              ...(capture === 'manual'
                ? { payment_method_options: { card: { request_multicapture: 'if_available' as const } } }
                : {}),
              metadata,
            },
            keyOf(request),
          ),
        (made) => made.metadata['attempt'] === metadata['attempt'],
      ),
    confirm: (intent, card, request) =>
      call(
        intentSchema,
        request,
        (stripe) => {
          // The library's types leave out that an account may be allowed to send card numbers.
          const params = {
            ...WITH_CHARGE,
            payment_method_data: { type: 'card' as const, card: cardOf(card) },
            // 3-D Secure is not carried through: an issuer that insists on it declines.
            error_on_requires_action: true,
          };
          return stripe.paymentIntents.confirm(intent, params, keyOf(request));
        },
        called(intent),
      ),
    capture: (intent, { amount, final }, request) =>
      call(
        intentSchema,
        request,
        (stripe) =>
          stripe.paymentIntents.capture(
            intent,
            { ...WITH_CHARGE, amount_to_capture: amount, final_capture: final },
            keyOf(request),
          ),
        called(intent),
      ),
    cancel: (intent, request) =>
      call(
        intentSchema,
        request,
        (stripe) => stripe.paymentIntents.cancel(intent, {}, keyOf(request)),
        called(intent),
      ),
    refund: (intent, { amount, metadata }, request) =>
      call(
        refundSchema,
        request,
        (stripe) => stripe.refunds.create({ payment_intent: intent, amount, metadata }, keyOf(request)),
        (refund) => isOf(intent)(refund) && refund.metadata?.['attempt'] === metadata['attempt'],
      ),
    intent: (id, request) =>
      call(intentSchema, request, (stripe) => stripe.paymentIntents.retrieve(id, WITH_CHARGE), called(id)),
    refunds: (intent, request) =>
      call(
        refundListSchema,
        request,
        (stripe) => stripe.refunds.list({ payment_intent: intent, limit: REFUNDS_MAX }),
        ({ data }) => data.every(isOf(intent)),
      ),
    readRefund: (id, request) =>
      call(refundSchema, request, (stripe) => stripe.refunds.retrieve(id), called(id)),
  };
}

const called =
  (id: string) =>
  (object: { readonly id: string }): boolean =>
    object.id === id;
const isOf =
  (intent: string) =>
  ({ payment_intent: of }: Refund): boolean =>
    of == null || of === intent;

const keyOf = ({ idempotencyKey }: KeyedRequest): Stripe.RequestOptions => ({ idempotencyKey });

function cardOf({ number, expiryMonth, expiryYear, cvv }: WireCard): Record<string, string | number> {
  return {
    number,
    exp_month: expiryMonth,
    exp_year: expiryYear,
    ...(cvv === null ? {} : { cvc: cvv }),
  };
}

/** The library throws for every answer that is not 2xx, and for none. */
function failureOf(error: unknown): Extract<Reply<never>, { type: 'problem' | 'unsent' | 'unknown' }> {
  if (!(error instanceof Stripe.errors.StripeError)) {
    return { type: 'unknown', reason: error instanceof Error ? error.message : String(error) };
  }
  const detail: unknown = error.detail;
  if (detail instanceof NotWritten) return { type: 'unsent', reason: detail.message };
  if (error instanceof Stripe.errors.StripeConnectionError)
    return { type: 'unknown', reason: detail instanceof Error ? detail.message : error.message };
  // An answer that is no JSON has no status: it came from somewhere between, or is cut off.
  if (error.statusCode === undefined) return { type: 'unknown', reason: error.message };
  return {
    type: 'problem',
    problem: {
      status: error.statusCode,
      type: error.rawType ?? 'unknown',
      code: error.code ?? null,
      declineCode: error.decline_code === undefined || error.decline_code === '' ? null : error.decline_code,
      message: error.message,
    },
  };
}
