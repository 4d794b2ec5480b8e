import type { components, operations } from './schema.generated.ts';

/** Every operation of the API by its name in the OpenAPI document. */
export type OperationName = keyof operations;

type JsonOf<Answer> = Answer extends { readonly content: { readonly 'application/json': infer Body } }
  ? Body
  : never;
/** What an operation answers when it is not refused: one shape for each of its statuses. */
export type AnswerOf<Name extends OperationName> = JsonOf<
  operations[Name]['responses'][keyof operations[Name]['responses']]
>;

/** The parameters of an operation's address. */
export type QueryOf<Name extends OperationName> = NonNullable<
  operations[Name]['parameters'] extends { readonly query?: infer Query } ? Query : never
>;

/** The body of an operation. */
export type BodyOf<Name extends OperationName> =
  NonNullable<operations[Name]['requestBody']> extends {
    readonly content: { readonly 'application/json': infer Body };
  }
    ? Body
    : never;

type Schemas = components['schemas'];
export type Payment = Schemas['Payment'];
export type PaymentDetails = Schemas['PaymentDetails'];
/** What a 202 says: the outcome is not known yet. It is neither yes nor no. */
export type ProcessingPayment = Schemas['ProcessingPayment'];
export type PaymentExplanation = Schemas['PaymentExplanation'];
export type CardVerification = Schemas['CardVerification'];
export type ProcessingCardVerification = Schemas['ProcessingCardVerification'];
export type Review = Schemas['Review'];
export type Customer = Schemas['Customer'];
export type CardToken = Schemas['CardToken'];
export type StoredCard = Schemas['StoredCard'];
export type Capture = Schemas['Capture'];
export type Refund = Schemas['Refund'];
export type Increment = Schemas['Increment'];
export type Event = Schemas['Event'];
export type EventType = Event['type'];
export type WebhookEndpoint = Schemas['WebhookEndpoint'];
export type WebhookEndpointWithSecret = Schemas['WebhookEndpointWithSecret'];
export type ApiKey = Schemas['ApiKey'];
export type OAuthClient = Schemas['OAuthClient'];
export type SigningSecret = Schemas['SigningSecret'];
export type Delivery = Schemas['Delivery'];
/** A problem document (RFC 9457). */
export type Problem = Schemas['Problem'];
export type ProblemCode = Problem['code'];
