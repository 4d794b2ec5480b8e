export { AccessTokenError, type OAuthOptions } from './access-token.ts';
export { createClient, isProcessing, type Quittance, type QuittanceOptions } from './client.ts';
export {
  ConnectionError,
  isProblem,
  ProblemError,
  QuittanceError,
  StillProcessingError,
  UnexpectedAnswerError,
} from './errors.ts';
export type { StreamedEvent, StreamOptions } from './event-stream.ts';
export { List, type Page } from './pages.ts';
export type { RetryPolicy } from './retry.ts';
export type { SigningOptions } from './signing.ts';
export type { Answer, ChangeOptions, Request, RequestOptions } from './transport.ts';
export type * from './types.ts';
export type { WaitOptions } from './waiting.ts';
export { signWebhook, verifyWebhook, WebhookSignatureError, type WebhookHeaders } from './webhooks.ts';
