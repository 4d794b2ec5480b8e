import type { z } from 'zod';
import * as apiKeys from '../schemas/answers/api-keys.ts';
import * as cards from '../schemas/answers/card-verifications.ts';
import * as customers from '../schemas/answers/customers.ts';
import * as events from '../schemas/answers/events.ts';
import * as ledger from '../schemas/answers/ledger.ts';
import * as oauthClients from '../schemas/answers/oauth-clients.ts';
import * as operations from '../schemas/answers/operations.ts';
import * as payments from '../schemas/answers/payments.ts';
import { problem } from '../schemas/answers/problem.ts';
import * as signing from '../schemas/answers/request-signing.ts';
import * as reviews from '../schemas/answers/reviews.ts';
import * as storedCards from '../schemas/answers/stored-cards.ts';
import * as webhooks from '../schemas/answers/webhooks.ts';

/** The schemas of answers, by the names that clients see. */
export const COMPONENTS = {
  Problem: problem,
  Payment: payments.payment,
  PaymentDetails: payments.paymentDetails,
  ProcessingPayment: payments.processingPayment,
  PaymentExplanation: payments.explanation,
  PaymentList: payments.paymentList,
  Capture: operations.captureOfPayment,
  CaptureList: payments.captureList,
  Refund: operations.refundOfPayment,
  RefundList: payments.refundList,
  Increment: operations.incrementOfPayment,
  CardVerification: cards.cardVerification,
  ProcessingCardVerification: cards.processingVerification,
  CardVerificationList: cards.cardVerificationList,
  Review: reviews.review,
  ReviewList: reviews.reviewList,
  Customer: customers.customer,
  CustomerList: customers.customerList,
  CardToken: storedCards.cardToken,
  StoredCard: storedCards.storedCard,
  StoredCardList: storedCards.storedCardList,
  Event: events.event,
  EventList: events.eventList,
  WebhookEndpoint: webhooks.webhookEndpoint,
  WebhookEndpointWithSecret: webhooks.webhookEndpointWithSecret,
  WebhookEndpointList: webhooks.webhookEndpointList,
  Delivery: webhooks.delivery,
  DeliveryList: webhooks.deliveryList,
  Replay: webhooks.replay,
  ApiKey: apiKeys.apiKey,
  ApiKeyWithText: apiKeys.apiKeyWithText,
  ApiKeyList: apiKeys.apiKeyList,
  OAuthClient: oauthClients.oauthClient,
  OAuthClientWithSecret: oauthClients.oauthClientWithSecret,
  OAuthClientList: oauthClients.oauthClientList,
  SigningSecret: signing.signingSecret,
  SigningSecretWithText: signing.signingSecretWithText,
  SigningSecretList: signing.signingSecretList,
  RequestSigning: signing.requestSigning,
  BalanceList: ledger.balanceList,
  LedgerAccountList: ledger.ledgerAccountList,
  LedgerEntryList: ledger.ledgerEntryList,
  LedgerTransaction: ledger.ledgerTransaction,
  LedgerTransactionList: ledger.ledgerTransactionList,
  TrialBalance: ledger.trialBalance,
  LedgerStatement: ledger.ledgerStatement,
} as const satisfies Record<string, z.ZodType>;
export type ComponentName = keyof typeof COMPONENTS;
