import type { CardBrand } from '../workflows/domain/card.ts';
import type { AttemptId, CardToken, MerchantId, PaymentId, StagingId } from '../workflows/domain/ids.ts';

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
  /** Keyed HMAC over merchant and whole number, hex: same card, same merchant, same value. */
  readonly fingerprint: string;
  readonly brand: CardBrand;
  /** First 8 digits (Visa, Mastercard), else first 6. */
  readonly bin: string;
  readonly lastFour: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
}

interface PaymentRef {
  readonly merchant: MerchantId;
  readonly payment: PaymentId;
}

export interface StageRequest {
  readonly merchant: MerchantId;
  /** Of the merchant's request. Same key and same card (number and expiry): same staging id. */
  readonly idempotencyKey: string;
  readonly card: CardDetails;
}
export interface StagedCard extends CardFacts {
  readonly staging: StagingId;
}

export interface TokenizeRequest extends PaymentRef {
  readonly staging: StagingId;
}
export interface TokenAnswer extends CardFacts {
  readonly token: CardToken;
}

export interface DetokenizeRequest extends PaymentRef {
  readonly token: CardToken;
  /** Who the security code is leased to. */
  readonly attempt: AttemptId;
}
export interface DetokenizedCard {
  readonly number: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
  /** Null when there is none, or when another attempt has it or had it and did not give it back. */
  readonly cvv: string | null;
}

/** The attempt is proven unsent: its lease of the security code goes back, and it is never leased it again. */
export interface ReleaseRequest extends PaymentRef {
  readonly attempt: AttemptId;
}
export interface ReleaseAnswer {
  /** True when the attempt held the lease. */
  readonly released: boolean;
}

export type BurnRequest = PaymentRef;
export interface BurnAnswer {
  /** True when there was a security code to destroy. */
  readonly burnt: boolean;
}

/** Every operation of the vault. Each may be repeated after a lost answer. */
export interface VaultOperations {
  readonly stage: { readonly request: StageRequest; readonly answer: StagedCard };
  readonly tokenize: { readonly request: TokenizeRequest; readonly answer: TokenAnswer };
  readonly detokenize: { readonly request: DetokenizeRequest; readonly answer: DetokenizedCard };
  readonly release: { readonly request: ReleaseRequest; readonly answer: ReleaseAnswer };
  readonly burn: { readonly request: BurnRequest; readonly answer: BurnAnswer };
}
export type VaultOperation = keyof VaultOperations;

/** Where each operation is: POST, JSON both ways. */
export const VAULT_ROUTES = {
  stage: '/v1/stage',
  tokenize: '/v1/tokenize',
  detokenize: '/v1/detokenize',
  release: '/v1/release',
  burn: '/v1/burn',
} as const satisfies Record<VaultOperation, string>;

/** Why the vault says no. `retryable`: the same request may succeed later, unchanged. */
export const VAULT_PROBLEMS = {
  malformed: { status: 400, retryable: false },
  unauthenticated: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  unknown_route: { status: 404, retryable: false },
  unknown_staging: { status: 404, retryable: false },
  unknown_token: { status: 404, retryable: false },
  staging_used: { status: 409, retryable: false },
  payment_has_card: { status: 409, retryable: false },
  too_large: { status: 413, retryable: false },
  tampered: { status: 500, retryable: false },
  unknown_key: { status: 500, retryable: false },
  internal: { status: 500, retryable: true },
  kms_unavailable: { status: 503, retryable: true },
  kms_refused: { status: 503, retryable: true },
  database_unavailable: { status: 503, retryable: true },
} as const satisfies Record<string, { status: number; retryable: boolean }>;
export type VaultProblemCode = keyof typeof VAULT_PROBLEMS;

/** The vault, its database or its key service does not answer now. Nothing was lost; ask again. */
export class VaultUnavailable extends Error {
  override readonly name = 'VaultUnavailable';
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
  unavailable: (message: string, cause: unknown): Error => new VaultUnavailable(message, { cause }),
  refused: (_status: number, code: string, message: string): Error => new VaultRefused(message, code),
};
