/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- the library's requests are classes in name only: it writes them field by field */
import { EnvironmentEnum } from '@adyen/api-library/lib/src/config.js';
import { ModificationsApi } from '@adyen/api-library/lib/src/services/checkout/modificationsApi.js';
import { PaymentsApi } from '@adyen/api-library/lib/src/services/checkout/paymentsApi.js';
import type { PaymentRequest } from '@adyen/api-library/lib/src/typings/checkout/paymentRequest.js';
import type { z } from 'zod';
import { NotWritten, type CallLimits, type HttpAnswer, type HttpConnections } from '../http.ts';
import type { AdyenAmount } from './amounts.ts';
import { Client } from './library.ts';
import {
  errorSchema,
  modificationSchema,
  paymentSchema,
  type Modification,
  type Payment,
} from './objects.ts';

/** Where one acquirer's API is, and with whose key it is called. */
export interface AdyenEndpoint {
  /**
   * Origin, and what of the path stands before the version: https://checkout-test.adyen.com, live
   * https://<prefix>-checkout-live.adyenpayments.com/checkout, or the simulator.
   */
  readonly url: string;
  readonly apiKey: string;
}

/** Adyen's word for what is wrong, as much of it as decides. */
export interface AdyenProblem {
  /** HTTP. */
  readonly status: number;
  readonly errorCode: string | null;
  /** The header transient-error: nothing is kept under the key, the same may be asked again. */
  readonly transient: boolean;
  /** For people; never holds what was sent. */
  readonly message: string;
}

/** How one request ended. */
export type Reply<T> =
  | { readonly type: 'object'; readonly value: T }
  | { readonly type: 'problem'; readonly problem: AdyenProblem }
  /** Certainly not written. */
  | { readonly type: 'unsent'; readonly reason: string }
  /** Written, and no answer that can be read. */
  | { readonly type: 'unknown'; readonly reason: string };

/** Under whose account, with which key and name of ours, and when not to write. */
export interface KeyedRequest {
  readonly merchantAccount: string;
  /** Ours: the attempt's id. */
  readonly reference: string;
  /** At most 64 characters. */
  readonly idempotencyKey: string;
  readonly refuseWrite: () => string | null;
}

/** The requests this adapter makes. Each is written at most once; none throws for reasons of the world. */
export interface AdyenClient {
  pay(
    payment: Omit<PaymentRequest, 'merchantAccount' | 'reference'>,
    request: KeyedRequest,
  ): Promise<Reply<Payment>>;
  capture(payment: string, amount: AdyenAmount, request: KeyedRequest): Promise<Reply<Modification>>;
  cancel(payment: string, request: KeyedRequest): Promise<Reply<Modification>>;
  refund(payment: string, amount: AdyenAmount, request: KeyedRequest): Promise<Reply<Modification>>;
  /** Cancels it, or gives it back whole: whichever it takes. */
  reverse(payment: string, request: KeyedRequest): Promise<Reply<Modification>>;
  /** Cancels a payment of which only our own reference is known. */
  cancelByReference(paymentReference: string, request: KeyedRequest): Promise<Reply<Modification>>;
}

/** An answer that is not 2xx. */
class Refused extends Error {
  override readonly name = 'Refused';
  readonly answer: HttpAnswer;
  constructor(answer: HttpAnswer) {
    super(`HTTP ${answer.status}`);
    this.answer = answer;
  }
}

/** @param limitMs from the call to the whole answer. */
export function createAdyenClient(
  endpoint: AdyenEndpoint,
  connections: HttpConnections,
  limitMs: number,
): AdyenClient {
  /** A client of the library for one call: what may be written is a matter of that call. */
  async function call<T>(
    schema: z.ZodType<T>,
    { refuseWrite, idempotencyKey }: KeyedRequest,
    send: (client: Client, options: { idempotencyKey: string }) => Promise<unknown>,
  ): Promise<Reply<T>> {
    const client = new Client(
      {
        apiKey: endpoint.apiKey,
        // Only decides the host, which is ours to decide.
        environment: EnvironmentEnum.TEST,
        connectionTimeoutMillis: limitMs,
        enable308Redirect: false,
      },
      httpClientFor(endpoint, connections, { refuseWrite, limitMs }),
    );
    let answer: unknown;
    try {
      answer = await send(client, { idempotencyKey });
    } catch (error) {
      return failureOf(error);
    }
    const parsed = schema.safeParse(answer);
    if (parsed.success) return { type: 'object', value: parsed.data };
    const [issue] = parsed.error.issues;
    return {
      type: 'unknown',
      reason: `an answer that is not as it should be (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`,
    };
  }

  return {
    pay: (payment, request) =>
      call(paymentSchema, request, (client, options) =>
        new PaymentsApi(client).payments({ ...payment, ...namesOf(request) }, options),
      ),
    capture: (payment, amount, request) =>
      call(modificationSchema, request, (client, options) =>
        new ModificationsApi(client).captureAuthorisedPayment(
          payment,
          { amount: { ...amount }, ...namesOf(request) },
          options,
        ),
      ),
    cancel: (payment, request) =>
      call(modificationSchema, request, (client, options) =>
        new ModificationsApi(client).cancelAuthorisedPaymentByPspReference(
          payment,
          namesOf(request),
          options,
        ),
      ),
    refund: (payment, amount, request) =>
      call(modificationSchema, request, (client, options) =>
        new ModificationsApi(client).refundCapturedPayment(
          payment,
          { amount: { ...amount }, ...namesOf(request) },
          options,
        ),
      ),
    reverse: (payment, request) =>
      call(modificationSchema, request, (client, options) =>
        new ModificationsApi(client).refundOrCancelPayment(payment, namesOf(request), options),
      ),
    cancelByReference: (paymentReference, request) =>
      call(modificationSchema, request, (client, options) =>
        new ModificationsApi(client).cancelAuthorisedPayment(
          { paymentReference, ...namesOf(request) },
          options,
        ),
      ),
  };
}

const namesOf = ({ merchantAccount, reference }: KeyedRequest) => ({ merchantAccount, reference });

/**
 * What the library makes one call with. Its own client speaks HTTPS only, follows redirects, and leaves
 * open whether anything was written when it fails.
 */
function httpClientFor(
  { url, apiKey }: AdyenEndpoint,
  connections: HttpConnections,
  limits: CallLimits,
): Client['httpClient'] {
  const { protocol, hostname, port, pathname } = new URL(url);
  const secure = protocol === 'https:';
  return {
    async request(endpoint, body, _config, _isApiKeyRequired, options = {}) {
      const answer = await connections.exchange(
        {
          secure,
          host: hostname,
          port: port === '' ? (secure ? 443 : 80) : Number(port),
          path: pathname.replace(/\/$/, '') + new URL(endpoint).pathname,
          method: options.method ?? 'POST',
          headers: {
            'Content-Type': 'application/json',
            'X-API-Key': apiKey,
            'User-Agent': 'quittance',
            ...(options.idempotencyKey === undefined ? {} : { 'Idempotency-Key': options.idempotencyKey }),
          },
          body: body.toString(),
        },
        limits,
      );
      if (answer.status < 200 || answer.status > 299) throw new Refused(answer);
      // The library takes a text that is no JSON for the answer itself.
      JSON.parse(answer.text);
      return answer.text;
    },
  };
}

/** The library passes on what its HTTP client throws. */
function failureOf(error: unknown): Extract<Reply<never>, { type: 'problem' | 'unsent' | 'unknown' }> {
  if (error instanceof NotWritten) return { type: 'unsent', reason: error.message };
  if (!(error instanceof Refused))
    return { type: 'unknown', reason: error instanceof Error ? error.message : String(error) };
  const { status, headers, text } = error.answer;
  const said = errorSchema.safeParse(jsonOf(text));
  return {
    type: 'problem',
    problem: {
      status,
      errorCode: said.data?.errorCode ?? null,
      transient: headers['transient-error'] === 'true',
      message: said.data?.message ?? 'no message',
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
