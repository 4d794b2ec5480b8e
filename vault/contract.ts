import type { TooMany } from '../platform/http-json.ts';
import type { RotationProgress } from '../platform/key-rotation/rotation.ts';
import type { CardBrand } from '../workflows/domain/card.ts';
import type {
  AcquirerAccountId,
  AttemptId,
  CardTakerId,
  CardToken,
  MerchantId,
  StagingId,
} from '../workflows/domain/ids.ts';
import type { CardPurpose } from '../workflows/domain/outcome.ts';

/** A card as the payer gave it. It travels only to the vault and, out of it, to an acquirer worker. */
export interface CardDetails {
  /** 12 to 19 digits, no separators. */
  readonly number: string;
  /** 1 to 12. */
  readonly expiryMonth: number;
  /** Four digits. */
  readonly expiryYear: number;
  /** Three or four digits. */
  readonly cvv?: string;
}

/** What may be known of a card outside the cardholder zone. */
export interface CardFacts {
  /** Keyed HMAC over merchant, mode and whole number, hex: same card, same merchant, same mode, same value. */
  readonly fingerprint: string;
  readonly brand: CardBrand;
  /** First 8 digits (Visa, Mastercard), else first 6. */
  readonly bin: string;
  readonly lastFour: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
}

/** Of the key that a merchant asks with. A card belongs to one. */
export type CardMode = 'test' | 'live';

interface PaymentRef {
  readonly merchant: MerchantId;
  /** Or the card verification that took the card: every word about a payment here holds of it, too. */
  readonly payment: CardTakerId;
}

export interface StageRequest {
  readonly merchant: MerchantId;
  readonly mode: CardMode;
  /** Of the merchant's request. Same key and same card (number and expiry): same staging id. */
  readonly idempotencyKey: string;
  readonly card: CardDetails;
}
export interface StagedCard extends CardFacts {
  readonly staging: StagingId;
}

/** The card behind a token that the merchant sends in place of a card. */
export interface ClaimRequest {
  readonly merchant: MerchantId;
  readonly mode: CardMode;
  /** `ctok_…`: good for one request. `card_…`: a stored card of this merchant and mode. */
  readonly cardToken: string;
  /** Of the merchant's request. The same one is answered the same staging id again. */
  readonly idempotencyKey: string;
}

export interface TokenizeRequest extends PaymentRef {
  readonly staging: StagingId;
  /** Also a token in the shape of a card number, for a merchant that can hold nothing else. */
  readonly numeric?: true;
}
export interface TokenAnswer extends CardFacts {
  readonly token: CardToken;
  /** Where it was asked for. */
  readonly numericToken?: string;
}

export interface DetokenizeRequest extends PaymentRef {
  readonly token: CardToken;
  /** Who the security code is leased to. */
  readonly attempt: AttemptId;
  /** Where the attempt is sent, and as what: both are in the grant. */
  readonly account: AcquirerAccountId;
  readonly purpose: CardPurpose;
  /** What the payments worker signed for this attempt (vault/grants/form.ts); null gets a refusal, and an audit row. */
  readonly grant: string | null;
}
export interface DetokenizedCard {
  readonly number: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
  /** Null when there is none, or when another attempt has it or had it and did not give it back. */
  readonly cvv: string | null;
}

/** The attempt is proven unsent: its lease of the security code goes back, and it gets nothing any more. */
export interface ReleaseRequest extends PaymentRef {
  readonly attempt: AttemptId;
}
export interface ReleaseAnswer {
  /** True when the attempt held the lease. */
  readonly released: boolean;
}

/** Destroys the payment's security code. */
export interface BurnRequest extends PaymentRef {
  /** The attempt has a final answer, and that is recorded: it gets no number any more. */
  readonly answered?: AttemptId;
}
export interface BurnAnswer {
  /** True when there was a security code to destroy. */
  readonly burnt: boolean;
}

/** One batch of a rotation of the master key (platform/key-rotation): begins it, or goes on with the open one. */
export interface RekeyRequest {
  readonly rotation: string;
  /** {@link RotationProgress.next} of the call before; null = from the beginning. */
  readonly after: string | null;
}

/** A merchant's card by its token. */
export interface CardRef {
  readonly merchant: MerchantId;
  readonly token: CardToken;
}
/** Hides the token: no payment gets it any more, and the same card would get another. */
export interface ForgetRequest extends CardRef {
  readonly mode: CardMode;
}
export interface ForgetAnswer {
  /** False when it was hidden before. */
  readonly forgotten: boolean;
}

/** What a merchant may know of a card that it stored. */
export interface StoredCard extends CardFacts {
  readonly token: CardToken;
  /** ISO 8601. */
  readonly createdAt: string;
}
export interface CardRequest extends CardRef {
  readonly mode: CardMode;
}
export interface CardAnswer {
  /** Null when there is none of this merchant and mode, or not any more. */
  readonly card: StoredCard | null;
  /** There was one: it was hidden from the merchant. */
  readonly forgotten: boolean;
}

/** A one-time token, without using it up. */
export interface CardTokenRequest {
  readonly merchant: MerchantId;
  readonly mode: CardMode;
  /** `ctok_…`. */
  readonly cardToken: string;
}
export interface CardTokenAnswer {
  /** Null when there is none of this merchant and mode, or it ran out and is swept away. */
  readonly cardToken:
    | (Pick<CardFacts, 'brand' | 'lastFour' | 'expiryMonth' | 'expiryYear'> & {
        readonly status: 'ready' | 'used' | 'expired';
        /** ISO 8601. */
        readonly expiresAt: string;
      })
    | null;
}

/** A page of a merchant's stored cards, newest first. */
export interface CardsRequest {
  readonly merchant: MerchantId;
  readonly mode: CardMode;
  readonly limit: number;
  /** The page behind this card, or before it; also one that was forgotten since. */
  readonly startingAfter?: CardToken;
  readonly endingBefore?: CardToken;
  /** The card with this one alone. */
  readonly fingerprint?: string;
  /** When it was first stored (ISO 8601). */
  readonly created?: {
    readonly gt?: string;
    readonly gte?: string;
    readonly lt?: string;
    readonly lte?: string;
  };
}
export interface CardsAnswer {
  /** Null when the place to begin at is no card of this merchant and mode. */
  readonly cards: readonly StoredCard[] | null;
}

/** The cards whose number waits to be destroyed, in the order of their tokens, a page a call. */
export interface ForgottenRequest {
  /** Null also makes the vault forget what has not been used for long. */
  readonly after: CardToken | null;
}
export interface ForgottenCard extends CardRef {
  /** Every payment that took it: who destroys it has looked at all of them. */
  readonly payments: readonly CardTakerId[];
}
export interface ForgottenAnswer {
  readonly cards: readonly ForgottenCard[];
  /** Null = these were the last. */
  readonly next: CardToken | null;
  /** Cards that were forgotten in this call because nobody had used them. */
  readonly unused: number;
}

/** Destroys the number of a forgotten card; the caller answers for it that no payment needs it. */
export interface DestroyRequest extends CardRef {
  /** How many payments the caller has looked at. */
  readonly payments: number;
}
export interface DestroyAnswer {
  /** False when it was destroyed before. */
  readonly destroyed: boolean;
}

/** A publishable key as the api has it. What the vault already holds of it as ended stays ended. */
export interface PublishRequest {
  readonly merchant: MerchantId;
  readonly mode: 'test' | 'live';
  /** `pk_…`. */
  readonly key: string;
  /** Pages that may use it. */
  readonly origins: readonly string[];
  /** When it ends (ISO 8601); null = it is in use. */
  readonly until: string | null;
}
export interface PublishAnswer {
  readonly published: true;
}

/** Every operation of the vault. Each may be repeated after a lost answer. */
export interface VaultOperations {
  readonly stage: { readonly request: StageRequest; readonly answer: StagedCard };
  readonly claim: { readonly request: ClaimRequest; readonly answer: StagedCard };
  readonly tokenize: { readonly request: TokenizeRequest; readonly answer: TokenAnswer };
  readonly detokenize: { readonly request: DetokenizeRequest; readonly answer: DetokenizedCard };
  readonly release: { readonly request: ReleaseRequest; readonly answer: ReleaseAnswer };
  readonly burn: { readonly request: BurnRequest; readonly answer: BurnAnswer };
  readonly rekey: { readonly request: RekeyRequest; readonly answer: RotationProgress };
  readonly forget: { readonly request: ForgetRequest; readonly answer: ForgetAnswer };
  readonly card: { readonly request: CardRequest; readonly answer: CardAnswer };
  readonly cards: { readonly request: CardsRequest; readonly answer: CardsAnswer };
  readonly cardToken: { readonly request: CardTokenRequest; readonly answer: CardTokenAnswer };
  readonly forgotten: { readonly request: ForgottenRequest; readonly answer: ForgottenAnswer };
  readonly destroy: { readonly request: DestroyRequest; readonly answer: DestroyAnswer };
  readonly publish: { readonly request: PublishRequest; readonly answer: PublishAnswer };
}
export type VaultOperation = keyof VaultOperations;

/** Where each operation is: POST, JSON both ways. */
export const VAULT_ROUTES = {
  stage: '/v1/stage',
  claim: '/v1/claim',
  tokenize: '/v1/tokenize',
  detokenize: '/v1/detokenize',
  release: '/v1/release',
  burn: '/v1/burn',
  rekey: '/v1/rekey',
  forget: '/v1/forget',
  card: '/v1/card',
  cards: '/v1/cards',
  cardToken: '/v1/card-token',
  forgotten: '/v1/forgotten',
  destroy: '/v1/destroy',
  publish: '/v1/publish',
} as const satisfies Record<VaultOperation, string>;

/** Why the vault says no. `retryable`: the same request may succeed later, unchanged. */
export const VAULT_PROBLEMS = {
  malformed: { status: 400, retryable: false },
  // The caller's certificate. A renewed one mends the first four: the request may come again.
  no_certificate: { status: 401, retryable: true },
  unknown_authority: { status: 401, retryable: true },
  certificate_expired: { status: 401, retryable: true },
  certificate_unusable: { status: 401, retryable: true },
  unknown_caller: { status: 401, retryable: false },
  // It names no acquirer whose grants its worker may use. One that does mends it.
  certificate_unnamed: { status: 401, retryable: true },
  forbidden: { status: 403, retryable: false },
  unknown_route: { status: 404, retryable: false },
  unknown_staging: { status: 404, retryable: false },
  unknown_token: { status: 404, retryable: false },
  // The grant. A new one mends the first three (see staleGrant); the others are mistakes, or worse.
  grant_missing: { status: 403, retryable: false },
  grant_expired: { status: 403, retryable: false },
  grant_not_yet_valid: { status: 403, retryable: false },
  grant_invalid: { status: 403, retryable: false },
  grant_wrong_merchant: { status: 403, retryable: false },
  grant_wrong_payment: { status: 403, retryable: false },
  grant_wrong_attempt: { status: 403, retryable: false },
  grant_wrong_account: { status: 403, retryable: false },
  grant_wrong_purpose: { status: 403, retryable: false },
  grant_wrong_acquirer: { status: 403, retryable: false },
  // Of a payments worker from before grants named their acquirer: a newer one's mends it.
  grant_unnamed: { status: 403, retryable: true },
  grant_spent: { status: 403, retryable: false },
  unknown_card_token: { status: 404, retryable: false },
  card_token_used: { status: 409, retryable: false },
  card_forgotten: { status: 410, retryable: false },
  staging_used: { status: 409, retryable: false },
  payment_has_card: { status: 409, retryable: false },
  no_numeric_token: { status: 409, retryable: false },
  card_in_use: { status: 409, retryable: false },
  too_large: { status: 413, retryable: false },
  rate_limited: { status: 429, retryable: true },
  locked: { status: 429, retryable: true },
  tampered: { status: 500, retryable: false },
  unknown_key: { status: 500, retryable: false },
  internal: { status: 500, retryable: true },
  kms_unavailable: { status: 503, retryable: true },
  kms_refused: { status: 503, retryable: true },
  database_unavailable: { status: 503, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>;
export type VaultProblemCode = keyof typeof VAULT_PROBLEMS;

/**
 * The acquirers whose grants an acquirer worker may use, among the DNS names of its certificate:
 * `<acquirer>.acquirers.quittance`, or this instead of the acquirer for all of them.
 */
export const ACQUIRER_NAMES_END = '.acquirers.quittance';
export const ALL_ACQUIRERS = '*';

/** The vault's own name, in its certificate. */
export const VAULT_NAME = 'spiffe://quittance/vault';

/** The vault, its database or its key service does not answer now, or is asked too much. Nothing was lost; ask again. */
export class VaultUnavailable extends Error {
  override readonly name = 'VaultUnavailable';
  /** When it may be asked again, where it was asked too much for one merchant (`rate_limited`, `locked`); else null. */
  readonly tooMany: TooMany | null;

  constructor(
    message: string,
    { tooMany = null, ...options }: ErrorOptions & { readonly tooMany?: TooMany | null } = {},
  ) {
    super(message, options);
    this.tooMany = tooMany;
  }
}

/** The vault said no, and will say it again. */
export class VaultRefused extends Error {
  override readonly name = 'VaultRefused';
  /** A {@link VaultProblemCode}, or what a newer vault added. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** How a client of the vault (platform/http-json) names what goes wrong. */
export const VAULT_FAILURES = {
  unavailable: (message: string, cause: unknown, tooMany: TooMany | null): Error =>
    new VaultUnavailable(message, { cause, tooMany }),
  refused: (_status: number, code: string, message: string): Error => new VaultRefused(message, code),
};
