import type { Route } from '../call.ts';
import { apiKeyRoutes, type ApiKeyRoutesOptions } from './api-keys.ts';
import { cardVerificationRoutes, type VerificationRoutesOptions } from './card-verifications.ts';
import { customerRoutes } from './customers.ts';
import { eventStreamRoutes, type EventStreamOptions } from './event-stream.ts';
import { ledgerRoutes, type LedgerRoutesOptions } from './ledger.ts';
import { listRoutes } from './lists.ts';
import { oauthClientRoutes, type OAuthClientRoutesOptions } from './oauth-clients.ts';
import { paymentRoutes, type PaymentRoutesOptions } from './payments.ts';
import { reviewRoutes } from './reviews.ts';
import { requestSigningRoutes, type RequestSigningRoutesOptions } from './request-signing.ts';
import { storedCardRoutes, type StoredCardRoutesOptions } from './stored-cards.ts';
import { webhookRoutes, type WebhookRoutesOptions } from './webhooks.ts';

export type RoutesOptions = PaymentRoutesOptions &
  VerificationRoutesOptions &
  StoredCardRoutesOptions &
  EventStreamOptions &
  LedgerRoutesOptions &
  WebhookRoutesOptions &
  ApiKeyRoutesOptions &
  OAuthClientRoutesOptions &
  RequestSigningRoutesOptions;

/** Every operation behind a merchant's key. What is not here is not in the OpenAPI document. */
export function merchantRoutes(options: RoutesOptions): readonly Route[] {
  return [
    ...paymentRoutes(options),
    ...cardVerificationRoutes(options),
    ...storedCardRoutes(options),
    ...customerRoutes(options),
    ...reviewRoutes(options),
    // Before the events by their ids, of which "stream" is none.
    ...eventStreamRoutes(options),
    ...listRoutes(options),
    ...webhookRoutes(options),
    ...apiKeyRoutes(options),
    ...oauthClientRoutes(options),
    ...requestSigningRoutes(options),
    ...ledgerRoutes(options),
  ];
}
