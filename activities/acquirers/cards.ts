import type { AttemptId, CardToken, MerchantId, PaymentId } from '../../workflows/domain/ids.ts';

/**
 * Where an acquirer worker gets a card for one attempt. Errors: one whose `name` is `VaultRefused`
 * says no for good (a bug, or a token that was destroyed); any other may be gone next time.
 */
export interface CardSource {
  /** `cvv` is null when there is none, or it is not this attempt's. Asked again by the same attempt it answers the same. */
  detokenize(input: {
    readonly merchant: MerchantId;
    readonly payment: PaymentId;
    readonly token: CardToken;
    readonly attempt: AttemptId;
  }): Promise<{
    readonly number: string;
    readonly expiryMonth: number;
    readonly expiryYear: number;
    readonly cvv: string | null;
  }>;
  /** Only for an attempt that is proven unsent: its security code goes back for the next one. */
  release(input: {
    readonly merchant: MerchantId;
    readonly payment: PaymentId;
    readonly attempt: AttemptId;
  }): Promise<void>;
  /** After any answer, and after any send without one. */
  burn(input: { readonly merchant: MerchantId; readonly payment: PaymentId }): Promise<void>;
}

/** Whether the vault said no, and will say it again. */
export function isVaultRefusal(error: unknown): error is Error {
  return error instanceof Error && error.name === 'VaultRefused';
}
