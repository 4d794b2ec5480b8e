import type { VerificationEnd, VerificationView } from '../domain/card-verification.ts';
import type { AttemptId, MerchantId, StagingId, VerificationId } from '../domain/ids.ts';
import type { CallResult } from './acquirer.ts';
import type { TokenizedCard } from './vault.ts';

/** Names one card verification and where its rows are. */
export interface VerificationRef {
  readonly merchant: MerchantId;
  readonly verification: VerificationId;
}

/**
 * The verification's own record: local activities. Each is one transaction, and may run twice: it finds
 * itself written. Each answers the verification as it is then.
 */
export interface VerificationActivities {
  loadVerification(ref: VerificationRef): Promise<VerificationView>;
  /**
   * Chooses an account that can ask, and commits the attempt before the first byte; only then is its grant
   * made. Where none can it ends as unknown, `no_route`.
   * @param input.number of the attempt to be planned: the second run of the same step plans nothing.
   */
  planVerification(
    input: VerificationRef & { readonly number: number; readonly card: TokenizedCard },
  ): Promise<VerificationView>;
  /** After a call that is over, or lost: planned becomes fenced, sending becomes given up. */
  settleVerification(input: VerificationRef & { readonly attempt: AttemptId }): Promise<VerificationView>;
  /** Ends it, with its answer and its event. Not as unknown where an answer came in between. */
  concludeVerification(input: VerificationRef & { readonly end: VerificationEnd }): Promise<VerificationView>;
}

/** The vault's steps, as payments have them (vault.ts): a card can be taken by a verification as by a payment. */
export interface VerificationVault {
  tokenize(input: VaultRef & { readonly staging: StagingId }): Promise<TokenizedCard>;
  release(input: VaultRef & { readonly attempt: AttemptId }): Promise<void>;
  burn(input: VaultRef): Promise<void>;
}
interface VaultRef {
  readonly merchant: MerchantId;
  readonly payment: VerificationId;
}

export interface VerificationCall extends VerificationRef {
  readonly attempt: AttemptId;
  /** Its right to have the card's number. */
  readonly grant: string;
}

/** What a verification asks of an acquirer: a regular activity on its queue, at most once per schedule. */
export interface VerifyingActivities {
  /** Approved: the issuer has no reason to decline. Never fails for reasons of the world. */
  verify(call: VerificationCall): Promise<CallResult>;
}
