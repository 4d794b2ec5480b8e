import { streamEvents, type StreamedEvent, type StreamOptions } from './event-stream.ts';
import { List } from './pages.ts';
import type { QueryParameters } from './query.ts';
import {
  createTransport,
  credentialsOf,
  type Answer,
  type ChangeOptions,
  type Request,
  type RequestOptions,
  type TransportOptions,
} from './transport.ts';
import type {
  AnswerOf,
  ApiKey,
  BodyOf,
  Capture,
  Customer,
  Review,
  StoredCard,
  CardVerification,
  Delivery,
  Event,
  OAuthClient,
  OperationName,
  Payment,
  PaymentDetails,
  ProcessingPayment,
  QueryOf,
  Refund,
  SigningSecret,
  WebhookEndpoint,
} from './types.ts';
import { waitForPayment, waitForVerification, type WaitOptions } from './waiting.ts';

export type QuittanceOptions = TransportOptions;

/** Payments and what can be asked of them. What changes something may be answered 202: see `wait`. */
function paymentsOf(send: Send) {
  const of = (id: string, what = ''): string => `/v1/payments/${encodeURIComponent(id)}${what}`;
  const get = (
    id: string,
    query: QueryOf<'getPayment'> = {},
    options: RequestOptions = {},
  ): Promise<PaymentDetails> => send<'getPayment'>('GET', of(id), { ...options, query });
  return {
    create: (body: BodyOf<'createPayment'>, options: ChangeOptions = {}) =>
      send<'createPayment'>('POST', '/v1/payments', { ...options, body }),
    get,
    list: (query: QueryOf<'listPayments'> = {}, options: RequestOptions = {}): List<Payment> =>
      listOf(send, '/v1/payments', query, options),
    /** The last capture, unless `final` is false: what is left is given back. */
    capture: (id: string, body: BodyOf<'capturePayment'> = {}, options: ChangeOptions = {}) =>
      send<'capturePayment'>('POST', of(id, '/captures'), { ...options, body }),
    /** A capture that more will follow, unless `final` is true. */
    capturePart: (id: string, body: BodyOf<'capturePart'> = {}, options: ChangeOptions = {}) =>
      send<'capturePart'>('POST', of(id, '/capture'), { ...options, body }),
    increment: (id: string, body: BodyOf<'incrementPayment'>, options: ChangeOptions = {}) =>
      send<'incrementPayment'>('POST', of(id, '/increments'), { ...options, body }),
    reauthorize: (id: string, options: ChangeOptions = {}) =>
      send<'reauthorizePayment'>('POST', of(id, '/reauthorize'), { ...options, body: {} }),
    void: (id: string, options: ChangeOptions = {}) =>
      send<'voidPayment'>('POST', of(id, '/void'), { ...options, body: {} }),
    refund: (id: string, body: BodyOf<'refundPayment'> = {}, options: ChangeOptions = {}) =>
      send<'refundPayment'>('POST', of(id, '/refunds'), { ...options, body }),
    explain: (id: string, options: RequestOptions = {}) =>
      send<'explainPayment'>('GET', of(id, '/explain'), options),
    /** @see waitForPayment */
    wait: (payment: Parameters<typeof waitForPayment>[1], options: WaitOptions = {}) =>
      waitForPayment((id) => get(id, {}, { signal: options.signal }), payment, options),
  };
}

/** Whether an issuer says that a card is good, nothing held. What is not known yet is answered 202: see `wait`. */
function cardVerificationsOf(send: Send) {
  const get = (id: string, options: RequestOptions = {}): Promise<CardVerification> =>
    send<'getCardVerification'>('GET', `/v1/card-verifications/${encodeURIComponent(id)}`, options);
  return {
    create: (body: BodyOf<'createCardVerification'>, options: ChangeOptions = {}) =>
      send<'createCardVerification'>('POST', '/v1/card-verifications', { ...options, body }),
    get,
    list: (
      query: QueryOf<'listCardVerifications'> = {},
      options: RequestOptions = {},
    ): List<CardVerification> => listOf(send, '/v1/card-verifications', query, options),
    /** @see waitForVerification */
    wait: (verification: Parameters<typeof waitForVerification>[1], options: WaitOptions = {}) =>
      waitForVerification((id) => get(id, { signal: options.signal }), verification, options),
  };
}

function customersOf(send: Send) {
  const of = (id: string): string => `/v1/customers/${encodeURIComponent(id)}`;
  return {
    create: (body: BodyOf<'createCustomer'> = {}, options: ChangeOptions = {}) =>
      send<'createCustomer'>('POST', '/v1/customers', { ...options, body }),
    get: (id: string, options: RequestOptions = {}) => send<'getCustomer'>('GET', of(id), options),
    list: (query: QueryOf<'listCustomers'> = {}, options: RequestOptions = {}): List<Customer> =>
      listOf(send, '/v1/customers', query, options),
    update: (id: string, body: BodyOf<'updateCustomer'>, options: ChangeOptions = {}) =>
      send<'updateCustomer'>('POST', of(id), { ...options, body }),
    /** What it was called is gone for good. */
    delete: async (id: string, options: RequestOptions = {}): Promise<void> => {
      await send<'deleteCustomer'>('DELETE', of(id), options);
    },
  };
}

function webhookEndpointsOf(send: Send) {
  const of = (id: string, what = ''): string => `/v1/webhook-endpoints/${encodeURIComponent(id)}${what}`;
  return {
    create: (body: BodyOf<'createWebhookEndpoint'>, options: ChangeOptions = {}) =>
      send<'createWebhookEndpoint'>('POST', '/v1/webhook-endpoints', { ...options, body }),
    get: (id: string, options: RequestOptions = {}) => send<'getWebhookEndpoint'>('GET', of(id), options),
    list: (
      query: QueryOf<'listWebhookEndpoints'> = {},
      options: RequestOptions = {},
    ): List<WebhookEndpoint> => listOf(send, '/v1/webhook-endpoints', query, options),
    update: (id: string, body: BodyOf<'updateWebhookEndpoint'>, options: ChangeOptions = {}) =>
      send<'updateWebhookEndpoint'>('POST', of(id), { ...options, body }),
    delete: async (id: string, options: RequestOptions = {}): Promise<void> => {
      await send<'deleteWebhookEndpoint'>('DELETE', of(id), options);
    },
    rollSecret: (id: string, body: BodyOf<'rollWebhookSecret'> = {}, options: ChangeOptions = {}) =>
      send<'rollWebhookSecret'>('POST', of(id, '/roll-secret'), { ...options, body }),
    test: (id: string, options: ChangeOptions = {}) =>
      send<'testWebhookEndpoint'>('POST', of(id, '/test'), { ...options, body: {} }),
    deliveries: (
      id: string,
      query: QueryOf<'listDeliveries'> = {},
      options: RequestOptions = {},
    ): List<Delivery> => listOf(send, of(id, '/deliveries'), query, options),
    /** Sends again what failed, or all, of a range of time. */
    replay: (id: string, body: BodyOf<'replayDeliveries'> = {}, options: ChangeOptions = {}) =>
      send<'replayDeliveries'>('POST', of(id, '/replay'), { ...options, body }),
  };
}

function apiKeysOf(send: Send) {
  const of = (id: string, what = ''): string => `/v1/api-keys/${encodeURIComponent(id)}${what}`;
  return {
    /** A secret key is in this answer and in none after it. */
    create: (body: BodyOf<'createApiKey'>, options: ChangeOptions = {}) =>
      send<'createApiKey'>('POST', '/v1/api-keys', { ...options, body }),
    get: (id: string, options: RequestOptions = {}) => send<'getApiKey'>('GET', of(id), options),
    list: (query: QueryOf<'listApiKeys'> = {}, options: RequestOptions = {}): List<ApiKey> =>
      listOf(send, '/v1/api-keys', query, options),
    update: (id: string, body: BodyOf<'updateApiKey'>, options: ChangeOptions = {}) =>
      send<'updateApiKey'>('POST', of(id), { ...options, body }),
    /** A new key with the same rights; the old one ends when the overlap is over. */
    roll: (id: string, body: BodyOf<'rollApiKey'> = {}, options: ChangeOptions = {}) =>
      send<'rollApiKey'>('POST', of(id, '/roll'), { ...options, body }),
    revoke: (id: string, options: ChangeOptions = {}) =>
      send<'revokeApiKey'>('POST', of(id, '/revoke'), { ...options, body: {} }),
  };
}

function oauthClientsOf(send: Send) {
  const of = (id: string, what = ''): string => `/v1/oauth-clients/${encodeURIComponent(id)}${what}`;
  return {
    /** Its secret is in this answer and in none after it. */
    create: (body: BodyOf<'createOAuthClient'>, options: ChangeOptions = {}) =>
      send<'createOAuthClient'>('POST', '/v1/oauth-clients', { ...options, body }),
    get: (id: string, options: RequestOptions = {}) => send<'getOAuthClient'>('GET', of(id), options),
    list: (query: QueryOf<'listOAuthClients'> = {}, options: RequestOptions = {}): List<OAuthClient> =>
      listOf(send, '/v1/oauth-clients', query, options),
    update: (id: string, body: BodyOf<'updateOAuthClient'>, options: ChangeOptions = {}) =>
      send<'updateOAuthClient'>('POST', of(id), { ...options, body }),
    roll: (id: string, body: BodyOf<'rollOAuthClient'> = {}, options: ChangeOptions = {}) =>
      send<'rollOAuthClient'>('POST', of(id, '/roll'), { ...options, body }),
    /** Ends the client and its access tokens. */
    revoke: (id: string, options: ChangeOptions = {}) =>
      send<'revokeOAuthClient'>('POST', of(id, '/revoke'), { ...options, body: {} }),
  };
}

function signingSecretsOf(send: Send) {
  const of = (id: string, what = ''): string => `/v1/signing-secrets/${encodeURIComponent(id)}${what}`;
  return {
    /** Its text is in this answer and in none after it. */
    create: (body: BodyOf<'createSigningSecret'> = {}, options: ChangeOptions = {}) =>
      send<'createSigningSecret'>('POST', '/v1/signing-secrets', { ...options, body }),
    get: (id: string, options: RequestOptions = {}) => send<'getSigningSecret'>('GET', of(id), options),
    list: (query: QueryOf<'listSigningSecrets'> = {}, options: RequestOptions = {}): List<SigningSecret> =>
      listOf(send, '/v1/signing-secrets', query, options),
    revoke: (id: string, options: ChangeOptions = {}) =>
      send<'revokeSigningSecret'>('POST', of(id, '/revoke'), { ...options, body: {} }),
    /** Whether requests have to be signed; the client that turns it on needs `signing`. */
    require: (required: boolean, options: ChangeOptions = {}) =>
      send<'setRequestSigning'>('POST', '/v1/request-signing', { ...options, body: { required } }),
  };
}

/** The merchant API as a merchant's program sees it. */
export function createClient(options: QuittanceOptions) {
  const credentials = credentialsOf(options);
  const transport = createTransport(options, credentials);
  const send: Send = async (method, path, rest = {}) =>
    (await transport<never>({ ...rest, method, path })).body;
  return {
    payments: paymentsOf(send),
    cardVerifications: cardVerificationsOf(send),
    reviews: {
      get: (id: string, asked: RequestOptions = {}) =>
        send<'getReview'>('GET', `/v1/reviews/${encodeURIComponent(id)}`, asked),
      list: (query: QueryOf<'listReviews'> = {}, asked: RequestOptions = {}): List<Review> =>
        listOf(send, '/v1/reviews', query, asked),
    },
    customers: customersOf(send),
    cardTokens: {
      get: (id: string, asked: RequestOptions = {}) =>
        send<'getCardToken'>('GET', `/v1/card-tokens/${encodeURIComponent(id)}`, asked),
    },
    storedCards: {
      get: (token: string, asked: RequestOptions = {}) =>
        send<'getStoredCard'>('GET', `/v1/stored-cards/${encodeURIComponent(token)}`, asked),
      list: (query: QueryOf<'listStoredCards'> = {}, asked: RequestOptions = {}): List<StoredCard> =>
        listOf(send, '/v1/stored-cards', query, asked),
      /** Nothing is paid with it any more; what was goes on. */
      delete: async (token: string, asked: RequestOptions = {}): Promise<void> => {
        await send<'deleteStoredCard'>('DELETE', `/v1/stored-cards/${encodeURIComponent(token)}`, asked);
      },
    },
    captures: {
      get: (id: string, asked: RequestOptions = {}) =>
        send<'getCapture'>('GET', `/v1/captures/${encodeURIComponent(id)}`, asked),
      list: (query: QueryOf<'listCaptures'> = {}, asked: RequestOptions = {}): List<Capture> =>
        listOf(send, '/v1/captures', query, asked),
    },
    refunds: {
      get: (id: string, asked: RequestOptions = {}) =>
        send<'getRefund'>('GET', `/v1/refunds/${encodeURIComponent(id)}`, asked),
      list: (query: QueryOf<'listRefunds'> = {}, asked: RequestOptions = {}): List<Refund> =>
        listOf(send, '/v1/refunds', query, asked),
    },
    events: {
      get: (id: string, asked: RequestOptions = {}) =>
        send<'getEvent'>('GET', `/v1/events/${encodeURIComponent(id)}`, asked),
      list: (query: QueryOf<'listEvents'> = {}, asked: RequestOptions = {}): List<Event> =>
        listOf(send, '/v1/events', query, asked),
      /** @see streamEvents */
      stream: (asked: StreamOptions = {}): AsyncGenerator<StreamedEvent, void> =>
        streamEvents({ baseUrl: options.baseUrl, credentials }, asked),
    },
    webhookEndpoints: webhookEndpointsOf(send),
    apiKeys: apiKeysOf(send),
    oauthClients: oauthClientsOf(send),
    signingSecrets: signingSecretsOf(send),
    deliveries: {
      get: (id: string, asked: RequestOptions = {}) =>
        send<'getDelivery'>('GET', `/v1/deliveries/${encodeURIComponent(id)}`, asked),
      replay: (id: string, asked: ChangeOptions = {}) =>
        send<'replayDelivery'>('POST', `/v1/deliveries/${encodeURIComponent(id)}/replay`, {
          ...asked,
          body: {},
        }),
    },
    ledger: {
      balances: (query: QueryOf<'listBalances'> = {}, asked: RequestOptions = {}) =>
        send<'listBalances'>('GET', '/v1/balances', { ...asked, query }),
      trialBalance: (query: QueryOf<'getTrialBalance'> = {}, asked: RequestOptions = {}) =>
        send<'getTrialBalance'>('GET', '/v1/ledger/trial-balance', { ...asked, query }),
    },
    /** Any request, with the whole answer: its headers and its exact text. */
    request: <Body = unknown>(request: Request): Promise<Answer<Body>> => transport<Body>(request),
  };
}
export type Quittance = ReturnType<typeof createClient>;

/** True of a 202: the outcome is not known yet. */
export function isProcessing(
  answer: { readonly object: string } | ProcessingPayment,
): answer is ProcessingPayment {
  return 'pending' in answer && 'next_poll_after' in answer;
}

type Send = <Name extends OperationName>(
  method: Request['method'],
  path: string,
  rest?: Omit<Request, 'method' | 'path'>,
) => Promise<AnswerOf<Name>>;

function listOf<Item extends { readonly id: string }>(
  send: Send,
  path: string,
  query: QueryParameters,
  options: RequestOptions,
): List<Item> {
  return new List<Item>(query, (cursor) =>
    send('GET', path, {
      ...options,
      query: { ...query, starting_after: undefined, ending_before: undefined, ...cursor },
    }),
  );
}
