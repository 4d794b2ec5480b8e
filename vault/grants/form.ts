import type { CardPurpose } from '../../workflows/domain/outcome.ts';
import type { AcquirerAccountId, AttemptId, CardTakerId, MerchantId } from '../../workflows/domain/ids.ts';

/**
 * A grant allows one attempt to have its card's number for a short time (docs/decisions/013-grants.md).
 * It is signed by a key that lives as long as a process of the payments worker; that key is certified by
 * a delegation, which the key service signed.
 */
export interface Grant {
  readonly merchant: MerchantId;
  readonly payment: CardTakerId;
  readonly attempt: AttemptId;
  readonly account: AcquirerAccountId;
  /** Whose account that is: only a worker whose certificate names it may use this grant. */
  readonly acquirer: string;
  /** What the number is wanted for: the kind of the attempt. */
  readonly purpose: CardPurpose;
  /** Epoch ms. */
  readonly issued: number;
  readonly expires: number;
}

export interface Delegation {
  /** Ed25519, SPKI DER, base64url. */
  readonly key: string;
  /** The process that holds the private half. */
  readonly worker: string;
  /** Epoch ms. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A text with its signature. */
export interface SignedText {
  readonly text: string;
  readonly signature: Buffer;
}

/** No grant is good for longer, whoever signed it (ms). */
export const GRANT_LIFE_MAX_MS = 300_000;
/** Nor is a delegation (ms). */
export const DELEGATION_LIFE_MAX_MS = 86_400_000;
/** The clocks of two machines may differ by this (ms). */
export const CLOCK_SKEW_MS = 5_000;

/** The bytes that are signed: what is said, and as what, so that one can never be taken for the other. */
export function signedBytes(as: 'grant' | 'delegation', text: string): Buffer {
  return Buffer.from(`quittance ${as} 1\n${text}`, 'utf8');
}

/** Delegation and grant as one text of four base64url parts, at most some 1,200 characters. */
export function joinGrant(delegation: SignedText, grant: SignedText): string {
  return [Buffer.from(delegation.text), delegation.signature, Buffer.from(grant.text), grant.signature]
    .map((part) => part.toString('base64url'))
    .join('.');
}

/** The parts of such a text, unchecked; null when it is not one. */
export function splitGrant(
  joined: string,
): { readonly delegation: SignedText; readonly grant: SignedText } | null {
  const [by, bySignature, text, signature, ...rest] = joined.split('.');
  if (by === undefined || bySignature === undefined || text === undefined || signature === undefined)
    return null;
  if (rest.length > 0) return null;
  const bytes = (part: string): Buffer => Buffer.from(part, 'base64url');
  return {
    delegation: { text: bytes(by).toString('utf8'), signature: bytes(bySignature) },
    grant: { text: bytes(text).toString('utf8'), signature: bytes(signature) },
  };
}
