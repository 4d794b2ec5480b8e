import type { AttemptId, MerchantId, PaymentId, StagingId } from '../domain/ids.ts';
import type { PaymentCard } from '../domain/payment.ts';

/** What the system outside the vault knows of a card. Never the number, never the security code. */
export type TokenizedCard = PaymentCard;

export interface VaultActivities {
  /**
   * Turns the payment's one-time staging id into the merchant's token for that card. Asked again for
   * the same payment it answers the same.
   */
  tokenize(input: {
    readonly merchant: MerchantId;
    readonly payment: PaymentId;
    readonly staging: StagingId;
  }): Promise<TokenizedCard>;
  /** Only for an attempt that is proven unsent: its lease of the security code goes back. Idempotent. */
  release(input: {
    readonly merchant: MerchantId;
    readonly payment: PaymentId;
    readonly attempt: AttemptId;
  }): Promise<void>;
  /** Destroys what is left of the payment's security code. Idempotent. */
  burn(input: { readonly merchant: MerchantId; readonly payment: PaymentId }): Promise<void>;
  /**
   * A new grant for an attempt that is sent again: the one it was planned with has run out. Null when
   * the payment has no such attempt that is open.
   */
  grant(input: {
    readonly merchant: MerchantId;
    readonly payment: PaymentId;
    readonly attempt: AttemptId;
  }): Promise<string | null>;
}
