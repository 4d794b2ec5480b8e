// Generated from docs/openapi.json by schema.test.ts; not to be edited.
export interface paths {
    readonly "/v1/payments": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List payments
         * @description Newest first. All filters that are given must hold. Scope: `read`.
         */
        readonly get: operations["listPayments"];
        readonly put?: never;
        /**
         * Create a payment
         * @description Authorizes the card, and captures at once unless `capture` is `manual`. A decline is a payment with status `declined`, not an error. Scope: `payments`.
         */
        readonly post: operations["createPayment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{payment}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a payment
         * @description With its history, attempts, routing decisions and ledger entries, all as of one moment; with `expand[]` only with those that it names. Scope: `read`.
         */
        readonly get: operations["getPayment"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{payment}/increments": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Add to what is held
         * @description What is added, not the new total. Only for a payment with `authorization_type` `pre`. A failed increment leaves the old amount held. Scope: `payments`.
         */
        readonly post: operations["incrementPayment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{payment}/captures": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Capture, and give back the rest
         * @description Takes `amount`, all that is held unless it says, and releases what is left: `final` is true unless it says otherwise. Scope: `payments`.
         */
        readonly post: operations["capturePayment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{payment}/capture": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Capture a part
         * @description The same for those who capture in parts: `final` is false unless it says otherwise. Scope: `payments`.
         */
        readonly post: operations["capturePart"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{payment}/reauthorize": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Renew an authorization
         * @description For a payment of which nothing was captured, near its `capture_before` or after it expired. The old authorization is reversed first; there are never two. Scope: `payments`.
         */
        readonly post: operations["reauthorizePayment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{payment}/void": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Give back all that is held
         * @description Releases what is not captured yet. A payment that is still being authorized is undone. Scope: `payments`.
         */
        readonly post: operations["voidPayment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{payment}/refunds": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Give back what was captured
         * @description Without an amount: all that is still refundable. Scope: `refunds`.
         */
        readonly post: operations["refundPayment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/card-verifications": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List card verifications
         * @description Newest first. All filters that are given must hold. Scope: `read`.
         */
        readonly get: operations["listCardVerifications"];
        readonly put?: never;
        /**
         * Verify a card
         * @description Asks the card’s issuer whether it is good: amount zero, nothing is held, nothing is posted. `declined` is what the issuer said; where nobody said anything it ends as `unknown`, never as a decline. Scope: `payments`.
         */
        readonly post: operations["createCardVerification"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/card-verifications/{verification}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a card verification
         * @description As it stands. Scope: `read`.
         */
        readonly get: operations["getCardVerification"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/stored-cards": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List stored cards
         * @description Newest first: every card that a payment or a verification of yours took, each once, until it is deleted. All filters that are given must hold. Scope: `read`.
         */
        readonly get: operations["listStoredCards"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/stored-cards/{card}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a stored card
         * @description By the token that payments and verifications show as `card.token`. Scope: `read`.
         */
        readonly get: operations["getStoredCard"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Delete a stored card
         * @description From now on nothing is paid with it. What it was paid with before goes on: captures, voids and refunds do not need it in this list. A payment that was accepted before and is not authorized yet is authorized still, and may leave the card behind under another token. Deleting it again is 204 as well. Its number is destroyed when none of its payments was changed in 18 months; at an acquirer that wants the number for a refund, one after that is not possible. Scope: `payments`.
         */
        readonly delete: operations["deleteStoredCard"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/card-tokens/{token}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a card token
         * @description Whether a one-time token can still be paid with, and of which card it is: no more than the page that made it was told. Asking does not use it up. It is gone some time after it ran out. Scope: `read`.
         */
        readonly get: operations["getCardToken"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/customers": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List customers
         * @description Newest first, without those that were deleted. All filters that are given must hold. Scope: `read`.
         */
        readonly get: operations["listCustomers"];
        readonly put?: never;
        /**
         * Create a customer
         * @description Its id is `customer` of payments. All of it is optional; a `reference` is unique. Scope: `payments`.
         */
        readonly post: operations["createCustomer"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/customers/{customer}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a customer
         * @description As it stands. Scope: `read`.
         */
        readonly get: operations["getCustomer"];
        readonly put?: never;
        /**
         * Change a customer
         * @description What is not sent stays; `metadata` is replaced as a whole. Scope: `payments`.
         */
        readonly post: operations["updateCustomer"];
        /**
         * Delete a customer
         * @description Reference, name, address and metadata are gone from it; its payments keep its id, which names nobody any more. A repeat of the request that made or changed it, under its Idempotency-Key, is answered as it was. Deleting it again is 204 as well. Stored cards are deleted by themselves. Scope: `payments`.
         */
        readonly delete: operations["deleteCustomer"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/reviews": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List reviews
         * @description Payments whose money is held until a person has decided, and those of which that is over; those of the newest payments first. What was scored, and why, is `risk` of the payment. Scope: `read`.
         */
        readonly get: operations["listReviews"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/reviews/{review}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a review
         * @description As it stands. A payment has one at most, and its id has the payment’s letters: `rev_…`. Scope: `read`.
         */
        readonly get: operations["getReview"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/events/stream": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Follow events
         * @description Server-sent events, from now on: each event once, in the order in which they became final, as `data` the very bytes that webhook endpoints of the newest version are sent. Every message has an `id`; a reader that comes back with it as `Last-Event-ID` (browsers do by themselves) goes on behind it, without loss or gap, for 30 days. Ends after ten minutes at the latest. At most 5 at once. Scope: `read`.
         */
        readonly get: operations["streamEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{payment}/explain": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Explain a payment
         * @description Why this score, this acquirer and these retries, in the order in which it happened, from the record. Scope: `read`.
         */
        readonly get: operations["explainPayment"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/captures": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List captures
         * @description Newest first, of all payments or of one. Scope: `read`.
         */
        readonly get: operations["listCaptures"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/captures/{capture}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a capture
         * @description One capture with its payment’s id. Scope: `read`.
         */
        readonly get: operations["getCapture"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/refunds": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List refunds
         * @description Newest first, of all payments or of one. Scope: `read`.
         */
        readonly get: operations["listRefunds"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/refunds/{refund}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a refund
         * @description One refund with its payment’s id. Scope: `read`.
         */
        readonly get: operations["getRefund"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List events
         * @description Of the last 30 days, newest first, also those that no endpoint was told of. An event stands in the list within moments of its time, not at once: who follows it reads the last minute again. Scope: `read`.
         */
        readonly get: operations["listEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/events/{event}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get an event
         * @description The very bytes that a webhook endpoint of the newest version is sent. Told for 30 days. Scope: `read`.
         */
        readonly get: operations["getEvent"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhook-endpoints": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List webhook endpoints
         * @description Newest first. Scope: `read`.
         */
        readonly get: operations["listWebhookEndpoints"];
        readonly put?: never;
        /**
         * Create a webhook endpoint
         * @description From now on it is sent every event that it wants. Its secret signs them as Standard Webhooks says; it is shown once. Scope: `admin`.
         */
        readonly post: operations["createWebhookEndpoint"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhook-endpoints/{endpoint}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a webhook endpoint
         * @description Without its secret. Scope: `read`.
         */
        readonly get: operations["getWebhookEndpoint"];
        readonly put?: never;
        /**
         * Change, disable or enable a webhook endpoint
         * @description What is not sent stays. A disabled endpoint is told of nothing that happens meanwhile, and what is on its way to it ends as `endpoint_disabled` within seconds. One that took nothing for five days is disabled by us, with `disabled_reason` `failing`; enable it again here, then replay. Scope: `admin`.
         */
        readonly post: operations["updateWebhookEndpoint"];
        /**
         * Delete a webhook endpoint
         * @description Gone at once, with its secrets. What was on its way to it is not sent any more. Deleting it again is 404. Scope: `admin`.
         */
        readonly delete: operations["deleteWebhookEndpoint"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhook-endpoints/{endpoint}/roll-secret": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Give it a new secret
         * @description While the two overlap every event carries both signatures. A secret that is rolled again while it overlaps ends the oldest. Scope: `admin`.
         */
        readonly post: operations["rollWebhookSecret"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhook-endpoints/{endpoint}/test": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Send it a test event
         * @description An event of type `endpoint.test` for this endpoint alone, whatever types it wants. Scope: `admin`.
         */
        readonly post: operations["testWebhookEndpoint"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhook-endpoints/{endpoint}/deliveries": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List deliveries
         * @description What was sent to an endpoint, newest event first, each with all its attempts. Scope: `read`.
         */
        readonly get: operations["listDeliveries"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhook-endpoints/{endpoint}/replay": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Replay many deliveries
         * @description Sends again what failed, or all, of a range of time within the last 30 days: at most 1000 at once, oldest first. Each is a new delivery with a `webhook-id` of its own. Scope: `admin`.
         */
        readonly post: operations["replayDeliveries"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/deliveries/{delivery}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a delivery
         * @description With all its attempts. Scope: `read`.
         */
        readonly get: operations["getDelivery"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/deliveries/{delivery}/replay": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Replay a delivery
         * @description Sends its event to its endpoint again, as a new delivery of the same bytes, also when it was delivered. Not when the event is older than 30 days. Scope: `admin`.
         */
        readonly post: operations["replayDelivery"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/api-keys": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List API keys
         * @description Newest first, those that are revoked as well. Scope: `admin`.
         */
        readonly get: operations["listApiKeys"];
        readonly put?: never;
        /**
         * Create an API key
         * @description Of your merchant and mode, with at most the scopes of the key that asks. The text of a secret key is shown once; a repeat of the request shows it again. Without `version` it is pinned to that of the request. Scope: `admin`.
         */
        readonly post: operations["createApiKey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/api-keys/{key}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get an API key
         * @description A secret key without its text. Scope: `admin`.
         */
        readonly get: operations["getApiKey"];
        readonly put?: never;
        /**
         * Change an API key
         * @description Its name, and where it may be used from. What is not sent stays. Holds within 3 seconds. Scope: `admin`.
         */
        readonly post: operations["updateApiKey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/api-keys/{key}/roll": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Give it another text
         * @description While the two overlap both are good. A key that is rolled again while it overlaps ends the oldest. Scope: `admin`.
         */
        readonly post: operations["rollApiKey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/api-keys/{key}/revoke": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Revoke an API key
         * @description For good, and at the latest 3 seconds later everywhere. A key may revoke itself. Revoked again it stays as it is. Scope: `admin`.
         */
        readonly post: operations["revokeApiKey"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/oauth-clients": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List OAuth clients
         * @description Newest first, those that are revoked as well. Scope: `admin`.
         */
        readonly get: operations["listOAuthClients"];
        readonly put?: never;
        /**
         * Create an OAuth client
         * @description Of your merchant and mode, with at most the scopes of the key that asks. It exchanges `id` and `client_secret` for access tokens at `POST /v1/oauth/token`, which are taken wherever a secret key is. The secret is shown once; a repeat of the request shows it again. Scope: `admin`.
         */
        readonly post: operations["createOAuthClient"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/oauth-clients/{client}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get an OAuth client
         * @description Without its secret. Scope: `admin`.
         */
        readonly get: operations["getOAuthClient"];
        readonly put?: never;
        /**
         * Change an OAuth client
         * @description Its name, its version, and where it and its tokens may be used from. What is not sent stays. Holds within 3 seconds, for tokens that it has as well. Scope: `admin`.
         */
        readonly post: operations["updateOAuthClient"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/oauth-clients/{client}/roll": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Give it another secret
         * @description While the two overlap both get tokens. Tokens that were given out stay good until they end, at most ten minutes: revoke the client to end them at once. Scope: `admin`.
         */
        readonly post: operations["rollOAuthClient"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/oauth-clients/{client}/revoke": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Revoke an OAuth client
         * @description For good, with every token that it was given, and at the latest 3 seconds later everywhere. Revoked again it stays as it is. Scope: `admin`.
         */
        readonly post: operations["revokeOAuthClient"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/signing-secrets": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List signing secrets
         * @description Newest first, those that are revoked as well. Scope: `admin`.
         */
        readonly get: operations["listSigningSecrets"];
        readonly put?: never;
        /**
         * Create a signing secret
         * @description Of your merchant and mode. Its text is shown once; a repeat of the request shows it again. To change a secret, create another, sign with it, and revoke the old one. Scope: `admin`.
         */
        readonly post: operations["createSigningSecret"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/signing-secrets/{secret}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a signing secret
         * @description Without its text. Scope: `admin`.
         */
        readonly get: operations["getSigningSecret"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/signing-secrets/{secret}/revoke": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Revoke a signing secret
         * @description For good, and at the latest 3 seconds later everywhere. The last one is needed while requests have to be signed. Scope: `admin`.
         */
        readonly post: operations["revokeSigningSecret"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/request-signing": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Ask whether requests have to be signed
         * @description In the mode of the key. Scope: `admin`.
         */
        readonly get: operations["getRequestSigning"];
        readonly put?: never;
        /**
         * Say whether requests have to be signed
         * @description In the mode of the key. From then on one that is not signed (RFC 9421) is 401 `signature_missing`, at the latest 3 seconds later everywhere. The request that asks for it has to be signed itself, and so has the one that takes it back. Scope: `admin`.
         */
        readonly post: operations["setRequestSigning"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/balances": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Balances of all accounts
         * @description Now, or as of a moment. Scope: `read`.
         */
        readonly get: operations["listBalances"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/ledger/accounts": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Accounts with their balances
         * @description The same with when each account was opened and closed. Scope: `read`.
         */
        readonly get: operations["listLedgerAccounts"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/ledger/accounts/{account}/entries": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Entries of one account
         * @description Newest first, each with the balance right after it. Scope: `read`.
         */
        readonly get: operations["listLedgerEntries"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/ledger/transactions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Transactions with their entries
         * @description Newest first in the order of the ledger; read from page to page every one comes exactly once. Scope: `read`.
         */
        readonly get: operations["listLedgerTransactions"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/ledger/transactions/{transaction}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Get a transaction
         * @description One transaction with its entries. Scope: `read`.
         */
        readonly get: operations["getLedgerTransaction"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/ledger/trial-balance": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Trial balance
         * @description Debits and credits per account and currency, added up from the entries themselves. Scope: `read`.
         */
        readonly get: operations["getTrialBalance"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/ledger/statement": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Statement of a period
         * @description Opening balances, every entry with `from` < `at` ≤ `to`, closing balances; JSON or CSV. Scope: `read`.
         */
        readonly get: operations["getLedgerStatement"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        readonly Problem: {
            /** @description Where this kind of problem is explained: a path of this API. */
            readonly type: string;
            readonly title: string;
            readonly status: number;
            /** @enum {string} */
            readonly code: "api_key_missing" | "api_key_invalid" | "access_token_invalid" | "access_token_expired" | "signature_missing" | "signature_invalid" | "signature_expired" | "signature_replayed" | "content_digest_wrong" | "ip_not_allowed" | "scope_missing" | "scope_exceeded" | "malformed_request" | "route_not_found" | "method_not_allowed" | "request_timeout" | "body_too_large" | "unsupported_media_type" | "headers_too_large" | "event_refused" | "version_unknown" | "malformed_json" | "idempotency_key_missing" | "idempotency_key_invalid" | "idempotency_key_reused" | "field_missing" | "field_unknown" | "field_invalid" | "amount_invalid" | "currency_invalid" | "card_number_invalid" | "card_expired" | "authorize_by_out_of_range" | "card_number_in_field" | "security_code_in_field" | "card_token_unknown" | "card_token_used" | "stored_card_not_found" | "stored_card_deleted" | "review_not_found" | "customer_not_found" | "customer_deleted" | "customer_reference_taken" | "payment_not_found" | "card_verification_not_found" | "capture_not_found" | "refund_not_found" | "event_expired" | "event_not_found" | "webhook_endpoint_not_found" | "delivery_not_found" | "webhook_url_refused" | "webhook_endpoint_disabled" | "webhook_endpoint_limit" | "delivery_not_replayable" | "api_key_not_found" | "api_key_revoked" | "api_key_limit" | "oauth_client_not_found" | "oauth_client_revoked" | "oauth_client_limit" | "signing_secret_not_found" | "signing_secret_limit" | "signing_secret_needed" | "ledger_transaction_not_found" | "ledger_account_not_found" | "rate_limited" | "too_many_at_once" | "too_many_statements" | "too_many_streams" | "payment_not_incrementable" | "payment_not_reauthorizable" | "payment_not_capturable" | "payment_not_voidable" | "payment_not_refundable" | "authorization_expired" | "operation_pending" | "payment_paused" | "review_open" | "review_not_open" | "void_refused" | "increment_exceeds_limit" | "not_possible_at_acquirer" | "capture_exceeds_authorized" | "payment_not_disputable" | "operation_not_unknown" | "payment_not_adoptable" | "operation_not_withdrawable" | "refund_exceeds_captured" | "dispute_exceeds_captured" | "reversal_exceeds_disputed" | "overloaded" | "service_unavailable" | "internal_error";
            /** @description What happened, to which id, and what to do. */
            readonly detail: string;
            /** @description JSON pointer into the body, or the name of a parameter. */
            readonly param?: string;
            /** @description Everything that is wrong; `code`, `param` and `detail` above are those of the first. */
            readonly errors?: readonly {
                /** @enum {string} */
                readonly code: "api_key_missing" | "api_key_invalid" | "access_token_invalid" | "access_token_expired" | "signature_missing" | "signature_invalid" | "signature_expired" | "signature_replayed" | "content_digest_wrong" | "ip_not_allowed" | "scope_missing" | "scope_exceeded" | "malformed_request" | "route_not_found" | "method_not_allowed" | "request_timeout" | "body_too_large" | "unsupported_media_type" | "headers_too_large" | "event_refused" | "version_unknown" | "malformed_json" | "idempotency_key_missing" | "idempotency_key_invalid" | "idempotency_key_reused" | "field_missing" | "field_unknown" | "field_invalid" | "amount_invalid" | "currency_invalid" | "card_number_invalid" | "card_expired" | "authorize_by_out_of_range" | "card_number_in_field" | "security_code_in_field" | "card_token_unknown" | "card_token_used" | "stored_card_not_found" | "stored_card_deleted" | "review_not_found" | "customer_not_found" | "customer_deleted" | "customer_reference_taken" | "payment_not_found" | "card_verification_not_found" | "capture_not_found" | "refund_not_found" | "event_expired" | "event_not_found" | "webhook_endpoint_not_found" | "delivery_not_found" | "webhook_url_refused" | "webhook_endpoint_disabled" | "webhook_endpoint_limit" | "delivery_not_replayable" | "api_key_not_found" | "api_key_revoked" | "api_key_limit" | "oauth_client_not_found" | "oauth_client_revoked" | "oauth_client_limit" | "signing_secret_not_found" | "signing_secret_limit" | "signing_secret_needed" | "ledger_transaction_not_found" | "ledger_account_not_found" | "rate_limited" | "too_many_at_once" | "too_many_statements" | "too_many_streams" | "payment_not_incrementable" | "payment_not_reauthorizable" | "payment_not_capturable" | "payment_not_voidable" | "payment_not_refundable" | "authorization_expired" | "operation_pending" | "payment_paused" | "review_open" | "review_not_open" | "void_refused" | "increment_exceeds_limit" | "not_possible_at_acquirer" | "capture_exceeds_authorized" | "payment_not_disputable" | "operation_not_unknown" | "payment_not_adoptable" | "operation_not_withdrawable" | "refund_exceeds_captured" | "dispute_exceeds_captured" | "reversal_exceeds_disputed" | "overloaded" | "service_unavailable" | "internal_error";
                readonly param: string;
                readonly detail: string;
            }[];
            /** @description What it is about. */
            readonly instance?: string;
            /** @description Name it when you ask us. Not in an answer that is kept and repeated. */
            readonly request_id?: string;
        };
        readonly Payment: {
            readonly id: string;
            /** @constant */
            readonly object: "payment";
            /** @enum {string} */
            readonly mode: "test" | "live";
            /** Format: date-time */
            readonly created: string;
            readonly amount: number;
            readonly currency: string;
            /** @enum {string} */
            readonly capture: "automatic" | "manual";
            /** @enum {string} */
            readonly authorization_type: "final" | "pre";
            /**
             * @description `processing` means that the outcome is not known yet. It is neither yes nor no.
             * @enum {string}
             */
            readonly status: "processing" | "in_review" | "authorized" | "partially_captured" | "captured" | "partially_refunded" | "refunded" | "voided" | "declined" | "blocked" | "expired" | "failed";
            readonly amount_authorized: number;
            readonly amount_captured: number;
            readonly amount_capturable: number;
            readonly amount_refunded: number;
            readonly amount_refund_pending: number;
            readonly amount_refundable: number;
            readonly amount_disputed: number;
            readonly card: {
                readonly token: string;
                /** @description The same for the same card number, for you alone. */
                readonly fingerprint: string;
                /** @enum {string} */
                readonly brand: "visa" | "mastercard" | "amex" | "discover" | "diners" | "jcb" | "unionpay" | "maestro" | "other";
                readonly bin: string;
                readonly last_four: string;
                readonly expiry_month: number;
                readonly expiry_year: number;
            } | null;
            readonly decline_code: string | null;
            readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
            /** @description What could help after a decline. */
            readonly remedy: ("other_route" | "later" | "authenticate" | "fix_data" | "never" | "none") | null;
            readonly risk: {
                readonly score: number;
                /** @enum {string} */
                readonly decision: "accept" | "review" | "block";
                readonly reasons: readonly string[];
            } | null;
            readonly acquirer: {
                readonly id: string;
                readonly reference: string | null;
                readonly approval_code: string | null;
                readonly avs_result: string | null;
                readonly cvv_result: string | null;
            } | null;
            readonly reauthorizations: readonly {
                readonly id: string;
                /** @constant */
                readonly object: "reauthorization";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
                readonly decline_code: string | null;
            }[];
            readonly increments: readonly {
                readonly id: string;
                /** @constant */
                readonly object: "increment";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
                readonly decline_code: string | null;
            }[];
            readonly captures: readonly {
                readonly id: string;
                /** @constant */
                readonly object: "capture";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
                /** @description Nothing more is captured; what is left of the hold is given back. */
                readonly final: boolean;
                /** @description Only under terms. */
                readonly settlement?: {
                    readonly currency: string;
                    readonly gross: number | string;
                    readonly fees: number | string;
                    readonly fee_details: {
                        readonly platform: number | string;
                        readonly recharged: number | string;
                    };
                    /** @description What you are owed before refunds, the reserve included. */
                    readonly net: number | string;
                    readonly fees_refunded: number | string;
                    readonly exchange_rate: {
                        readonly from: string;
                        readonly to: string;
                        /** @description Decimal: one unit of `from` in `to`. */
                        readonly rate: string;
                        readonly source: string;
                        /** Format: date-time */
                        readonly at: string;
                    } | null;
                    readonly reserve: {
                        readonly amount: number | string;
                        /** Format: date-time */
                        readonly release_at: string;
                        readonly released: boolean;
                    } | null;
                    readonly available_at: string | null;
                    readonly available: boolean;
                };
            }[];
            readonly refunds: readonly {
                readonly id: string;
                /** @constant */
                readonly object: "refund";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
                /** @description Only under terms: one line for each capture. */
                readonly settlement?: readonly {
                    readonly capture: string;
                    readonly currency: string;
                    readonly gross: number | string;
                    readonly fees_refunded: number | string;
                    readonly net: number | string;
                    readonly exchange_rate: {
                        readonly from: string;
                        readonly to: string;
                        /** @description Decimal: one unit of `from` in `to`. */
                        readonly rate: string;
                        readonly source: string;
                        /** Format: date-time */
                        readonly at: string;
                    } | null;
                }[];
            }[];
            readonly voids: readonly {
                readonly id: string;
                /** @constant */
                readonly object: "void";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
            }[];
            readonly disputes: readonly {
                readonly id: string;
                /** @enum {string} */
                readonly object: "chargeback" | "chargeback_reversal";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
            }[];
            readonly description: string | null;
            readonly order_reference: string | null;
            readonly customer_reference: string | null;
            readonly customer: string | null;
            readonly metadata: {
                readonly [key: string]: string;
            };
            /** Format: date-time */
            readonly authorize_by: string;
            readonly capture_before: string | null;
            /** @description Counts the changes of this payment. */
            readonly version: number;
        };
        readonly PaymentDetails: {
            readonly id: string;
            /** @constant */
            readonly object: "payment";
            /** @enum {string} */
            readonly mode: "test" | "live";
            /** Format: date-time */
            readonly created: string;
            readonly amount: number;
            readonly currency: string;
            /** @enum {string} */
            readonly capture: "automatic" | "manual";
            /** @enum {string} */
            readonly authorization_type: "final" | "pre";
            /**
             * @description `processing` means that the outcome is not known yet. It is neither yes nor no.
             * @enum {string}
             */
            readonly status: "processing" | "in_review" | "authorized" | "partially_captured" | "captured" | "partially_refunded" | "refunded" | "voided" | "declined" | "blocked" | "expired" | "failed";
            readonly amount_authorized: number;
            readonly amount_captured: number;
            readonly amount_capturable: number;
            readonly amount_refunded: number;
            readonly amount_refund_pending: number;
            readonly amount_refundable: number;
            readonly amount_disputed: number;
            readonly card: {
                readonly token: string;
                /** @description The same for the same card number, for you alone. */
                readonly fingerprint: string;
                /** @enum {string} */
                readonly brand: "visa" | "mastercard" | "amex" | "discover" | "diners" | "jcb" | "unionpay" | "maestro" | "other";
                readonly bin: string;
                readonly last_four: string;
                readonly expiry_month: number;
                readonly expiry_year: number;
            } | null;
            readonly decline_code: string | null;
            readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
            /** @description What could help after a decline. */
            readonly remedy: ("other_route" | "later" | "authenticate" | "fix_data" | "never" | "none") | null;
            readonly risk: {
                readonly score: number;
                /** @enum {string} */
                readonly decision: "accept" | "review" | "block";
                readonly reasons: readonly string[];
            } | null;
            readonly acquirer: {
                readonly id: string;
                readonly reference: string | null;
                readonly approval_code: string | null;
                readonly avs_result: string | null;
                readonly cvv_result: string | null;
            } | null;
            readonly reauthorizations: readonly {
                readonly id: string;
                /** @constant */
                readonly object: "reauthorization";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
                readonly decline_code: string | null;
            }[];
            readonly increments: readonly {
                readonly id: string;
                /** @constant */
                readonly object: "increment";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
                readonly decline_code: string | null;
            }[];
            readonly captures: readonly {
                readonly id: string;
                /** @constant */
                readonly object: "capture";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
                /** @description Nothing more is captured; what is left of the hold is given back. */
                readonly final: boolean;
                /** @description Only under terms. */
                readonly settlement?: {
                    readonly currency: string;
                    readonly gross: number | string;
                    readonly fees: number | string;
                    readonly fee_details: {
                        readonly platform: number | string;
                        readonly recharged: number | string;
                    };
                    /** @description What you are owed before refunds, the reserve included. */
                    readonly net: number | string;
                    readonly fees_refunded: number | string;
                    readonly exchange_rate: {
                        readonly from: string;
                        readonly to: string;
                        /** @description Decimal: one unit of `from` in `to`. */
                        readonly rate: string;
                        readonly source: string;
                        /** Format: date-time */
                        readonly at: string;
                    } | null;
                    readonly reserve: {
                        readonly amount: number | string;
                        /** Format: date-time */
                        readonly release_at: string;
                        readonly released: boolean;
                    } | null;
                    readonly available_at: string | null;
                    readonly available: boolean;
                };
            }[];
            readonly refunds: readonly {
                readonly id: string;
                /** @constant */
                readonly object: "refund";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
                /** @description Only under terms: one line for each capture. */
                readonly settlement?: readonly {
                    readonly capture: string;
                    readonly currency: string;
                    readonly gross: number | string;
                    readonly fees_refunded: number | string;
                    readonly net: number | string;
                    readonly exchange_rate: {
                        readonly from: string;
                        readonly to: string;
                        /** @description Decimal: one unit of `from` in `to`. */
                        readonly rate: string;
                        readonly source: string;
                        /** Format: date-time */
                        readonly at: string;
                    } | null;
                }[];
            }[];
            readonly voids: readonly {
                readonly id: string;
                /** @constant */
                readonly object: "void";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
            }[];
            readonly disputes: readonly {
                readonly id: string;
                /** @enum {string} */
                readonly object: "chargeback" | "chargeback_reversal";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
            }[];
            readonly description: string | null;
            readonly order_reference: string | null;
            readonly customer_reference: string | null;
            readonly customer: string | null;
            readonly metadata: {
                readonly [key: string]: string;
            };
            /** Format: date-time */
            readonly authorize_by: string;
            readonly capture_before: string | null;
            /** @description Counts the changes of this payment. */
            readonly version: number;
            readonly history_archived?: number;
            readonly history?: readonly {
                readonly version: number;
                /** Format: date-time */
                readonly at: string;
                readonly event: string;
                /** @enum {string} */
                readonly status: "processing" | "in_review" | "authorized" | "partially_captured" | "captured" | "partially_refunded" | "refunded" | "voided" | "declined" | "blocked" | "expired" | "failed";
                readonly detail: {
                    readonly [key: string]: unknown;
                };
            }[];
            readonly attempts?: readonly {
                readonly id: string;
                readonly operation: string;
                /** @enum {string} */
                readonly kind: "authorization" | "sale" | "increment" | "capture" | "void" | "partial_void" | "refund" | "reversal";
                /** @enum {string} */
                readonly state: "planned" | "sending" | "answered" | "fenced" | "reversing" | "reversed";
                readonly outcome: ("approved" | "declined" | "action_required" | "pending" | "retryable" | "ambiguous") | null;
                readonly response_code: string | null;
                readonly acquirer: string;
                readonly rrn: string | null;
                /** Format: date-time */
                readonly planned: string;
                readonly sent: string | null;
                readonly answered: string | null;
            }[];
            readonly routing?: readonly ({
                readonly attempt: number;
                /** Format: date-time */
                readonly at: string;
                readonly chosen: string | null;
                readonly candidates: readonly ({
                    readonly acquirer: string;
                    readonly account: string;
                    readonly chosen: boolean;
                } & {
                    readonly [key: string]: unknown;
                })[];
            } & {
                readonly [key: string]: unknown;
            })[];
            readonly ledger?: readonly {
                readonly id: string;
                readonly event: string;
                /** Format: date-time */
                readonly at: string;
                readonly operation: string | null;
                readonly attempt: string | null;
                readonly entries: readonly {
                    readonly account_id: string;
                    readonly account: string;
                    /** @enum {string} */
                    readonly side: "debit" | "credit";
                    readonly amount: number | string;
                    readonly currency: string;
                }[];
            }[];
        };
        readonly ProcessingPayment: {
            readonly id: string;
            /** @constant */
            readonly object: "payment";
            /** @enum {string} */
            readonly mode: "test" | "live";
            /** Format: date-time */
            readonly created: string;
            readonly amount: number;
            readonly currency: string;
            /** @enum {string} */
            readonly capture: "automatic" | "manual";
            /** @enum {string} */
            readonly authorization_type: "final" | "pre";
            /**
             * @description `processing` means that the outcome is not known yet. It is neither yes nor no.
             * @enum {string}
             */
            readonly status: "processing" | "in_review" | "authorized" | "partially_captured" | "captured" | "partially_refunded" | "refunded" | "voided" | "declined" | "blocked" | "expired" | "failed";
            readonly amount_authorized: number;
            readonly amount_captured: number;
            readonly amount_capturable: number;
            readonly amount_refunded: number;
            readonly amount_refund_pending: number;
            readonly amount_refundable: number;
            readonly amount_disputed: number;
            readonly card: {
                readonly token: string;
                /** @description The same for the same card number, for you alone. */
                readonly fingerprint: string;
                /** @enum {string} */
                readonly brand: "visa" | "mastercard" | "amex" | "discover" | "diners" | "jcb" | "unionpay" | "maestro" | "other";
                readonly bin: string;
                readonly last_four: string;
                readonly expiry_month: number;
                readonly expiry_year: number;
            } | null;
            readonly decline_code: string | null;
            readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
            /** @description What could help after a decline. */
            readonly remedy: ("other_route" | "later" | "authenticate" | "fix_data" | "never" | "none") | null;
            readonly risk: {
                readonly score: number;
                /** @enum {string} */
                readonly decision: "accept" | "review" | "block";
                readonly reasons: readonly string[];
            } | null;
            readonly acquirer: {
                readonly id: string;
                readonly reference: string | null;
                readonly approval_code: string | null;
                readonly avs_result: string | null;
                readonly cvv_result: string | null;
            } | null;
            readonly reauthorizations: readonly {
                readonly id: string;
                /** @constant */
                readonly object: "reauthorization";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
                readonly decline_code: string | null;
            }[];
            readonly increments: readonly {
                readonly id: string;
                /** @constant */
                readonly object: "increment";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
                readonly decline_code: string | null;
            }[];
            readonly captures: readonly {
                readonly id: string;
                /** @constant */
                readonly object: "capture";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
                /** @description Nothing more is captured; what is left of the hold is given back. */
                readonly final: boolean;
                /** @description Only under terms. */
                readonly settlement?: {
                    readonly currency: string;
                    readonly gross: number | string;
                    readonly fees: number | string;
                    readonly fee_details: {
                        readonly platform: number | string;
                        readonly recharged: number | string;
                    };
                    /** @description What you are owed before refunds, the reserve included. */
                    readonly net: number | string;
                    readonly fees_refunded: number | string;
                    readonly exchange_rate: {
                        readonly from: string;
                        readonly to: string;
                        /** @description Decimal: one unit of `from` in `to`. */
                        readonly rate: string;
                        readonly source: string;
                        /** Format: date-time */
                        readonly at: string;
                    } | null;
                    readonly reserve: {
                        readonly amount: number | string;
                        /** Format: date-time */
                        readonly release_at: string;
                        readonly released: boolean;
                    } | null;
                    readonly available_at: string | null;
                    readonly available: boolean;
                };
            }[];
            readonly refunds: readonly {
                readonly id: string;
                /** @constant */
                readonly object: "refund";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
                /** @description Only under terms: one line for each capture. */
                readonly settlement?: readonly {
                    readonly capture: string;
                    readonly currency: string;
                    readonly gross: number | string;
                    readonly fees_refunded: number | string;
                    readonly net: number | string;
                    readonly exchange_rate: {
                        readonly from: string;
                        readonly to: string;
                        /** @description Decimal: one unit of `from` in `to`. */
                        readonly rate: string;
                        readonly source: string;
                        /** Format: date-time */
                        readonly at: string;
                    } | null;
                }[];
            }[];
            readonly voids: readonly {
                readonly id: string;
                /** @constant */
                readonly object: "void";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
            }[];
            readonly disputes: readonly {
                readonly id: string;
                /** @enum {string} */
                readonly object: "chargeback" | "chargeback_reversal";
                readonly amount: number;
                readonly currency: string;
                /** @enum {string} */
                readonly status: "pending" | "succeeded" | "failed";
                readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                readonly reason: string | null;
                /**
                 * @description Only of what the acquirer began.
                 * @constant
                 */
                readonly origin?: "acquirer";
                /**
                 * @description What a person said became of it, when no machine could.
                 * @enum {string}
                 */
                readonly resolution?: "executed" | "not_executed";
                readonly acquirer_reference?: string;
                /** Format: date-time */
                readonly created: string;
            }[];
            readonly description: string | null;
            readonly order_reference: string | null;
            readonly customer_reference: string | null;
            readonly customer: string | null;
            readonly metadata: {
                readonly [key: string]: string;
            };
            /** Format: date-time */
            readonly authorize_by: string;
            readonly capture_before: string | null;
            /** @description Counts the changes of this payment. */
            readonly version: number;
            /** @description What is not known yet, under the id that it keeps. */
            readonly pending: {
                readonly id: string;
                readonly object: string;
            };
            /** Format: date-time */
            readonly next_poll_after: string;
        };
        readonly PaymentExplanation: {
            /** @constant */
            readonly object: "payment_explanation";
            readonly payment: string;
            /** @enum {string} */
            readonly status: "processing" | "in_review" | "authorized" | "partially_captured" | "captured" | "partially_refunded" | "refunded" | "voided" | "declined" | "blocked" | "expired" | "failed";
            readonly summary: string;
            readonly steps: readonly {
                /** Format: date-time */
                readonly at: string;
                /** @enum {string} */
                readonly step: "created" | "scored" | "routed" | "attempted" | "answered" | "changed";
                /** @description A sentence. */
                readonly summary: string;
                readonly details: {
                    readonly [key: string]: unknown;
                };
            }[];
        };
        readonly PaymentList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["Payment"][];
            readonly has_more: boolean;
        };
        readonly Capture: {
            readonly id: string;
            /** @constant */
            readonly object: "capture";
            readonly amount: number;
            readonly currency: string;
            /** @enum {string} */
            readonly status: "pending" | "succeeded" | "failed";
            readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
            readonly reason: string | null;
            /**
             * @description Only of what the acquirer began.
             * @constant
             */
            readonly origin?: "acquirer";
            /**
             * @description What a person said became of it, when no machine could.
             * @enum {string}
             */
            readonly resolution?: "executed" | "not_executed";
            readonly acquirer_reference?: string;
            /** Format: date-time */
            readonly created: string;
            /** @description Nothing more is captured; what is left of the hold is given back. */
            readonly final: boolean;
            /** @description Only under terms. */
            readonly settlement?: {
                readonly currency: string;
                readonly gross: number | string;
                readonly fees: number | string;
                readonly fee_details: {
                    readonly platform: number | string;
                    readonly recharged: number | string;
                };
                /** @description What you are owed before refunds, the reserve included. */
                readonly net: number | string;
                readonly fees_refunded: number | string;
                readonly exchange_rate: {
                    readonly from: string;
                    readonly to: string;
                    /** @description Decimal: one unit of `from` in `to`. */
                    readonly rate: string;
                    readonly source: string;
                    /** Format: date-time */
                    readonly at: string;
                } | null;
                readonly reserve: {
                    readonly amount: number | string;
                    /** Format: date-time */
                    readonly release_at: string;
                    readonly released: boolean;
                } | null;
                readonly available_at: string | null;
                readonly available: boolean;
            };
            readonly payment: string;
        };
        readonly CaptureList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["Capture"][];
            readonly has_more: boolean;
        };
        readonly Refund: {
            readonly id: string;
            /** @constant */
            readonly object: "refund";
            readonly amount: number;
            readonly currency: string;
            /** @enum {string} */
            readonly status: "pending" | "succeeded" | "failed";
            readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
            readonly reason: string | null;
            /**
             * @description Only of what the acquirer began.
             * @constant
             */
            readonly origin?: "acquirer";
            /**
             * @description What a person said became of it, when no machine could.
             * @enum {string}
             */
            readonly resolution?: "executed" | "not_executed";
            readonly acquirer_reference?: string;
            /** Format: date-time */
            readonly created: string;
            /** @description Only under terms: one line for each capture. */
            readonly settlement?: readonly {
                readonly capture: string;
                readonly currency: string;
                readonly gross: number | string;
                readonly fees_refunded: number | string;
                readonly net: number | string;
                readonly exchange_rate: {
                    readonly from: string;
                    readonly to: string;
                    /** @description Decimal: one unit of `from` in `to`. */
                    readonly rate: string;
                    readonly source: string;
                    /** Format: date-time */
                    readonly at: string;
                } | null;
            }[];
            readonly payment: string;
        };
        readonly RefundList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["Refund"][];
            readonly has_more: boolean;
        };
        readonly Increment: {
            readonly id: string;
            /** @constant */
            readonly object: "increment";
            readonly amount: number;
            readonly currency: string;
            /** @enum {string} */
            readonly status: "pending" | "succeeded" | "failed";
            readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
            readonly reason: string | null;
            /**
             * @description Only of what the acquirer began.
             * @constant
             */
            readonly origin?: "acquirer";
            /**
             * @description What a person said became of it, when no machine could.
             * @enum {string}
             */
            readonly resolution?: "executed" | "not_executed";
            readonly acquirer_reference?: string;
            /** Format: date-time */
            readonly created: string;
            readonly decline_code: string | null;
            readonly payment: string;
        };
        readonly CardVerification: {
            readonly id: string;
            /** @constant */
            readonly object: "card_verification";
            /** @enum {string} */
            readonly mode: "test" | "live";
            /** Format: date-time */
            readonly created: string;
            readonly currency: string;
            /**
             * @description `unknown` is not a no: the issuer was not heard, and `unknown_reason` says why.
             * @enum {string}
             */
            readonly status: "processing" | "verified" | "declined" | "unknown";
            /** @description What the issuer answered, where it said no. */
            readonly decline_code: string | null;
            /** @description What to do after a decline, where that follows from it. */
            readonly advice_code: ("do_not_try_again" | "try_again_later" | "confirm_card_data" | "authenticate") | null;
            readonly remedy: ("other_route" | "later" | "authenticate" | "fix_data" | "never" | "none") | null;
            readonly unknown_reason: ("no_answer" | "not_attempted" | "no_route") | null;
            readonly avs_result: string | null;
            /** @description M match, N no match, P not processed, U the issuer cannot. Null also where the question that was answered went without the code: it is sent once. */
            readonly cvv_result: string | null;
            readonly card: {
                readonly token: string;
                /** @description The same for the same card number, for you alone. */
                readonly fingerprint: string;
                /** @enum {string} */
                readonly brand: "visa" | "mastercard" | "amex" | "discover" | "diners" | "jcb" | "unionpay" | "maestro" | "other";
                readonly bin: string;
                readonly last_four: string;
                readonly expiry_month: number;
                readonly expiry_year: number;
            } | null;
            /** @description Who was asked, and answered. */
            readonly acquirer: {
                readonly id: string;
                readonly reference: string | null;
            } | null;
            readonly customer_reference: string | null;
            readonly metadata: {
                readonly [key: string]: string;
            };
            /**
             * Format: date-time
             * @description When it ends as `unknown` at the latest.
             */
            readonly verify_by: string;
            readonly concluded: string | null;
        };
        readonly ProcessingCardVerification: {
            readonly id: string;
            /** @constant */
            readonly object: "card_verification";
            /** @enum {string} */
            readonly mode: "test" | "live";
            /** Format: date-time */
            readonly created: string;
            readonly currency: string;
            /**
             * @description `unknown` is not a no: the issuer was not heard, and `unknown_reason` says why.
             * @enum {string}
             */
            readonly status: "processing" | "verified" | "declined" | "unknown";
            /** @description What the issuer answered, where it said no. */
            readonly decline_code: string | null;
            /** @description What to do after a decline, where that follows from it. */
            readonly advice_code: ("do_not_try_again" | "try_again_later" | "confirm_card_data" | "authenticate") | null;
            readonly remedy: ("other_route" | "later" | "authenticate" | "fix_data" | "never" | "none") | null;
            readonly unknown_reason: ("no_answer" | "not_attempted" | "no_route") | null;
            readonly avs_result: string | null;
            /** @description M match, N no match, P not processed, U the issuer cannot. Null also where the question that was answered went without the code: it is sent once. */
            readonly cvv_result: string | null;
            readonly card: {
                readonly token: string;
                /** @description The same for the same card number, for you alone. */
                readonly fingerprint: string;
                /** @enum {string} */
                readonly brand: "visa" | "mastercard" | "amex" | "discover" | "diners" | "jcb" | "unionpay" | "maestro" | "other";
                readonly bin: string;
                readonly last_four: string;
                readonly expiry_month: number;
                readonly expiry_year: number;
            } | null;
            /** @description Who was asked, and answered. */
            readonly acquirer: {
                readonly id: string;
                readonly reference: string | null;
            } | null;
            readonly customer_reference: string | null;
            readonly metadata: {
                readonly [key: string]: string;
            };
            /**
             * Format: date-time
             * @description When it ends as `unknown` at the latest.
             */
            readonly verify_by: string;
            readonly concluded: string | null;
            /** Format: date-time */
            readonly next_poll_after: string;
        };
        readonly CardVerificationList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["CardVerification"][];
            readonly has_more: boolean;
        };
        readonly Review: {
            readonly id: string;
            /** @constant */
            readonly object: "review";
            /** @enum {string} */
            readonly mode: "test" | "live";
            readonly payment: string;
            /**
             * @description What holds of the payment: `rejected` however it came to that.
             * @enum {string}
             */
            readonly status: "open" | "approved" | "rejected";
            /** @description How it ended: by a person (`approved`, `rejected`), because nobody decided in time (`lapsed`), or because there was nothing held any more to decide about (`nothing_held`: the payment was voided, ran out, or was taken back). */
            readonly outcome: ("approved" | "rejected" | "lapsed" | "nothing_held") | null;
            /** @description Null where the payment’s history of that time is archived. */
            readonly opened: string | null;
            /** @description Until when it has to be decided; what nobody decided is rejected. Null when it has ended. */
            readonly due: string | null;
            /** @description When it ended. */
            readonly decided: string | null;
        };
        readonly ReviewList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["Review"][];
            readonly has_more: boolean;
        };
        readonly Customer: {
            /** @description `customer` of a payment. */
            readonly id: string;
            /** @constant */
            readonly object: "customer";
            /** @enum {string} */
            readonly mode: "test" | "live";
            /** Format: date-time */
            readonly created: string;
            readonly reference: string | null;
            readonly name: string | null;
            readonly email: string | null;
            readonly metadata: {
                readonly [key: string]: string;
            };
        };
        readonly CustomerList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["Customer"][];
            readonly has_more: boolean;
        };
        readonly CardToken: {
            readonly id: string;
            /** @constant */
            readonly object: "card_token";
            /** @enum {string} */
            readonly mode: "test" | "live";
            /**
             * @description `used`: a request claimed it, whatever became of that one. `expired` for a while, then it is gone.
             * @enum {string}
             */
            readonly status: "ready" | "used" | "expired";
            readonly card: {
                /** @enum {string} */
                readonly brand: "visa" | "mastercard" | "amex" | "discover" | "diners" | "jcb" | "unionpay" | "maestro" | "other";
                readonly last_four: string;
                readonly expiry_month: number;
                readonly expiry_year: number;
            };
            /**
             * Format: date-time
             * @description Until when it can be used.
             */
            readonly expires_at: string;
        };
        readonly StoredCard: {
            /** @description The same for the same card number, for you alone. */
            readonly fingerprint: string;
            /** @enum {string} */
            readonly brand: "visa" | "mastercard" | "amex" | "discover" | "diners" | "jcb" | "unionpay" | "maestro" | "other";
            readonly bin: string;
            readonly last_four: string;
            /** @description The latest that was entered with this number. */
            readonly expiry_month: number;
            readonly expiry_year: number;
            /** @description The token: `card_token` of a payment or a verification. */
            readonly id: string;
            /** @constant */
            readonly object: "stored_card";
            /** @enum {string} */
            readonly mode: "test" | "live";
            /**
             * Format: date-time
             * @description When it was first stored.
             */
            readonly created: string;
        };
        readonly StoredCardList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["StoredCard"][];
            readonly has_more: boolean;
        };
        readonly Event: {
            readonly id: string;
            /** @constant */
            readonly object: "event";
            /** @enum {string} */
            readonly type: "payment.authorized" | "payment.incremented" | "payment.increment_failed" | "payment.reauthorized" | "payment.reauthorization_failed" | "payment.in_review" | "payment.captured" | "payment.partially_captured" | "payment.declined" | "payment.blocked" | "payment.failed" | "payment.voided" | "payment.expired" | "payment.capture_failed" | "payment.disputed" | "payment.dispute_reversed" | "refund.succeeded" | "refund.failed" | "card_verification.completed" | "endpoint.test" | "webhook_endpoint.failing" | "webhook_endpoint.disabled";
            /** Format: date-time */
            readonly created: string;
            readonly data: {
                /** @description As it was then. */
                readonly payment?: components["schemas"]["Payment"];
                readonly operation?: {
                    readonly id: string;
                    /** @constant */
                    readonly object: "capture";
                    readonly amount: number;
                    readonly currency: string;
                    /** @enum {string} */
                    readonly status: "pending" | "succeeded" | "failed";
                    readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                    readonly reason: string | null;
                    /**
                     * @description Only of what the acquirer began.
                     * @constant
                     */
                    readonly origin?: "acquirer";
                    /**
                     * @description What a person said became of it, when no machine could.
                     * @enum {string}
                     */
                    readonly resolution?: "executed" | "not_executed";
                    readonly acquirer_reference?: string;
                    /** Format: date-time */
                    readonly created: string;
                    /** @description Nothing more is captured; what is left of the hold is given back. */
                    readonly final: boolean;
                    /** @description Only under terms. */
                    readonly settlement?: {
                        readonly currency: string;
                        readonly gross: number | string;
                        readonly fees: number | string;
                        readonly fee_details: {
                            readonly platform: number | string;
                            readonly recharged: number | string;
                        };
                        /** @description What you are owed before refunds, the reserve included. */
                        readonly net: number | string;
                        readonly fees_refunded: number | string;
                        readonly exchange_rate: {
                            readonly from: string;
                            readonly to: string;
                            /** @description Decimal: one unit of `from` in `to`. */
                            readonly rate: string;
                            readonly source: string;
                            /** Format: date-time */
                            readonly at: string;
                        } | null;
                        readonly reserve: {
                            readonly amount: number | string;
                            /** Format: date-time */
                            readonly release_at: string;
                            readonly released: boolean;
                        } | null;
                        readonly available_at: string | null;
                        readonly available: boolean;
                    };
                } | {
                    readonly id: string;
                    /** @constant */
                    readonly object: "refund";
                    readonly amount: number;
                    readonly currency: string;
                    /** @enum {string} */
                    readonly status: "pending" | "succeeded" | "failed";
                    readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                    readonly reason: string | null;
                    /**
                     * @description Only of what the acquirer began.
                     * @constant
                     */
                    readonly origin?: "acquirer";
                    /**
                     * @description What a person said became of it, when no machine could.
                     * @enum {string}
                     */
                    readonly resolution?: "executed" | "not_executed";
                    readonly acquirer_reference?: string;
                    /** Format: date-time */
                    readonly created: string;
                    /** @description Only under terms: one line for each capture. */
                    readonly settlement?: readonly {
                        readonly capture: string;
                        readonly currency: string;
                        readonly gross: number | string;
                        readonly fees_refunded: number | string;
                        readonly net: number | string;
                        readonly exchange_rate: {
                            readonly from: string;
                            readonly to: string;
                            /** @description Decimal: one unit of `from` in `to`. */
                            readonly rate: string;
                            readonly source: string;
                            /** Format: date-time */
                            readonly at: string;
                        } | null;
                    }[];
                } | {
                    readonly id: string;
                    /** @constant */
                    readonly object: "increment";
                    readonly amount: number;
                    readonly currency: string;
                    /** @enum {string} */
                    readonly status: "pending" | "succeeded" | "failed";
                    readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                    readonly reason: string | null;
                    /**
                     * @description Only of what the acquirer began.
                     * @constant
                     */
                    readonly origin?: "acquirer";
                    /**
                     * @description What a person said became of it, when no machine could.
                     * @enum {string}
                     */
                    readonly resolution?: "executed" | "not_executed";
                    readonly acquirer_reference?: string;
                    /** Format: date-time */
                    readonly created: string;
                    readonly decline_code: string | null;
                } | {
                    readonly id: string;
                    /** @constant */
                    readonly object: "reauthorization";
                    readonly amount: number;
                    readonly currency: string;
                    /** @enum {string} */
                    readonly status: "pending" | "succeeded" | "failed";
                    readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                    readonly reason: string | null;
                    /**
                     * @description Only of what the acquirer began.
                     * @constant
                     */
                    readonly origin?: "acquirer";
                    /**
                     * @description What a person said became of it, when no machine could.
                     * @enum {string}
                     */
                    readonly resolution?: "executed" | "not_executed";
                    readonly acquirer_reference?: string;
                    /** Format: date-time */
                    readonly created: string;
                    readonly decline_code: string | null;
                } | {
                    readonly id: string;
                    /** @constant */
                    readonly object: "void";
                    readonly amount: number;
                    readonly currency: string;
                    /** @enum {string} */
                    readonly status: "pending" | "succeeded" | "failed";
                    readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                    readonly reason: string | null;
                    /**
                     * @description Only of what the acquirer began.
                     * @constant
                     */
                    readonly origin?: "acquirer";
                    /**
                     * @description What a person said became of it, when no machine could.
                     * @enum {string}
                     */
                    readonly resolution?: "executed" | "not_executed";
                    readonly acquirer_reference?: string;
                    /** Format: date-time */
                    readonly created: string;
                } | {
                    readonly id: string;
                    /** @enum {string} */
                    readonly object: "chargeback" | "chargeback_reversal";
                    readonly amount: number;
                    readonly currency: string;
                    /** @enum {string} */
                    readonly status: "pending" | "succeeded" | "failed";
                    readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                    readonly reason: string | null;
                    /**
                     * @description Only of what the acquirer began.
                     * @constant
                     */
                    readonly origin?: "acquirer";
                    /**
                     * @description What a person said became of it, when no machine could.
                     * @enum {string}
                     */
                    readonly resolution?: "executed" | "not_executed";
                    readonly acquirer_reference?: string;
                    /** Format: date-time */
                    readonly created: string;
                } | {
                    readonly id: string;
                    /** @enum {string} */
                    readonly object: "authorization" | "release" | "expiry" | "withdrawal" | "undo";
                    readonly amount: number;
                    readonly currency: string;
                    /** @enum {string} */
                    readonly status: "pending" | "succeeded" | "failed";
                    readonly failure_code: ("not_attempted" | "reversed_unknown" | "not_executed" | "partial_not_accepted" | "answer_mismatch" | "declined" | "blocked" | "no_route" | "capture_failed" | "refund_failed" | "retry_not_allowed" | "not_acknowledged") | null;
                    readonly reason: string | null;
                    /**
                     * @description Only of what the acquirer began.
                     * @constant
                     */
                    readonly origin?: "acquirer";
                    /**
                     * @description What a person said became of it, when no machine could.
                     * @enum {string}
                     */
                    readonly resolution?: "executed" | "not_executed";
                    readonly acquirer_reference?: string;
                    /** Format: date-time */
                    readonly created: string;
                };
                /** @description That has ended. */
                readonly card_verification?: components["schemas"]["CardVerification"];
                /** @description The endpoint that was tested, fails or was disabled. */
                readonly endpoint?: string;
                /**
                 * Format: date-time
                 * @description Of an endpoint that fails or was disabled for it.
                 */
                readonly failing_since?: string;
            };
        };
        readonly EventList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["Event"][];
            readonly has_more: boolean;
        };
        readonly WebhookEndpoint: {
            readonly id: string;
            /** @constant */
            readonly object: "webhook_endpoint";
            /** @enum {string} */
            readonly mode: "test" | "live";
            readonly url: string;
            readonly description: string | null;
            /** @description Empty: all. */
            readonly event_types: readonly ("payment.authorized" | "payment.incremented" | "payment.increment_failed" | "payment.reauthorized" | "payment.reauthorization_failed" | "payment.in_review" | "payment.captured" | "payment.partially_captured" | "payment.declined" | "payment.blocked" | "payment.failed" | "payment.voided" | "payment.expired" | "payment.capture_failed" | "payment.disputed" | "payment.dispute_reversed" | "refund.succeeded" | "refund.failed" | "card_verification.completed" | "endpoint.test" | "webhook_endpoint.failing" | "webhook_endpoint.disabled")[];
            readonly enabled: boolean;
            /** @description `failing`: it took nothing for five days. Null while it is enabled. */
            readonly disabled_reason: ("failing" | "merchant") | null;
            /** @description Since when it has taken nothing that was sent to it; null: it takes them. */
            readonly failing_since: string | null;
            /**
             * @description The version of the API that it is told in.
             * @enum {string}
             */
            readonly api_version: "2026-11-01" | "2026-05-01";
            /** @description Whether events of one payment are sent to it in their order. */
            readonly ordered: boolean;
            /** @description Since when that is not the newest version any more. */
            readonly deprecated: string | null;
            /** @description Until when that version is told. */
            readonly sunset: string | null;
            /** Format: date-time */
            readonly created: string;
            /** @description While the secret is rolled: until when the one before signs as well. */
            readonly previous_secret_until: string | null;
        };
        readonly WebhookEndpointWithSecret: {
            readonly id: string;
            /** @constant */
            readonly object: "webhook_endpoint";
            /** @enum {string} */
            readonly mode: "test" | "live";
            readonly url: string;
            readonly description: string | null;
            /** @description Empty: all. */
            readonly event_types: readonly ("payment.authorized" | "payment.incremented" | "payment.increment_failed" | "payment.reauthorized" | "payment.reauthorization_failed" | "payment.in_review" | "payment.captured" | "payment.partially_captured" | "payment.declined" | "payment.blocked" | "payment.failed" | "payment.voided" | "payment.expired" | "payment.capture_failed" | "payment.disputed" | "payment.dispute_reversed" | "refund.succeeded" | "refund.failed" | "card_verification.completed" | "endpoint.test" | "webhook_endpoint.failing" | "webhook_endpoint.disabled")[];
            readonly enabled: boolean;
            /** @description `failing`: it took nothing for five days. Null while it is enabled. */
            readonly disabled_reason: ("failing" | "merchant") | null;
            /** @description Since when it has taken nothing that was sent to it; null: it takes them. */
            readonly failing_since: string | null;
            /**
             * @description The version of the API that it is told in.
             * @enum {string}
             */
            readonly api_version: "2026-11-01" | "2026-05-01";
            /** @description Whether events of one payment are sent to it in their order. */
            readonly ordered: boolean;
            /** @description Since when that is not the newest version any more. */
            readonly deprecated: string | null;
            /** @description Until when that version is told. */
            readonly sunset: string | null;
            /** Format: date-time */
            readonly created: string;
            /** @description While the secret is rolled: until when the one before signs as well. */
            readonly previous_secret_until: string | null;
            /** @description Shown now and never again. Standard Webhooks, symmetric. */
            readonly secret: string;
        };
        readonly WebhookEndpointList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["WebhookEndpoint"][];
            readonly has_more: boolean;
        };
        readonly Delivery: {
            readonly id: string;
            /** @constant */
            readonly object: "delivery";
            readonly event: string;
            readonly event_type: string;
            readonly endpoint: string;
            /** @description The version that its body is in. */
            readonly api_version: string;
            /**
             * @description `endpoint_disabled`: it was on its way when its endpoint was disabled or deleted.
             * @enum {string}
             */
            readonly state: "pending" | "retrying" | "delivered" | "failed" | "endpoint_disabled";
            readonly attempt_count: number;
            /** Format: date-time */
            readonly created: string;
            readonly concluded: string | null;
            /** @description Why it is not sent though it is its turn; null of every one that nothing is in the way of. `version`: our workers cannot write it in its `api_version` yet; it is sent when they can. */
            readonly waits_for: "version" | null;
            readonly attempts: readonly {
                readonly number: number;
                /** Format: date-time */
                readonly at: string;
                readonly response_status: number | null;
                readonly error: string | null;
                readonly latency_ms: number;
            }[];
        };
        readonly DeliveryList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["Delivery"][];
            readonly has_more: boolean;
        };
        readonly Replay: {
            /** @constant */
            readonly object: "replay";
            readonly endpoint: string;
            /** @description How many were made anew. */
            readonly deliveries: number;
            /** @description There are more in this range: ask again, with a new key. */
            readonly has_more: boolean;
        };
        readonly ApiKey: {
            readonly id: string;
            /** @constant */
            readonly object: "api_key";
            /** @enum {string} */
            readonly mode: "test" | "live";
            /** @enum {string} */
            readonly kind: "secret" | "publishable";
            readonly name: string | null;
            /** @description How it begins and ends, to tell keys apart. */
            readonly hint: string;
            readonly scopes: readonly ("read" | "payments" | "refunds" | "payouts" | "admin")[];
            /** @description Empty: any address. */
            readonly ip_allow_list: readonly string[];
            readonly origins: readonly string[];
            /** @description The key itself: always of a publishable one; of a secret one only in the answer that makes it. */
            readonly key: string | null;
            /** @description In which it is answered where a request names none; null: the newest. */
            readonly version: ("2026-11-01" | "2026-05-01") | null;
            /** Format: date-time */
            readonly created: string;
            /** @description To the minute, of a secret key. */
            readonly last_used: string | null;
            /** @description While it is rolled: until when the key before is good as well. */
            readonly previous_key_until: string | null;
            readonly revoked: string | null;
        };
        readonly ApiKeyWithText: {
            readonly id: string;
            /** @constant */
            readonly object: "api_key";
            /** @enum {string} */
            readonly mode: "test" | "live";
            /** @enum {string} */
            readonly kind: "secret" | "publishable";
            readonly name: string | null;
            /** @description How it begins and ends, to tell keys apart. */
            readonly hint: string;
            readonly scopes: readonly ("read" | "payments" | "refunds" | "payouts" | "admin")[];
            /** @description Empty: any address. */
            readonly ip_allow_list: readonly string[];
            readonly origins: readonly string[];
            /** @description Of a secret key: shown now and never again. */
            readonly key: string;
            /** @description In which it is answered where a request names none; null: the newest. */
            readonly version: ("2026-11-01" | "2026-05-01") | null;
            /** Format: date-time */
            readonly created: string;
            /** @description To the minute, of a secret key. */
            readonly last_used: string | null;
            /** @description While it is rolled: until when the key before is good as well. */
            readonly previous_key_until: string | null;
            readonly revoked: string | null;
        };
        readonly ApiKeyList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["ApiKey"][];
            readonly has_more: boolean;
        };
        readonly OAuthClient: {
            /** @description Its `client_id`. */
            readonly id: string;
            /** @constant */
            readonly object: "oauth_client";
            /** @enum {string} */
            readonly mode: "test" | "live";
            readonly name: string | null;
            /** @description How its secret begins and ends, to tell secrets apart. */
            readonly hint: string;
            readonly scopes: readonly ("read" | "payments" | "refunds" | "payouts" | "admin")[];
            /** @description Empty: any address. */
            readonly ip_allow_list: readonly string[];
            /** @description In which it is answered where a request names none; null: the newest. */
            readonly version: ("2026-11-01" | "2026-05-01") | null;
            /** Format: date-time */
            readonly created: string;
            /** @description When it last got a token, to the minute. */
            readonly last_used: string | null;
            /** @description While it is rolled: until when the secret before gets tokens as well. */
            readonly previous_secret_until: string | null;
            readonly revoked: string | null;
        };
        readonly OAuthClientWithSecret: {
            /** @description Its `client_id`. */
            readonly id: string;
            /** @constant */
            readonly object: "oauth_client";
            /** @enum {string} */
            readonly mode: "test" | "live";
            readonly name: string | null;
            /** @description How its secret begins and ends, to tell secrets apart. */
            readonly hint: string;
            readonly scopes: readonly ("read" | "payments" | "refunds" | "payouts" | "admin")[];
            /** @description Empty: any address. */
            readonly ip_allow_list: readonly string[];
            /** @description In which it is answered where a request names none; null: the newest. */
            readonly version: ("2026-11-01" | "2026-05-01") | null;
            /** Format: date-time */
            readonly created: string;
            /** @description When it last got a token, to the minute. */
            readonly last_used: string | null;
            /** @description While it is rolled: until when the secret before gets tokens as well. */
            readonly previous_secret_until: string | null;
            readonly revoked: string | null;
            /** @description Shown now and never again. */
            readonly client_secret: string;
        };
        readonly OAuthClientList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["OAuthClient"][];
            readonly has_more: boolean;
        };
        readonly SigningSecret: {
            /** @description The `keyid` of signatures. */
            readonly id: string;
            /** @constant */
            readonly object: "signing_secret";
            /** @enum {string} */
            readonly mode: "test" | "live";
            readonly name: string | null;
            /** @description How it begins and ends, to tell secrets apart. */
            readonly hint: string;
            /** Format: date-time */
            readonly created: string;
            readonly revoked: string | null;
        };
        readonly SigningSecretWithText: {
            /** @description The `keyid` of signatures. */
            readonly id: string;
            /** @constant */
            readonly object: "signing_secret";
            /** @enum {string} */
            readonly mode: "test" | "live";
            readonly name: string | null;
            /** @description How it begins and ends, to tell secrets apart. */
            readonly hint: string;
            /** Format: date-time */
            readonly created: string;
            readonly revoked: string | null;
            /** @description Shown now and never again. These characters, as they are, are the key of the HMAC. */
            readonly secret: string;
        };
        readonly SigningSecretList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["SigningSecret"][];
            readonly has_more: boolean;
        };
        readonly RequestSigning: {
            /** @constant */
            readonly object: "request_signing";
            /** @enum {string} */
            readonly mode: "test" | "live";
            /** @description Whether requests that are not signed are refused. */
            readonly required: boolean;
        };
        readonly BalanceList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly {
                /** @constant */
                readonly object: "balance";
                readonly account_id: string;
                readonly account: string;
                readonly currency: string;
                /** @enum {string} */
                readonly normal_side: "debit" | "credit";
                readonly balance: number | string;
            }[];
            readonly has_more: boolean;
            readonly at: string | null;
        };
        readonly LedgerAccountList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly {
                /** @constant */
                readonly object: "ledger_account";
                readonly id: string;
                readonly account: string;
                readonly currency: string;
                /** @enum {string} */
                readonly normal_side: "debit" | "credit";
                readonly balance: number | string;
                /** Format: date-time */
                readonly opened: string;
                readonly closed: string | null;
            }[];
            readonly has_more: boolean;
            readonly at: string | null;
        };
        readonly LedgerEntryList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly {
                readonly account_id: string;
                readonly account: string;
                /** @enum {string} */
                readonly side: "debit" | "credit";
                readonly amount: number | string;
                readonly currency: string;
                readonly id: string;
                /** @constant */
                readonly object: "ledger_entry";
                readonly transaction: string;
                /** Format: date-time */
                readonly at: string;
                readonly event: string;
                readonly payment: string | null;
                readonly operation: string | null;
                /** @description Of the account right after this entry. */
                readonly balance: number | string;
            }[];
            readonly has_more: boolean;
        };
        readonly LedgerTransaction: {
            readonly id: string;
            /** @constant */
            readonly object: "ledger_transaction";
            readonly event: string;
            /** Format: date-time */
            readonly at: string;
            readonly payment: string | null;
            readonly operation: string | null;
            readonly attempt: string | null;
            readonly entries: readonly {
                readonly account_id: string;
                readonly account: string;
                /** @enum {string} */
                readonly side: "debit" | "credit";
                readonly amount: number | string;
                readonly currency: string;
            }[];
        };
        readonly LedgerTransactionList: {
            /** @constant */
            readonly object: "list";
            readonly data: readonly components["schemas"]["LedgerTransaction"][];
            readonly has_more: boolean;
        };
        readonly TrialBalance: {
            /** @constant */
            readonly object: "trial_balance";
            /** @enum {string} */
            readonly mode: "test" | "live";
            readonly at: string | null;
            readonly balanced: boolean;
            readonly currencies: readonly {
                readonly currency: string;
                readonly debits: number | string;
                readonly credits: number | string;
                readonly balanced: boolean;
            }[];
            readonly accounts: readonly {
                readonly account_id: string;
                readonly account: string;
                readonly currency: string;
                /** @enum {string} */
                readonly normal_side: "debit" | "credit";
                readonly balance: number | string;
                readonly debits: number | string;
                readonly credits: number | string;
            }[];
        };
        readonly LedgerStatement: {
            /** @constant */
            readonly object: "ledger_statement";
            /** @enum {string} */
            readonly mode: "test" | "live";
            /** Format: date-time */
            readonly from: string;
            /** Format: date-time */
            readonly to: string;
            readonly opening_balances: readonly {
                readonly account_id: string;
                readonly account: string;
                readonly currency: string;
                /** @enum {string} */
                readonly normal_side: "debit" | "credit";
                readonly balance: number | string;
            }[];
            readonly entries: readonly {
                readonly account_id: string;
                readonly account: string;
                /** @enum {string} */
                readonly side: "debit" | "credit";
                readonly amount: number | string;
                readonly currency: string;
                readonly id: string;
                /** @constant */
                readonly object: "ledger_entry";
                readonly transaction: string;
                /** Format: date-time */
                readonly at: string;
                readonly event: string;
                readonly payment: string | null;
                readonly operation: string | null;
                /** @description Of the account right after this entry. */
                readonly balance: number | string;
                readonly order_reference: string | null;
                readonly description: string | null;
            }[];
            readonly closing_balances: readonly {
                readonly account_id: string;
                readonly account: string;
                readonly currency: string;
                /** @enum {string} */
                readonly normal_side: "debit" | "credit";
                readonly balance: number | string;
            }[];
        };
        readonly CreatePayment: {
            /** @description Minor units. */
            readonly amount: number;
            /** @description An active ISO 4217 code in upper case. */
            readonly currency: string;
            /**
             * @default automatic
             * @enum {string}
             */
            readonly capture?: "automatic" | "manual";
            /**
             * @description `pre`: an estimate, which may grow; only with capture `manual`.
             * @default final
             * @enum {string}
             */
            readonly authorization_type?: "final" | "pre";
            readonly card?: {
                /** @description Digits only; of a known length, with its check digit. */
                readonly number: string;
                readonly expiry_month: number;
                readonly expiry_year: number;
                readonly cvv?: string;
            };
            /** @description Instead of `card`: a one-time token of a page or an app (`ctok_…`), or a card of yours that was paid with or verified before (`card_…`). */
            readonly card_token?: string;
            /**
             * @default refuse
             * @enum {string}
             */
            readonly partial_approval?: "allow" | "refuse";
            readonly description?: string;
            readonly order_reference?: string;
            readonly customer_reference?: string;
            /** @description A customer of yours. */
            readonly customer?: string;
            /** @description Of the customer: IPv4 or IPv6. */
            readonly ip_address?: string;
            /**
             * @description Your own texts, by your own names.
             * @default {}
             */
            readonly metadata?: {
                readonly [key: string]: string;
            };
            /**
             * Format: date-time
             * @description Until when it may be sent to an acquirer: in the future, at most 15 minutes away.
             */
            readonly authorize_by?: string;
        };
        readonly IncrementPayment: {
            /** @description Minor units. */
            readonly amount: number;
        };
        readonly CapturePayment: {
            /** @description Minor units. */
            readonly amount?: number;
            readonly final?: boolean;
        };
        readonly ReauthorizePayment: Record<string, never>;
        readonly VoidPayment: Record<string, never>;
        readonly RefundPayment: {
            /** @description Minor units. */
            readonly amount?: number;
            readonly reason?: string;
        };
        readonly CreateCardVerification: {
            /** @description In which you mean to be paid with this card: an account that takes it is asked. */
            readonly currency: string;
            readonly card?: {
                /** @description Digits only; of a known length, with its check digit. */
                readonly number: string;
                readonly expiry_month: number;
                readonly expiry_year: number;
                readonly cvv?: string;
            };
            /** @description Instead of `card`: a one-time token of a page or an app (`ctok_…`), or a card of yours that was paid with or verified before (`card_…`). */
            readonly card_token?: string;
            readonly customer_reference?: string;
            /**
             * @description Your own texts, by your own names.
             * @default {}
             */
            readonly metadata?: {
                readonly [key: string]: string;
            };
        };
        readonly CreateCustomer: {
            /** @description Your own name for it: of your customers in this mode only one has it. */
            readonly reference?: string;
            readonly name?: string;
            readonly email?: string;
            /**
             * @description Your own texts, by your own names.
             * @default {}
             */
            readonly metadata?: {
                readonly [key: string]: string;
            };
        };
        readonly UpdateCustomer: {
            /** @description Your own name for it: of your customers in this mode only one has it. */
            readonly reference?: string;
            readonly name?: string;
            readonly email?: string;
            /** @description Your own texts, by your own names. */
            readonly metadata?: {
                readonly [key: string]: string;
            };
        };
        readonly CreateWebhookEndpoint: {
            /** @description Where events are sent: https, a public address, no user name, no fragment. */
            readonly url: string;
            /**
             * @description Types of events that it receives; an empty list is all.
             * @default []
             */
            readonly event_types?: readonly ("payment.authorized" | "payment.incremented" | "payment.increment_failed" | "payment.reauthorized" | "payment.reauthorization_failed" | "payment.in_review" | "payment.captured" | "payment.partially_captured" | "payment.declined" | "payment.blocked" | "payment.failed" | "payment.voided" | "payment.expired" | "payment.capture_failed" | "payment.disputed" | "payment.dispute_reversed" | "refund.succeeded" | "refund.failed" | "card_verification.completed" | "endpoint.test" | "webhook_endpoint.failing" | "webhook_endpoint.disabled")[];
            readonly description?: string;
            /** @default true */
            readonly enabled?: boolean;
            /**
             * @description The version of the API that it is told in. An event keeps to the version of when it happened.
             * @default 2026-11-01
             * @enum {string}
             */
            readonly api_version?: "2026-11-01" | "2026-05-01";
            /**
             * @description Whether events of one payment are sent in their order: a later one not before the earlier was taken or given up. Holds for events from now on; replays are outside of it.
             * @default false
             */
            readonly ordered?: boolean;
        };
        readonly UpdateWebhookEndpoint: {
            /** @description Where events are sent: https, a public address, no user name, no fragment. */
            readonly url?: string;
            /** @description Types of events that it receives; an empty list is all. */
            readonly event_types?: readonly ("payment.authorized" | "payment.incremented" | "payment.increment_failed" | "payment.reauthorized" | "payment.reauthorization_failed" | "payment.in_review" | "payment.captured" | "payment.partially_captured" | "payment.declined" | "payment.blocked" | "payment.failed" | "payment.voided" | "payment.expired" | "payment.capture_failed" | "payment.disputed" | "payment.dispute_reversed" | "refund.succeeded" | "refund.failed" | "card_verification.completed" | "endpoint.test" | "webhook_endpoint.failing" | "webhook_endpoint.disabled")[];
            readonly description?: string;
            readonly enabled?: boolean;
            /**
             * @description The version of the API that it is told in. An event keeps to the version of when it happened.
             * @enum {string}
             */
            readonly api_version?: "2026-11-01" | "2026-05-01";
            /** @description Whether events of one payment are sent in their order: a later one not before the earlier was taken or given up. Holds for events from now on; replays are outside of it. */
            readonly ordered?: boolean;
        };
        readonly RollWebhookSecret: {
            /**
             * @description How long the secret before signs as well; 0 ends it at once.
             * @default 86400
             */
            readonly overlap_seconds?: number;
        };
        readonly TestWebhookEndpoint: Record<string, never>;
        readonly ReplayDeliveries: {
            /**
             * @description `failed`: what was given up, and what ended as `endpoint_disabled`; `all`: also what was delivered.
             * @default failed
             * @enum {string}
             */
            readonly only?: "failed" | "all";
            /**
             * Format: date-time
             * @description Events from this time on.
             */
            readonly from?: string;
            /**
             * Format: date-time
             * @description Events up to this time.
             */
            readonly to?: string;
        };
        readonly ReplayDelivery: Record<string, never>;
        readonly CreateApiKey: {
            /**
             * @description A publishable key stands in pages and makes card tokens; it may do nothing here.
             * @default secret
             * @enum {string}
             */
            readonly kind?: "secret" | "publishable";
            /** @description Your own name for it. */
            readonly name?: string;
            /** @description Of a secret key: what it may do; it needs at least one. */
            readonly scopes?: readonly ("read" | "payments" | "refunds" | "payouts" | "admin")[];
            /**
             * @description Addresses and networks (IPv4, IPv6) that it may be used from; an empty list is all.
             * @default []
             */
            readonly ip_allow_list?: readonly string[];
            /**
             * @description Of a publishable key: the pages that may use it, each as a browser names it, all `https://`; in test mode also `http://` of the own machine. An empty list is none.
             * @default []
             */
            readonly origins?: readonly string[];
            /**
             * @description The version of the API that it is answered in where a request names none.
             * @enum {string}
             */
            readonly version?: "2026-11-01" | "2026-05-01";
        };
        readonly UpdateApiKey: {
            /** @description Your own name for it. */
            readonly name?: string;
            /** @description Addresses and networks (IPv4, IPv6) that it may be used from; an empty list is all. */
            readonly ip_allow_list?: readonly string[];
            /** @description Of a publishable key: the pages that may use it, each as a browser names it, all `https://`; in test mode also `http://` of the own machine. An empty list is none. */
            readonly origins?: readonly string[];
            /**
             * @description The version of the API that it is answered in where a request names none.
             * @enum {string}
             */
            readonly version?: "2026-11-01" | "2026-05-01";
        };
        readonly RollApiKey: {
            /**
             * @description How long the key before is good as well; 0 ends it at once.
             * @default 86400
             */
            readonly overlap_seconds?: number;
        };
        readonly RevokeApiKey: Record<string, never>;
        readonly CreateOAuthClient: {
            /** @description Your own name for it. */
            readonly name?: string;
            /** @description What its tokens may at most do. */
            readonly scopes: readonly ("read" | "payments" | "refunds" | "payouts" | "admin")[];
            /**
             * @description Addresses and networks (IPv4, IPv6) that it may be used from; an empty list is all.
             * @default []
             */
            readonly ip_allow_list?: readonly string[];
            /**
             * @description The version of the API that it is answered in where a request names none.
             * @enum {string}
             */
            readonly version?: "2026-11-01" | "2026-05-01";
        };
        readonly UpdateOAuthClient: {
            /** @description Your own name for it. */
            readonly name?: string;
            /** @description Addresses and networks (IPv4, IPv6) that it may be used from; an empty list is all. */
            readonly ip_allow_list?: readonly string[];
            /**
             * @description The version of the API that it is answered in where a request names none.
             * @enum {string}
             */
            readonly version?: "2026-11-01" | "2026-05-01";
        };
        readonly RollOAuthClient: {
            /**
             * @description How long the secret before gets tokens as well; 0 ends it at once. Tokens that it got stay good until they end.
             * @default 86400
             */
            readonly overlap_seconds?: number;
        };
        readonly RevokeOAuthClient: Record<string, never>;
        readonly CreateSigningSecret: {
            /** @description Your own name for it. */
            readonly name?: string;
        };
        readonly RevokeSigningSecret: Record<string, never>;
        readonly SetRequestSigning: {
            /** @description Whether every request of this mode has to be signed. The one that asks for it is signed itself. */
            readonly required: boolean;
        };
    };
    responses: never;
    parameters: {
        /**
         * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
         * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
         */
        readonly "Idempotency-Key": string;
        /**
         * @description `wait=N`: wait up to N seconds for the outcome, at most 30; 0 answers at once. What is not known by then is answered 202.
         * @example wait=10
         */
        readonly Prefer: string;
        /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
        readonly "Quittance-Version": "2026-11-01" | "2026-05-01";
    };
    requestBodies: never;
    headers: {
        /** @description Names this request in our log. */
        readonly "Request-Id": string;
        /** @description Id of the payment that the request is about. */
        readonly "Quittance-Payment": string;
        /** @description `wait=N`: how long the request was willing to wait. */
        readonly "Preference-Applied": string;
        /** @description `true` when this is the kept answer of an earlier request with the same key. */
        readonly "Idempotency-Replayed": "true";
        /** @description Seconds after which it is worth asking again. */
        readonly "Retry-After": string;
        /** @description How many calls of which class may come in a second: `"read";q=100;w=1` (draft-ietf-httpapi-ratelimit-headers). */
        readonly "RateLimit-Policy": string;
        /** @description How many are left (`r`), and seconds until there are all again, or one where there was none (`t`). */
        readonly RateLimit: string;
        /** @description The version of the API that this is answered in. */
        readonly "Quittance-Version": "2026-11-01" | "2026-05-01";
        /** @description Of a version that is not the newest: since when (RFC 9745), `@` and Unix seconds. */
        readonly Deprecation: string;
        /** @description Of a version that is not the newest: until when it is answered (RFC 8594). */
        readonly Sunset: string;
        /** @description Address of what was created. */
        readonly Location: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly listPayments: {
        readonly parameters: {
            readonly query?: {
                /** @description When it was created. */
                readonly created?: {
                    readonly gt?: string;
                    readonly gte?: string;
                    readonly lt?: string;
                    readonly lte?: string;
                };
                /** @description What was asked for, in minor units. */
                readonly amount?: {
                    readonly gt?: number;
                    readonly gte?: number;
                    readonly lt?: number;
                    readonly lte?: number;
                };
                readonly status?: string;
                /** @description An active ISO 4217 code in upper case. */
                readonly currency?: string;
                /** @description The same card: `card.fingerprint` of a payment. */
                readonly card_fingerprint?: string;
                /** @description Your own, exactly. */
                readonly order_reference?: string;
                /** @description Your own, exactly. */
                readonly customer_reference?: string;
                /** @description Payments that were made for this customer (cus_…). */
                readonly customer?: string;
                /** @description Payments that have this value under this name: metadata[cart]=c-77. */
                readonly metadata?: {
                    readonly [key: string]: string;
                };
                /** @description How many at most; 20 where it is not said. */
                readonly limit?: number;
                readonly starting_after?: string;
                readonly ending_before?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of payments. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "object": "list",
                     *       "data": [
                     *         {
                     *           "id": "pay_01m7zayarkfvns26md8b9yyec3",
                     *           "object": "payment",
                     *           "mode": "test",
                     *           "created": "2031-05-14T10:00:00.000Z",
                     *           "amount": 5000,
                     *           "currency": "EUR",
                     *           "capture": "manual",
                     *           "authorization_type": "final",
                     *           "status": "authorized",
                     *           "amount_authorized": 5000,
                     *           "amount_captured": 0,
                     *           "amount_capturable": 5000,
                     *           "amount_refunded": 0,
                     *           "amount_refund_pending": 0,
                     *           "amount_refundable": 0,
                     *           "amount_disputed": 0,
                     *           "card": {
                     *             "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *             "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *             "brand": "visa",
                     *             "bin": "42424242",
                     *             "last_four": "4242",
                     *             "expiry_month": 12,
                     *             "expiry_year": 2034
                     *           },
                     *           "decline_code": null,
                     *           "failure_code": null,
                     *           "remedy": null,
                     *           "risk": {
                     *             "score": 0,
                     *             "decision": "accept",
                     *             "reasons": []
                     *           },
                     *           "acquirer": {
                     *             "id": "acquirer-1",
                     *             "reference": "113410000017",
                     *             "approval_code": "831000",
                     *             "avs_result": null,
                     *             "cvv_result": "M"
                     *           },
                     *           "reauthorizations": [],
                     *           "increments": [],
                     *           "captures": [],
                     *           "refunds": [],
                     *           "voids": [],
                     *           "disputes": [],
                     *           "description": null,
                     *           "order_reference": "order-1001",
                     *           "customer_reference": null,
                     *           "customer": "cus_01m7zayarkfvns26md8b9yyec6",
                     *           "metadata": {
                     *             "cart": "c-77"
                     *           },
                     *           "authorize_by": "2031-05-14T10:10:00.000Z",
                     *           "capture_before": "2031-05-20T22:00:00.000Z",
                     *           "version": 4
                     *         }
                     *       ],
                     *       "has_more": false
                     *     }
                     */
                    readonly "application/json": components["schemas"]["PaymentList"];
                };
            };
        };
    };
    readonly createPayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /**
                 * @description `wait=N`: wait up to N seconds for the outcome, at most 30; 0 answers at once. What is not known by then is answered 202.
                 * @example wait=10
                 */
                readonly Prefer?: components["parameters"]["Prefer"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "amount": 5000,
                 *       "currency": "EUR",
                 *       "capture": "manual",
                 *       "card": {
                 *         "number": "4242424242424242",
                 *         "expiry_month": 12,
                 *         "expiry_year": 2034,
                 *         "cvv": "123"
                 *       },
                 *       "order_reference": "order-1001",
                 *       "metadata": {
                 *         "cart": "c-77"
                 *       }
                 *     }
                 */
                readonly "application/json": components["schemas"]["CreatePayment"];
            };
        };
        readonly responses: {
            /** @description The payment as it is now. */
            readonly 201: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Quittance-Payment": components["headers"]["Quittance-Payment"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly Location: components["headers"]["Location"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "pay_01m7zayarkfvns26md8b9yyec3",
                     *       "object": "payment",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "amount": 5000,
                     *       "currency": "EUR",
                     *       "capture": "manual",
                     *       "authorization_type": "final",
                     *       "status": "authorized",
                     *       "amount_authorized": 5000,
                     *       "amount_captured": 0,
                     *       "amount_capturable": 5000,
                     *       "amount_refunded": 0,
                     *       "amount_refund_pending": 0,
                     *       "amount_refundable": 0,
                     *       "amount_disputed": 0,
                     *       "card": {
                     *         "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *         "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *         "brand": "visa",
                     *         "bin": "42424242",
                     *         "last_four": "4242",
                     *         "expiry_month": 12,
                     *         "expiry_year": 2034
                     *       },
                     *       "decline_code": null,
                     *       "failure_code": null,
                     *       "remedy": null,
                     *       "risk": {
                     *         "score": 0,
                     *         "decision": "accept",
                     *         "reasons": []
                     *       },
                     *       "acquirer": {
                     *         "id": "acquirer-1",
                     *         "reference": "113410000017",
                     *         "approval_code": "831000",
                     *         "avs_result": null,
                     *         "cvv_result": "M"
                     *       },
                     *       "reauthorizations": [],
                     *       "increments": [],
                     *       "captures": [],
                     *       "refunds": [],
                     *       "voids": [],
                     *       "disputes": [],
                     *       "description": null,
                     *       "order_reference": "order-1001",
                     *       "customer_reference": null,
                     *       "customer": "cus_01m7zayarkfvns26md8b9yyec6",
                     *       "metadata": {
                     *         "cart": "c-77"
                     *       },
                     *       "authorize_by": "2031-05-14T10:10:00.000Z",
                     *       "capture_before": "2031-05-20T22:00:00.000Z",
                     *       "version": 4
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Taken, and its outcome is not known yet: ask for the payment again after `next_poll_after`. */
            readonly 202: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Quittance-Payment": components["headers"]["Quittance-Payment"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Retry-After": components["headers"]["Retry-After"];
                    readonly Location: components["headers"]["Location"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "pay_01m7zayarkfvns26md8b9yyec3",
                     *       "object": "payment",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "amount": 5000,
                     *       "currency": "EUR",
                     *       "capture": "manual",
                     *       "authorization_type": "final",
                     *       "status": "processing",
                     *       "amount_authorized": 0,
                     *       "amount_captured": 0,
                     *       "amount_capturable": 0,
                     *       "amount_refunded": 0,
                     *       "amount_refund_pending": 0,
                     *       "amount_refundable": 0,
                     *       "amount_disputed": 0,
                     *       "card": {
                     *         "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *         "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *         "brand": "visa",
                     *         "bin": "42424242",
                     *         "last_four": "4242",
                     *         "expiry_month": 12,
                     *         "expiry_year": 2034
                     *       },
                     *       "decline_code": null,
                     *       "failure_code": null,
                     *       "remedy": null,
                     *       "risk": {
                     *         "score": 0,
                     *         "decision": "accept",
                     *         "reasons": []
                     *       },
                     *       "acquirer": null,
                     *       "reauthorizations": [],
                     *       "increments": [],
                     *       "captures": [],
                     *       "refunds": [],
                     *       "voids": [],
                     *       "disputes": [],
                     *       "description": null,
                     *       "order_reference": "order-1001",
                     *       "customer_reference": null,
                     *       "customer": "cus_01m7zayarkfvns26md8b9yyec6",
                     *       "metadata": {
                     *         "cart": "c-77"
                     *       },
                     *       "authorize_by": "2031-05-14T10:10:00.000Z",
                     *       "capture_before": null,
                     *       "version": 4,
                     *       "pending": {
                     *         "id": "auth_01m7zayarkfvns26md8b9yyec3",
                     *         "object": "authorization"
                     *       },
                     *       "next_poll_after": "2031-05-14T10:00:01.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ProcessingPayment"];
                };
            };
        };
    };
    readonly getPayment: {
        readonly parameters: {
            readonly query?: {
                /** @description What stands beside the payment; all of it where this is not said. */
                readonly "expand[]"?: readonly ("history" | "attempts" | "routing" | "ledger")[];
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a payment. */
                readonly payment: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The payment. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentDetails"];
                };
            };
        };
    };
    readonly incrementPayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /**
                 * @description `wait=N`: wait up to N seconds for the outcome, at most 30; 0 answers at once. What is not known by then is answered 202.
                 * @example wait=10
                 */
                readonly Prefer?: components["parameters"]["Prefer"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a payment. */
                readonly payment: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "amount": 700
                 *     }
                 */
                readonly "application/json": components["schemas"]["IncrementPayment"];
            };
        };
        readonly responses: {
            /** @description The increment: succeeded or failed. */
            readonly 201: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Quittance-Payment": components["headers"]["Quittance-Payment"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Increment"];
                };
            };
            /** @description Taken, and its outcome is not known yet: ask for the payment again after `next_poll_after`. */
            readonly 202: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Quittance-Payment": components["headers"]["Quittance-Payment"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Retry-After": components["headers"]["Retry-After"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "pay_01m7zayarkfvns26md8b9yyec3",
                     *       "object": "payment",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "amount": 5000,
                     *       "currency": "EUR",
                     *       "capture": "manual",
                     *       "authorization_type": "final",
                     *       "status": "processing",
                     *       "amount_authorized": 0,
                     *       "amount_captured": 0,
                     *       "amount_capturable": 0,
                     *       "amount_refunded": 0,
                     *       "amount_refund_pending": 0,
                     *       "amount_refundable": 0,
                     *       "amount_disputed": 0,
                     *       "card": {
                     *         "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *         "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *         "brand": "visa",
                     *         "bin": "42424242",
                     *         "last_four": "4242",
                     *         "expiry_month": 12,
                     *         "expiry_year": 2034
                     *       },
                     *       "decline_code": null,
                     *       "failure_code": null,
                     *       "remedy": null,
                     *       "risk": {
                     *         "score": 0,
                     *         "decision": "accept",
                     *         "reasons": []
                     *       },
                     *       "acquirer": null,
                     *       "reauthorizations": [],
                     *       "increments": [],
                     *       "captures": [],
                     *       "refunds": [],
                     *       "voids": [],
                     *       "disputes": [],
                     *       "description": null,
                     *       "order_reference": "order-1001",
                     *       "customer_reference": null,
                     *       "customer": "cus_01m7zayarkfvns26md8b9yyec6",
                     *       "metadata": {
                     *         "cart": "c-77"
                     *       },
                     *       "authorize_by": "2031-05-14T10:10:00.000Z",
                     *       "capture_before": null,
                     *       "version": 4,
                     *       "pending": {
                     *         "id": "auth_01m7zayarkfvns26md8b9yyec3",
                     *         "object": "authorization"
                     *       },
                     *       "next_poll_after": "2031-05-14T10:00:01.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ProcessingPayment"];
                };
            };
        };
    };
    readonly capturePayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /**
                 * @description `wait=N`: wait up to N seconds for the outcome, at most 30; 0 answers at once. What is not known by then is answered 202.
                 * @example wait=10
                 */
                readonly Prefer?: components["parameters"]["Prefer"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a payment. */
                readonly payment: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "amount": 3000
                 *     }
                 */
                readonly "application/json": components["schemas"]["CapturePayment"];
            };
        };
        readonly responses: {
            /** @description The payment as it is now. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Quittance-Payment": components["headers"]["Quittance-Payment"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "pay_01m7zayarkfvns26md8b9yyec3",
                     *       "object": "payment",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "amount": 5000,
                     *       "currency": "EUR",
                     *       "capture": "manual",
                     *       "authorization_type": "final",
                     *       "status": "authorized",
                     *       "amount_authorized": 5000,
                     *       "amount_captured": 0,
                     *       "amount_capturable": 5000,
                     *       "amount_refunded": 0,
                     *       "amount_refund_pending": 0,
                     *       "amount_refundable": 0,
                     *       "amount_disputed": 0,
                     *       "card": {
                     *         "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *         "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *         "brand": "visa",
                     *         "bin": "42424242",
                     *         "last_four": "4242",
                     *         "expiry_month": 12,
                     *         "expiry_year": 2034
                     *       },
                     *       "decline_code": null,
                     *       "failure_code": null,
                     *       "remedy": null,
                     *       "risk": {
                     *         "score": 0,
                     *         "decision": "accept",
                     *         "reasons": []
                     *       },
                     *       "acquirer": {
                     *         "id": "acquirer-1",
                     *         "reference": "113410000017",
                     *         "approval_code": "831000",
                     *         "avs_result": null,
                     *         "cvv_result": "M"
                     *       },
                     *       "reauthorizations": [],
                     *       "increments": [],
                     *       "captures": [],
                     *       "refunds": [],
                     *       "voids": [],
                     *       "disputes": [],
                     *       "description": null,
                     *       "order_reference": "order-1001",
                     *       "customer_reference": null,
                     *       "customer": "cus_01m7zayarkfvns26md8b9yyec6",
                     *       "metadata": {
                     *         "cart": "c-77"
                     *       },
                     *       "authorize_by": "2031-05-14T10:10:00.000Z",
                     *       "capture_before": "2031-05-20T22:00:00.000Z",
                     *       "version": 4
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Taken, and its outcome is not known yet: ask for the payment again after `next_poll_after`. */
            readonly 202: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Quittance-Payment": components["headers"]["Quittance-Payment"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Retry-After": components["headers"]["Retry-After"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "pay_01m7zayarkfvns26md8b9yyec3",
                     *       "object": "payment",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "amount": 5000,
                     *       "currency": "EUR",
                     *       "capture": "manual",
                     *       "authorization_type": "final",
                     *       "status": "processing",
                     *       "amount_authorized": 0,
                     *       "amount_captured": 0,
                     *       "amount_capturable": 0,
                     *       "amount_refunded": 0,
                     *       "amount_refund_pending": 0,
                     *       "amount_refundable": 0,
                     *       "amount_disputed": 0,
                     *       "card": {
                     *         "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *         "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *         "brand": "visa",
                     *         "bin": "42424242",
                     *         "last_four": "4242",
                     *         "expiry_month": 12,
                     *         "expiry_year": 2034
                     *       },
                     *       "decline_code": null,
                     *       "failure_code": null,
                     *       "remedy": null,
                     *       "risk": {
                     *         "score": 0,
                     *         "decision": "accept",
                     *         "reasons": []
                     *       },
                     *       "acquirer": null,
                     *       "reauthorizations": [],
                     *       "increments": [],
                     *       "captures": [],
                     *       "refunds": [],
                     *       "voids": [],
                     *       "disputes": [],
                     *       "description": null,
                     *       "order_reference": "order-1001",
                     *       "customer_reference": null,
                     *       "customer": "cus_01m7zayarkfvns26md8b9yyec6",
                     *       "metadata": {
                     *         "cart": "c-77"
                     *       },
                     *       "authorize_by": "2031-05-14T10:10:00.000Z",
                     *       "capture_before": null,
                     *       "version": 4,
                     *       "pending": {
                     *         "id": "auth_01m7zayarkfvns26md8b9yyec3",
                     *         "object": "authorization"
                     *       },
                     *       "next_poll_after": "2031-05-14T10:00:01.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ProcessingPayment"];
                };
            };
        };
    };
    readonly capturePart: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /**
                 * @description `wait=N`: wait up to N seconds for the outcome, at most 30; 0 answers at once. What is not known by then is answered 202.
                 * @example wait=10
                 */
                readonly Prefer?: components["parameters"]["Prefer"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a payment. */
                readonly payment: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "amount": 3000
                 *     }
                 */
                readonly "application/json": components["schemas"]["CapturePayment"];
            };
        };
        readonly responses: {
            /** @description The payment as it is now. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Quittance-Payment": components["headers"]["Quittance-Payment"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "pay_01m7zayarkfvns26md8b9yyec3",
                     *       "object": "payment",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "amount": 5000,
                     *       "currency": "EUR",
                     *       "capture": "manual",
                     *       "authorization_type": "final",
                     *       "status": "authorized",
                     *       "amount_authorized": 5000,
                     *       "amount_captured": 0,
                     *       "amount_capturable": 5000,
                     *       "amount_refunded": 0,
                     *       "amount_refund_pending": 0,
                     *       "amount_refundable": 0,
                     *       "amount_disputed": 0,
                     *       "card": {
                     *         "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *         "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *         "brand": "visa",
                     *         "bin": "42424242",
                     *         "last_four": "4242",
                     *         "expiry_month": 12,
                     *         "expiry_year": 2034
                     *       },
                     *       "decline_code": null,
                     *       "failure_code": null,
                     *       "remedy": null,
                     *       "risk": {
                     *         "score": 0,
                     *         "decision": "accept",
                     *         "reasons": []
                     *       },
                     *       "acquirer": {
                     *         "id": "acquirer-1",
                     *         "reference": "113410000017",
                     *         "approval_code": "831000",
                     *         "avs_result": null,
                     *         "cvv_result": "M"
                     *       },
                     *       "reauthorizations": [],
                     *       "increments": [],
                     *       "captures": [],
                     *       "refunds": [],
                     *       "voids": [],
                     *       "disputes": [],
                     *       "description": null,
                     *       "order_reference": "order-1001",
                     *       "customer_reference": null,
                     *       "customer": "cus_01m7zayarkfvns26md8b9yyec6",
                     *       "metadata": {
                     *         "cart": "c-77"
                     *       },
                     *       "authorize_by": "2031-05-14T10:10:00.000Z",
                     *       "capture_before": "2031-05-20T22:00:00.000Z",
                     *       "version": 4
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Taken, and its outcome is not known yet: ask for the payment again after `next_poll_after`. */
            readonly 202: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Quittance-Payment": components["headers"]["Quittance-Payment"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Retry-After": components["headers"]["Retry-After"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "pay_01m7zayarkfvns26md8b9yyec3",
                     *       "object": "payment",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "amount": 5000,
                     *       "currency": "EUR",
                     *       "capture": "manual",
                     *       "authorization_type": "final",
                     *       "status": "processing",
                     *       "amount_authorized": 0,
                     *       "amount_captured": 0,
                     *       "amount_capturable": 0,
                     *       "amount_refunded": 0,
                     *       "amount_refund_pending": 0,
                     *       "amount_refundable": 0,
                     *       "amount_disputed": 0,
                     *       "card": {
                     *         "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *         "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *         "brand": "visa",
                     *         "bin": "42424242",
                     *         "last_four": "4242",
                     *         "expiry_month": 12,
                     *         "expiry_year": 2034
                     *       },
                     *       "decline_code": null,
                     *       "failure_code": null,
                     *       "remedy": null,
                     *       "risk": {
                     *         "score": 0,
                     *         "decision": "accept",
                     *         "reasons": []
                     *       },
                     *       "acquirer": null,
                     *       "reauthorizations": [],
                     *       "increments": [],
                     *       "captures": [],
                     *       "refunds": [],
                     *       "voids": [],
                     *       "disputes": [],
                     *       "description": null,
                     *       "order_reference": "order-1001",
                     *       "customer_reference": null,
                     *       "customer": "cus_01m7zayarkfvns26md8b9yyec6",
                     *       "metadata": {
                     *         "cart": "c-77"
                     *       },
                     *       "authorize_by": "2031-05-14T10:10:00.000Z",
                     *       "capture_before": null,
                     *       "version": 4,
                     *       "pending": {
                     *         "id": "auth_01m7zayarkfvns26md8b9yyec3",
                     *         "object": "authorization"
                     *       },
                     *       "next_poll_after": "2031-05-14T10:00:01.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ProcessingPayment"];
                };
            };
        };
    };
    readonly reauthorizePayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /**
                 * @description `wait=N`: wait up to N seconds for the outcome, at most 30; 0 answers at once. What is not known by then is answered 202.
                 * @example wait=10
                 */
                readonly Prefer?: components["parameters"]["Prefer"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a payment. */
                readonly payment: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /** @example {} */
                readonly "application/json": components["schemas"]["ReauthorizePayment"];
            };
        };
        readonly responses: {
            /** @description The payment as it is now. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Quittance-Payment": components["headers"]["Quittance-Payment"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "pay_01m7zayarkfvns26md8b9yyec3",
                     *       "object": "payment",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "amount": 5000,
                     *       "currency": "EUR",
                     *       "capture": "manual",
                     *       "authorization_type": "final",
                     *       "status": "authorized",
                     *       "amount_authorized": 5000,
                     *       "amount_captured": 0,
                     *       "amount_capturable": 5000,
                     *       "amount_refunded": 0,
                     *       "amount_refund_pending": 0,
                     *       "amount_refundable": 0,
                     *       "amount_disputed": 0,
                     *       "card": {
                     *         "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *         "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *         "brand": "visa",
                     *         "bin": "42424242",
                     *         "last_four": "4242",
                     *         "expiry_month": 12,
                     *         "expiry_year": 2034
                     *       },
                     *       "decline_code": null,
                     *       "failure_code": null,
                     *       "remedy": null,
                     *       "risk": {
                     *         "score": 0,
                     *         "decision": "accept",
                     *         "reasons": []
                     *       },
                     *       "acquirer": {
                     *         "id": "acquirer-1",
                     *         "reference": "113410000017",
                     *         "approval_code": "831000",
                     *         "avs_result": null,
                     *         "cvv_result": "M"
                     *       },
                     *       "reauthorizations": [],
                     *       "increments": [],
                     *       "captures": [],
                     *       "refunds": [],
                     *       "voids": [],
                     *       "disputes": [],
                     *       "description": null,
                     *       "order_reference": "order-1001",
                     *       "customer_reference": null,
                     *       "customer": "cus_01m7zayarkfvns26md8b9yyec6",
                     *       "metadata": {
                     *         "cart": "c-77"
                     *       },
                     *       "authorize_by": "2031-05-14T10:10:00.000Z",
                     *       "capture_before": "2031-05-20T22:00:00.000Z",
                     *       "version": 4
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Taken, and its outcome is not known yet: ask for the payment again after `next_poll_after`. */
            readonly 202: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Quittance-Payment": components["headers"]["Quittance-Payment"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Retry-After": components["headers"]["Retry-After"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "pay_01m7zayarkfvns26md8b9yyec3",
                     *       "object": "payment",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "amount": 5000,
                     *       "currency": "EUR",
                     *       "capture": "manual",
                     *       "authorization_type": "final",
                     *       "status": "processing",
                     *       "amount_authorized": 0,
                     *       "amount_captured": 0,
                     *       "amount_capturable": 0,
                     *       "amount_refunded": 0,
                     *       "amount_refund_pending": 0,
                     *       "amount_refundable": 0,
                     *       "amount_disputed": 0,
                     *       "card": {
                     *         "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *         "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *         "brand": "visa",
                     *         "bin": "42424242",
                     *         "last_four": "4242",
                     *         "expiry_month": 12,
                     *         "expiry_year": 2034
                     *       },
                     *       "decline_code": null,
                     *       "failure_code": null,
                     *       "remedy": null,
                     *       "risk": {
                     *         "score": 0,
                     *         "decision": "accept",
                     *         "reasons": []
                     *       },
                     *       "acquirer": null,
                     *       "reauthorizations": [],
                     *       "increments": [],
                     *       "captures": [],
                     *       "refunds": [],
                     *       "voids": [],
                     *       "disputes": [],
                     *       "description": null,
                     *       "order_reference": "order-1001",
                     *       "customer_reference": null,
                     *       "customer": "cus_01m7zayarkfvns26md8b9yyec6",
                     *       "metadata": {
                     *         "cart": "c-77"
                     *       },
                     *       "authorize_by": "2031-05-14T10:10:00.000Z",
                     *       "capture_before": null,
                     *       "version": 4,
                     *       "pending": {
                     *         "id": "auth_01m7zayarkfvns26md8b9yyec3",
                     *         "object": "authorization"
                     *       },
                     *       "next_poll_after": "2031-05-14T10:00:01.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ProcessingPayment"];
                };
            };
        };
    };
    readonly voidPayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /**
                 * @description `wait=N`: wait up to N seconds for the outcome, at most 30; 0 answers at once. What is not known by then is answered 202.
                 * @example wait=10
                 */
                readonly Prefer?: components["parameters"]["Prefer"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a payment. */
                readonly payment: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /** @example {} */
                readonly "application/json": components["schemas"]["VoidPayment"];
            };
        };
        readonly responses: {
            /** @description The payment as it is now. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Quittance-Payment": components["headers"]["Quittance-Payment"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "pay_01m7zayarkfvns26md8b9yyec3",
                     *       "object": "payment",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "amount": 5000,
                     *       "currency": "EUR",
                     *       "capture": "manual",
                     *       "authorization_type": "final",
                     *       "status": "authorized",
                     *       "amount_authorized": 5000,
                     *       "amount_captured": 0,
                     *       "amount_capturable": 5000,
                     *       "amount_refunded": 0,
                     *       "amount_refund_pending": 0,
                     *       "amount_refundable": 0,
                     *       "amount_disputed": 0,
                     *       "card": {
                     *         "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *         "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *         "brand": "visa",
                     *         "bin": "42424242",
                     *         "last_four": "4242",
                     *         "expiry_month": 12,
                     *         "expiry_year": 2034
                     *       },
                     *       "decline_code": null,
                     *       "failure_code": null,
                     *       "remedy": null,
                     *       "risk": {
                     *         "score": 0,
                     *         "decision": "accept",
                     *         "reasons": []
                     *       },
                     *       "acquirer": {
                     *         "id": "acquirer-1",
                     *         "reference": "113410000017",
                     *         "approval_code": "831000",
                     *         "avs_result": null,
                     *         "cvv_result": "M"
                     *       },
                     *       "reauthorizations": [],
                     *       "increments": [],
                     *       "captures": [],
                     *       "refunds": [],
                     *       "voids": [],
                     *       "disputes": [],
                     *       "description": null,
                     *       "order_reference": "order-1001",
                     *       "customer_reference": null,
                     *       "customer": "cus_01m7zayarkfvns26md8b9yyec6",
                     *       "metadata": {
                     *         "cart": "c-77"
                     *       },
                     *       "authorize_by": "2031-05-14T10:10:00.000Z",
                     *       "capture_before": "2031-05-20T22:00:00.000Z",
                     *       "version": 4
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description Taken, and its outcome is not known yet: ask for the payment again after `next_poll_after`. */
            readonly 202: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Quittance-Payment": components["headers"]["Quittance-Payment"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Retry-After": components["headers"]["Retry-After"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "pay_01m7zayarkfvns26md8b9yyec3",
                     *       "object": "payment",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "amount": 5000,
                     *       "currency": "EUR",
                     *       "capture": "manual",
                     *       "authorization_type": "final",
                     *       "status": "processing",
                     *       "amount_authorized": 0,
                     *       "amount_captured": 0,
                     *       "amount_capturable": 0,
                     *       "amount_refunded": 0,
                     *       "amount_refund_pending": 0,
                     *       "amount_refundable": 0,
                     *       "amount_disputed": 0,
                     *       "card": {
                     *         "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *         "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *         "brand": "visa",
                     *         "bin": "42424242",
                     *         "last_four": "4242",
                     *         "expiry_month": 12,
                     *         "expiry_year": 2034
                     *       },
                     *       "decline_code": null,
                     *       "failure_code": null,
                     *       "remedy": null,
                     *       "risk": {
                     *         "score": 0,
                     *         "decision": "accept",
                     *         "reasons": []
                     *       },
                     *       "acquirer": null,
                     *       "reauthorizations": [],
                     *       "increments": [],
                     *       "captures": [],
                     *       "refunds": [],
                     *       "voids": [],
                     *       "disputes": [],
                     *       "description": null,
                     *       "order_reference": "order-1001",
                     *       "customer_reference": null,
                     *       "customer": "cus_01m7zayarkfvns26md8b9yyec6",
                     *       "metadata": {
                     *         "cart": "c-77"
                     *       },
                     *       "authorize_by": "2031-05-14T10:10:00.000Z",
                     *       "capture_before": null,
                     *       "version": 4,
                     *       "pending": {
                     *         "id": "auth_01m7zayarkfvns26md8b9yyec3",
                     *         "object": "authorization"
                     *       },
                     *       "next_poll_after": "2031-05-14T10:00:01.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ProcessingPayment"];
                };
            };
        };
    };
    readonly refundPayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /**
                 * @description `wait=N`: wait up to N seconds for the outcome, at most 30; 0 answers at once. What is not known by then is answered 202.
                 * @example wait=10
                 */
                readonly Prefer?: components["parameters"]["Prefer"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a payment. */
                readonly payment: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "amount": 1000,
                 *       "reason": "one item was returned"
                 *     }
                 */
                readonly "application/json": components["schemas"]["RefundPayment"];
            };
        };
        readonly responses: {
            /** @description The refund: succeeded or failed. */
            readonly 201: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Quittance-Payment": components["headers"]["Quittance-Payment"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "ref_01m7zayarkfvns26md8b9yyec5",
                     *       "object": "refund",
                     *       "amount": 1000,
                     *       "currency": "EUR",
                     *       "status": "succeeded",
                     *       "failure_code": null,
                     *       "reason": "one item was returned",
                     *       "created": "2031-05-15T09:30:00.000Z",
                     *       "payment": "pay_01m7zayarkfvns26md8b9yyec3"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Refund"];
                };
            };
            /** @description Taken, and its outcome is not known yet: ask for the payment again after `next_poll_after`. */
            readonly 202: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Quittance-Payment": components["headers"]["Quittance-Payment"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Retry-After": components["headers"]["Retry-After"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "pay_01m7zayarkfvns26md8b9yyec3",
                     *       "object": "payment",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "amount": 5000,
                     *       "currency": "EUR",
                     *       "capture": "manual",
                     *       "authorization_type": "final",
                     *       "status": "processing",
                     *       "amount_authorized": 0,
                     *       "amount_captured": 0,
                     *       "amount_capturable": 0,
                     *       "amount_refunded": 0,
                     *       "amount_refund_pending": 0,
                     *       "amount_refundable": 0,
                     *       "amount_disputed": 0,
                     *       "card": {
                     *         "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *         "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *         "brand": "visa",
                     *         "bin": "42424242",
                     *         "last_four": "4242",
                     *         "expiry_month": 12,
                     *         "expiry_year": 2034
                     *       },
                     *       "decline_code": null,
                     *       "failure_code": null,
                     *       "remedy": null,
                     *       "risk": {
                     *         "score": 0,
                     *         "decision": "accept",
                     *         "reasons": []
                     *       },
                     *       "acquirer": null,
                     *       "reauthorizations": [],
                     *       "increments": [],
                     *       "captures": [],
                     *       "refunds": [],
                     *       "voids": [],
                     *       "disputes": [],
                     *       "description": null,
                     *       "order_reference": "order-1001",
                     *       "customer_reference": null,
                     *       "customer": "cus_01m7zayarkfvns26md8b9yyec6",
                     *       "metadata": {
                     *         "cart": "c-77"
                     *       },
                     *       "authorize_by": "2031-05-14T10:10:00.000Z",
                     *       "capture_before": null,
                     *       "version": 4,
                     *       "pending": {
                     *         "id": "auth_01m7zayarkfvns26md8b9yyec3",
                     *         "object": "authorization"
                     *       },
                     *       "next_poll_after": "2031-05-14T10:00:01.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ProcessingPayment"];
                };
            };
        };
    };
    readonly listCardVerifications: {
        readonly parameters: {
            readonly query?: {
                /** @description When it was created. */
                readonly created?: {
                    readonly gt?: string;
                    readonly gte?: string;
                    readonly lt?: string;
                    readonly lte?: string;
                };
                readonly status?: string;
                /** @description The same card: `card.fingerprint` of a payment or a verification. */
                readonly card_fingerprint?: string;
                /** @description How many at most; 20 where it is not said. */
                readonly limit?: number;
                readonly starting_after?: string;
                readonly ending_before?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of verifications. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "object": "list",
                     *       "data": [
                     *         {
                     *           "id": "ver_01m7zayarkfvns26md8b9yyec5",
                     *           "object": "card_verification",
                     *           "mode": "test",
                     *           "created": "2031-05-14T10:00:00.000Z",
                     *           "currency": "EUR",
                     *           "status": "verified",
                     *           "decline_code": null,
                     *           "advice_code": null,
                     *           "remedy": null,
                     *           "unknown_reason": null,
                     *           "avs_result": "U",
                     *           "cvv_result": "M",
                     *           "card": {
                     *             "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *             "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *             "brand": "visa",
                     *             "bin": "42424242",
                     *             "last_four": "4242",
                     *             "expiry_month": 12,
                     *             "expiry_year": 2034
                     *           },
                     *           "acquirer": {
                     *             "id": "acquirer-1",
                     *             "reference": "113400000001"
                     *           },
                     *           "customer_reference": "customer-77",
                     *           "metadata": {},
                     *           "verify_by": "2031-05-14T10:10:00.000Z",
                     *           "concluded": "2031-05-14T10:00:00.412Z"
                     *         }
                     *       ],
                     *       "has_more": false
                     *     }
                     */
                    readonly "application/json": components["schemas"]["CardVerificationList"];
                };
            };
        };
    };
    readonly createCardVerification: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /**
                 * @description `wait=N`: wait up to N seconds for the outcome, at most 30; 0 answers at once. What is not known by then is answered 202.
                 * @example wait=10
                 */
                readonly Prefer?: components["parameters"]["Prefer"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "currency": "EUR",
                 *       "card": {
                 *         "number": "4242424242424242",
                 *         "expiry_month": 12,
                 *         "expiry_year": 2034,
                 *         "cvv": "123"
                 *       },
                 *       "customer_reference": "customer-77"
                 *     }
                 */
                readonly "application/json": components["schemas"]["CreateCardVerification"];
            };
        };
        readonly responses: {
            /** @description The verification: it has ended. */
            readonly 201: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly Location: components["headers"]["Location"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "ver_01m7zayarkfvns26md8b9yyec5",
                     *       "object": "card_verification",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "currency": "EUR",
                     *       "status": "verified",
                     *       "decline_code": null,
                     *       "advice_code": null,
                     *       "remedy": null,
                     *       "unknown_reason": null,
                     *       "avs_result": "U",
                     *       "cvv_result": "M",
                     *       "card": {
                     *         "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *         "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *         "brand": "visa",
                     *         "bin": "42424242",
                     *         "last_four": "4242",
                     *         "expiry_month": 12,
                     *         "expiry_year": 2034
                     *       },
                     *       "acquirer": {
                     *         "id": "acquirer-1",
                     *         "reference": "113400000001"
                     *       },
                     *       "customer_reference": "customer-77",
                     *       "metadata": {},
                     *       "verify_by": "2031-05-14T10:10:00.000Z",
                     *       "concluded": "2031-05-14T10:00:00.412Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["CardVerification"];
                };
            };
            /** @description Taken, and the issuer has not answered yet: ask for the verification again after `next_poll_after`. */
            readonly 202: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Preference-Applied": components["headers"]["Preference-Applied"];
                    readonly "Retry-After": components["headers"]["Retry-After"];
                    readonly Location: components["headers"]["Location"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "ver_01m7zayarkfvns26md8b9yyec5",
                     *       "object": "card_verification",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "currency": "EUR",
                     *       "status": "processing",
                     *       "decline_code": null,
                     *       "advice_code": null,
                     *       "remedy": null,
                     *       "unknown_reason": null,
                     *       "avs_result": null,
                     *       "cvv_result": null,
                     *       "card": null,
                     *       "acquirer": null,
                     *       "customer_reference": "customer-77",
                     *       "metadata": {},
                     *       "verify_by": "2031-05-14T10:10:00.000Z",
                     *       "concluded": null,
                     *       "next_poll_after": "2031-05-14T10:00:01.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ProcessingCardVerification"];
                };
            };
        };
    };
    readonly getCardVerification: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a card verification. */
                readonly verification: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The verification. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "ver_01m7zayarkfvns26md8b9yyec5",
                     *       "object": "card_verification",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "currency": "EUR",
                     *       "status": "verified",
                     *       "decline_code": null,
                     *       "advice_code": null,
                     *       "remedy": null,
                     *       "unknown_reason": null,
                     *       "avs_result": "U",
                     *       "cvv_result": "M",
                     *       "card": {
                     *         "token": "card_01m7zayarkfvns26md8b9yyec4",
                     *         "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *         "brand": "visa",
                     *         "bin": "42424242",
                     *         "last_four": "4242",
                     *         "expiry_month": 12,
                     *         "expiry_year": 2034
                     *       },
                     *       "acquirer": {
                     *         "id": "acquirer-1",
                     *         "reference": "113400000001"
                     *       },
                     *       "customer_reference": "customer-77",
                     *       "metadata": {},
                     *       "verify_by": "2031-05-14T10:10:00.000Z",
                     *       "concluded": "2031-05-14T10:00:00.412Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["CardVerification"];
                };
            };
        };
    };
    readonly listStoredCards: {
        readonly parameters: {
            readonly query?: {
                /** @description When it was first stored. */
                readonly created?: {
                    readonly gt?: string;
                    readonly gte?: string;
                    readonly lt?: string;
                    readonly lte?: string;
                };
                /** @description The card with this number: `card.fingerprint` of a payment or a verification. */
                readonly card_fingerprint?: string;
                /** @description How many at most; 20 where it is not said. */
                readonly limit?: number;
                readonly starting_after?: string;
                readonly ending_before?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of stored cards. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "object": "list",
                     *       "data": [
                     *         {
                     *           "id": "card_01m7zayarkfvns26md8b9yyec4",
                     *           "object": "stored_card",
                     *           "mode": "test",
                     *           "created": "2031-05-14T10:00:00.000Z",
                     *           "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *           "brand": "visa",
                     *           "bin": "42424242",
                     *           "last_four": "4242",
                     *           "expiry_month": 12,
                     *           "expiry_year": 2034
                     *         }
                     *       ],
                     *       "has_more": false
                     *     }
                     */
                    readonly "application/json": components["schemas"]["StoredCardList"];
                };
            };
        };
    };
    readonly getStoredCard: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Token of a stored card. */
                readonly card: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The card. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "card_01m7zayarkfvns26md8b9yyec4",
                     *       "object": "stored_card",
                     *       "mode": "test",
                     *       "created": "2031-05-14T10:00:00.000Z",
                     *       "fingerprint": "5c1f6b2a9d0e4f7788aabbccddeeff00112233445566778899aabbccddeeff00",
                     *       "brand": "visa",
                     *       "bin": "42424242",
                     *       "last_four": "4242",
                     *       "expiry_month": 12,
                     *       "expiry_year": 2034
                     *     }
                     */
                    readonly "application/json": components["schemas"]["StoredCard"];
                };
            };
        };
    };
    readonly deleteStoredCard: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Token of a stored card. */
                readonly card: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is gone. */
            readonly 204: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly getCardToken: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description A one-time card token. */
                readonly token: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The token as it stands. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "ctok_01m7zayarkfvns26md8b9yyec4",
                     *       "object": "card_token",
                     *       "mode": "test",
                     *       "status": "ready",
                     *       "card": {
                     *         "brand": "visa",
                     *         "last_four": "4242",
                     *         "expiry_month": 12,
                     *         "expiry_year": 2034
                     *       },
                     *       "expires_at": "2031-05-14T10:15:00.000Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["CardToken"];
                };
            };
        };
    };
    readonly listCustomers: {
        readonly parameters: {
            readonly query?: {
                /** @description When it was created. */
                readonly created?: {
                    readonly gt?: string;
                    readonly gte?: string;
                    readonly lt?: string;
                    readonly lte?: string;
                };
                /** @description Your own, exactly. */
                readonly reference?: string;
                /** @description How many at most; 20 where it is not said. */
                readonly limit?: number;
                readonly starting_after?: string;
                readonly ending_before?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of customers. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "object": "list",
                     *       "data": [
                     *         {
                     *           "id": "cus_01m7zayarkfvns26md8b9yyec6",
                     *           "object": "customer",
                     *           "mode": "test",
                     *           "created": "2031-05-14T09:00:00.000Z",
                     *           "reference": "customer-77",
                     *           "name": "Ada Lovelace",
                     *           "email": "ada@shop.example",
                     *           "metadata": {}
                     *         }
                     *       ],
                     *       "has_more": false
                     *     }
                     */
                    readonly "application/json": components["schemas"]["CustomerList"];
                };
            };
        };
    };
    readonly createCustomer: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "reference": "customer-77",
                 *       "name": "Ada Lovelace",
                 *       "email": "ada@shop.example",
                 *       "metadata": {}
                 *     }
                 */
                readonly "application/json": components["schemas"]["CreateCustomer"];
            };
        };
        readonly responses: {
            /** @description The customer. */
            readonly 201: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "cus_01m7zayarkfvns26md8b9yyec6",
                     *       "object": "customer",
                     *       "mode": "test",
                     *       "created": "2031-05-14T09:00:00.000Z",
                     *       "reference": "customer-77",
                     *       "name": "Ada Lovelace",
                     *       "email": "ada@shop.example",
                     *       "metadata": {}
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Customer"];
                };
            };
        };
    };
    readonly getCustomer: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a customer. */
                readonly customer: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The customer. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "cus_01m7zayarkfvns26md8b9yyec6",
                     *       "object": "customer",
                     *       "mode": "test",
                     *       "created": "2031-05-14T09:00:00.000Z",
                     *       "reference": "customer-77",
                     *       "name": "Ada Lovelace",
                     *       "email": "ada@shop.example",
                     *       "metadata": {}
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Customer"];
                };
            };
        };
    };
    readonly updateCustomer: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a customer. */
                readonly customer: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "email": "ada.lovelace@shop.example"
                 *     }
                 */
                readonly "application/json": components["schemas"]["UpdateCustomer"];
            };
        };
        readonly responses: {
            /** @description The customer. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "cus_01m7zayarkfvns26md8b9yyec6",
                     *       "object": "customer",
                     *       "mode": "test",
                     *       "created": "2031-05-14T09:00:00.000Z",
                     *       "reference": "customer-77",
                     *       "name": "Ada Lovelace",
                     *       "email": "ada@shop.example",
                     *       "metadata": {}
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Customer"];
                };
            };
        };
    };
    readonly deleteCustomer: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a customer. */
                readonly customer: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is gone. */
            readonly 204: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly listReviews: {
        readonly parameters: {
            readonly query?: {
                /** @description `open` for what waits. */
                readonly status?: string;
                /** @description How many at most; 20 where it is not said. */
                readonly limit?: number;
                readonly starting_after?: string;
                readonly ending_before?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of reviews. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "object": "list",
                     *       "data": [
                     *         {
                     *           "id": "rev_01m7zayarkfvns26md8b9yyec3",
                     *           "object": "review",
                     *           "mode": "test",
                     *           "payment": "pay_01m7zayarkfvns26md8b9yyec3",
                     *           "status": "open",
                     *           "outcome": null,
                     *           "opened": "2031-05-14T10:00:01.000Z",
                     *           "due": "2031-05-14T14:00:01.000Z",
                     *           "decided": null
                     *         }
                     *       ],
                     *       "has_more": false
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ReviewList"];
                };
            };
        };
    };
    readonly getReview: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a review. */
                readonly review: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The review. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "rev_01m7zayarkfvns26md8b9yyec3",
                     *       "object": "review",
                     *       "mode": "test",
                     *       "payment": "pay_01m7zayarkfvns26md8b9yyec3",
                     *       "status": "open",
                     *       "outcome": null,
                     *       "opened": "2031-05-14T10:00:01.000Z",
                     *       "due": "2031-05-14T14:00:01.000Z",
                     *       "decided": null
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Review"];
                };
            };
        };
    };
    readonly streamEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description Where to go on, as `Last-Event-ID` would say it; that header comes first. */
                readonly after?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Events as they happen. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": string;
                };
            };
        };
    };
    readonly explainPayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a payment. */
                readonly payment: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What happened, step by step. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PaymentExplanation"];
                };
            };
        };
    };
    readonly listCaptures: {
        readonly parameters: {
            readonly query?: {
                /** @description Only those of one payment. */
                readonly payment?: string;
                readonly status?: string;
                readonly created?: {
                    readonly gt?: string;
                    readonly gte?: string;
                    readonly lt?: string;
                    readonly lte?: string;
                };
                /** @description How many at most; 20 where it is not said. */
                readonly limit?: number;
                readonly starting_after?: string;
                readonly ending_before?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of captures. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["CaptureList"];
                };
            };
        };
    };
    readonly getCapture: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a capture. */
                readonly capture: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The capture. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Capture"];
                };
            };
        };
    };
    readonly listRefunds: {
        readonly parameters: {
            readonly query?: {
                /** @description Only those of one payment. */
                readonly payment?: string;
                readonly status?: string;
                readonly created?: {
                    readonly gt?: string;
                    readonly gte?: string;
                    readonly lt?: string;
                    readonly lte?: string;
                };
                /** @description How many at most; 20 where it is not said. */
                readonly limit?: number;
                readonly starting_after?: string;
                readonly ending_before?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of refunds. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "object": "list",
                     *       "data": [
                     *         {
                     *           "id": "ref_01m7zayarkfvns26md8b9yyec5",
                     *           "object": "refund",
                     *           "amount": 1000,
                     *           "currency": "EUR",
                     *           "status": "succeeded",
                     *           "failure_code": null,
                     *           "reason": "one item was returned",
                     *           "created": "2031-05-15T09:30:00.000Z",
                     *           "payment": "pay_01m7zayarkfvns26md8b9yyec3"
                     *         }
                     *       ],
                     *       "has_more": false
                     *     }
                     */
                    readonly "application/json": components["schemas"]["RefundList"];
                };
            };
        };
    };
    readonly getRefund: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a refund. */
                readonly refund: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The refund. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "ref_01m7zayarkfvns26md8b9yyec5",
                     *       "object": "refund",
                     *       "amount": 1000,
                     *       "currency": "EUR",
                     *       "status": "succeeded",
                     *       "failure_code": null,
                     *       "reason": "one item was returned",
                     *       "created": "2031-05-15T09:30:00.000Z",
                     *       "payment": "pay_01m7zayarkfvns26md8b9yyec3"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Refund"];
                };
            };
        };
    };
    readonly listEvents: {
        readonly parameters: {
            readonly query?: {
                readonly type?: string;
                readonly payment?: string;
                readonly created?: {
                    readonly gt?: string;
                    readonly gte?: string;
                    readonly lt?: string;
                    readonly lte?: string;
                };
                /** @description How many at most; 20 where it is not said. */
                readonly limit?: number;
                readonly starting_after?: string;
                readonly ending_before?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of events. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["EventList"];
                };
            };
        };
    };
    readonly getEvent: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of an event. */
                readonly event: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The event. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Event"];
                };
            };
        };
    };
    readonly listWebhookEndpoints: {
        readonly parameters: {
            readonly query?: {
                /** @description How many at most; 20 where it is not said. */
                readonly limit?: number;
                readonly starting_after?: string;
                readonly ending_before?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of endpoints. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookEndpointList"];
                };
            };
        };
    };
    readonly createWebhookEndpoint: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "url": "https://shop.example/webhooks",
                 *       "event_types": [
                 *         "payment.captured",
                 *         "refund.succeeded"
                 *       ]
                 *     }
                 */
                readonly "application/json": components["schemas"]["CreateWebhookEndpoint"];
            };
        };
        readonly responses: {
            /** @description The endpoint with its secret, which is in no other answer. */
            readonly 201: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookEndpointWithSecret"];
                };
            };
        };
    };
    readonly getWebhookEndpoint: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a webhook endpoint. */
                readonly endpoint: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The endpoint. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
        };
    };
    readonly updateWebhookEndpoint: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a webhook endpoint. */
                readonly endpoint: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "enabled": false
                 *     }
                 */
                readonly "application/json": components["schemas"]["UpdateWebhookEndpoint"];
            };
        };
        readonly responses: {
            /** @description The endpoint. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
        };
    };
    readonly deleteWebhookEndpoint: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a webhook endpoint. */
                readonly endpoint: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is gone. */
            readonly 204: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readonly rollWebhookSecret: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a webhook endpoint. */
                readonly endpoint: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "overlap_seconds": 86400
                 *     }
                 */
                readonly "application/json": components["schemas"]["RollWebhookSecret"];
            };
        };
        readonly responses: {
            /** @description The endpoint with its secret, which is in no other answer. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WebhookEndpointWithSecret"];
                };
            };
        };
    };
    readonly testWebhookEndpoint: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a webhook endpoint. */
                readonly endpoint: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /** @example {} */
                readonly "application/json": components["schemas"]["TestWebhookEndpoint"];
            };
        };
        readonly responses: {
            /** @description The event that is being sent. */
            readonly 201: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Event"];
                };
            };
        };
    };
    readonly listDeliveries: {
        readonly parameters: {
            readonly query?: {
                readonly state?: string;
                /** @description Only those of one event. */
                readonly event?: string;
                /** @description How many at most; 20 where it is not said. */
                readonly limit?: number;
                readonly starting_after?: string;
                readonly ending_before?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a webhook endpoint. */
                readonly endpoint: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of deliveries. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DeliveryList"];
                };
            };
        };
    };
    readonly replayDeliveries: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a webhook endpoint. */
                readonly endpoint: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "only": "failed",
                 *       "from": "2031-05-14T00:00:00Z",
                 *       "to": "2031-05-15T00:00:00Z"
                 *     }
                 */
                readonly "application/json": components["schemas"]["ReplayDeliveries"];
            };
        };
        readonly responses: {
            /** @description How many were made anew. */
            readonly 201: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Replay"];
                };
            };
        };
    };
    readonly getDelivery: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a delivery. */
                readonly delivery: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The delivery. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Delivery"];
                };
            };
        };
    };
    readonly replayDelivery: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a delivery. */
                readonly delivery: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /** @example {} */
                readonly "application/json": components["schemas"]["ReplayDelivery"];
            };
        };
        readonly responses: {
            /** @description The new delivery. */
            readonly 201: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Delivery"];
                };
            };
        };
    };
    readonly listApiKeys: {
        readonly parameters: {
            readonly query?: {
                readonly kind?: string;
                /** @description How many at most; 20 where it is not said. */
                readonly limit?: number;
                readonly starting_after?: string;
                readonly ending_before?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of keys. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ApiKeyList"];
                };
            };
        };
    };
    readonly createApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "name": "shop",
                 *       "scopes": [
                 *         "read",
                 *         "payments"
                 *       ],
                 *       "ip_allow_list": [
                 *         "192.0.2.0/24"
                 *       ]
                 *     }
                 */
                readonly "application/json": components["schemas"]["CreateApiKey"];
            };
        };
        readonly responses: {
            /** @description The key with its text; that of a secret key is in no other answer. */
            readonly 201: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ApiKeyWithText"];
                };
            };
        };
    };
    readonly getApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of an API key. */
                readonly key: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The key. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    readonly updateApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of an API key. */
                readonly key: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "ip_allow_list": [
                 *         "192.0.2.0/24",
                 *         "2001:db8::/32"
                 *       ]
                 *     }
                 */
                readonly "application/json": components["schemas"]["UpdateApiKey"];
            };
        };
        readonly responses: {
            /** @description The key. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    readonly rollApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of an API key. */
                readonly key: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "overlap_seconds": 86400
                 *     }
                 */
                readonly "application/json": components["schemas"]["RollApiKey"];
            };
        };
        readonly responses: {
            /** @description The key with its text; that of a secret key is in no other answer. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ApiKeyWithText"];
                };
            };
        };
    };
    readonly revokeApiKey: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of an API key. */
                readonly key: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /** @example {} */
                readonly "application/json": components["schemas"]["RevokeApiKey"];
            };
        };
        readonly responses: {
            /** @description The key. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ApiKey"];
                };
            };
        };
    };
    readonly listOAuthClients: {
        readonly parameters: {
            readonly query?: {
                /** @description How many at most; 20 where it is not said. */
                readonly limit?: number;
                readonly starting_after?: string;
                readonly ending_before?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of clients. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OAuthClientList"];
                };
            };
        };
    };
    readonly createOAuthClient: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "name": "platform",
                 *       "scopes": [
                 *         "read",
                 *         "payments"
                 *       ]
                 *     }
                 */
                readonly "application/json": components["schemas"]["CreateOAuthClient"];
            };
        };
        readonly responses: {
            /** @description The client with its secret, which is in no other answer. */
            readonly 201: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OAuthClientWithSecret"];
                };
            };
        };
    };
    readonly getOAuthClient: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of an OAuth client. */
                readonly client: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The client. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OAuthClient"];
                };
            };
        };
    };
    readonly updateOAuthClient: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of an OAuth client. */
                readonly client: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "ip_allow_list": [
                 *         "192.0.2.0/24"
                 *       ]
                 *     }
                 */
                readonly "application/json": components["schemas"]["UpdateOAuthClient"];
            };
        };
        readonly responses: {
            /** @description The client. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OAuthClient"];
                };
            };
        };
    };
    readonly rollOAuthClient: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of an OAuth client. */
                readonly client: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "overlap_seconds": 86400
                 *     }
                 */
                readonly "application/json": components["schemas"]["RollOAuthClient"];
            };
        };
        readonly responses: {
            /** @description The client with its secret, which is in no other answer. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OAuthClientWithSecret"];
                };
            };
        };
    };
    readonly revokeOAuthClient: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of an OAuth client. */
                readonly client: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /** @example {} */
                readonly "application/json": components["schemas"]["RevokeOAuthClient"];
            };
        };
        readonly responses: {
            /** @description The client. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OAuthClient"];
                };
            };
        };
    };
    readonly listSigningSecrets: {
        readonly parameters: {
            readonly query?: {
                /** @description How many at most; 20 where it is not said. */
                readonly limit?: number;
                readonly starting_after?: string;
                readonly ending_before?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of secrets. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SigningSecretList"];
                };
            };
        };
    };
    readonly createSigningSecret: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /**
                 * @example {
                 *       "name": "server 1"
                 *     }
                 */
                readonly "application/json": components["schemas"]["CreateSigningSecret"];
            };
        };
        readonly responses: {
            /** @description The secret with its text. */
            readonly 201: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SigningSecretWithText"];
                };
            };
        };
    };
    readonly getSigningSecret: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a signing secret. */
                readonly secret: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The secret, without its text. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SigningSecret"];
                };
            };
        };
    };
    readonly revokeSigningSecret: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a signing secret. */
                readonly secret: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                /** @example {} */
                readonly "application/json": components["schemas"]["RevokeSigningSecret"];
            };
        };
        readonly responses: {
            /** @description The secret, without its text. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SigningSecret"];
                };
            };
        };
    };
    readonly getRequestSigning: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Whether they have to be. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RequestSigning"];
                };
            };
        };
    };
    readonly setRequestSigning: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /**
                 * @description New for each request that is not a repeat. The same request with the same key is answered as the first was, and done once. Kept for at least 30 days.
                 * @example 0b6f6a52-5f0c-4d3a-9a52-0f6c1b8f7f10
                 */
                readonly "Idempotency-Key": components["parameters"]["Idempotency-Key"];
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "required": false
                 *     }
                 */
                readonly "application/json": components["schemas"]["SetRequestSigning"];
            };
        };
        readonly responses: {
            /** @description Whether they have to be. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RequestSigning"];
                };
            };
        };
    };
    readonly listBalances: {
        readonly parameters: {
            readonly query?: {
                readonly at?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Every account’s balance. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["BalanceList"];
                };
            };
        };
    };
    readonly listLedgerAccounts: {
        readonly parameters: {
            readonly query?: {
                readonly at?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Every account. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LedgerAccountList"];
                };
            };
        };
    };
    readonly listLedgerEntries: {
        readonly parameters: {
            readonly query?: {
                /** @description How many at most; 20 where it is not said. */
                readonly limit?: number;
                readonly starting_after?: string;
                readonly ending_before?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a ledger account, such as merchant_payable.pending.EUR. */
                readonly account: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of entries. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LedgerEntryList"];
                };
            };
        };
    };
    readonly listLedgerTransactions: {
        readonly parameters: {
            readonly query?: {
                readonly payment?: string;
                readonly event?: string;
                readonly account?: string;
                /** @description An active ISO 4217 code in upper case. */
                readonly currency?: string;
                readonly at_after?: string;
                readonly at_before?: string;
                /** @description How many at most; 20 where it is not said. */
                readonly limit?: number;
                readonly starting_after?: string;
                readonly ending_before?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of transactions. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LedgerTransactionList"];
                };
            };
        };
    };
    readonly getLedgerTransaction: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path: {
                /** @description Id of a ledger transaction. */
                readonly transaction: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The transaction. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LedgerTransaction"];
                };
            };
        };
    };
    readonly getTrialBalance: {
        readonly parameters: {
            readonly query?: {
                readonly at?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The trial balance. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["TrialBalance"];
                };
            };
        };
    };
    readonly getLedgerStatement: {
        readonly parameters: {
            readonly query: {
                readonly from: string;
                readonly to?: string;
                readonly account?: string;
                readonly format?: string;
            };
            readonly header?: {
                /** @description The version that the answer is to have. Without it that of the key; see `version` of an API key. */
                readonly "Quittance-Version"?: components["parameters"]["Quittance-Version"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The statement, sent as it is read. */
            readonly 200: {
                headers: {
                    readonly "Request-Id": components["headers"]["Request-Id"];
                    readonly "Quittance-Version": components["headers"]["Quittance-Version"];
                    readonly Deprecation: components["headers"]["Deprecation"];
                    readonly Sunset: components["headers"]["Sunset"];
                    readonly "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    readonly RateLimit: components["headers"]["RateLimit"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LedgerStatement"];
                    readonly "text/csv": string;
                };
            };
        };
    };
}
