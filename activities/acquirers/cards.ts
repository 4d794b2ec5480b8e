import type {
  AcquirerAccountId,
  AttemptId,
  CardTakerId,
  CardToken,
  MerchantId,
  PaymentId,
} from '../../workflows/domain/ids.ts';
import type { AttemptKind, CardPurpose } from '../../workflows/domain/outcome.ts';

/**
 * Where an acquirer worker gets a card for one attempt. Errors: one whose `name` is `VaultRefused`
 * says no for good (a bug, or a token that was destroyed); any other may be gone next time. A card belongs to
 * whoever took it: a payment, unless it says.
 */
export interface CardSource<
  Taker extends CardTakerId = PaymentId,
  Purpose extends CardPurpose = AttemptKind,
> {
  /** `cvv` is null when there is none, or it is not this attempt's. Asked again by the same attempt it answers the same. */
  detokenize(input: {
    readonly merchant: MerchantId;
    readonly payment: Taker;
    readonly token: CardToken;
    readonly attempt: AttemptId;
    readonly account: AcquirerAccountId;
    readonly purpose: Purpose;
    /** The right to it, from the payments worker; null = there is none. */
    readonly grant: string | null;
  }): Promise<{
    readonly number: string;
    readonly expiryMonth: number;
    readonly expiryYear: number;
    readonly cvv: string | null;
  }>;
  /** Only for an attempt that is proven unsent: its security code goes back for the next one. */
  release(input: {
    readonly merchant: MerchantId;
    readonly payment: Taker;
    readonly attempt: AttemptId;
  }): Promise<void>;
  /**
   * After any answer, and after any send without one. `answered`: that attempt's answer is final and
   * recorded; it gets no number any more.
   */
  burn(input: {
    readonly merchant: MerchantId;
    readonly payment: Taker;
    readonly answered?: AttemptId;
  }): Promise<void>;
}

/** Whether the vault said no, and will say it again. */
export function isVaultRefusal(error: unknown): error is Error {
  return error instanceof Error && error.name === 'VaultRefused';
}

/** What a new grant mends: the attempt was held up, or planned by a worker from before there were grants. */
const STALE: ReadonlySet<string> = new Set(['grant_missing', 'grant_expired', 'grant_not_yet_valid']);

/** Whether the vault gave nothing because of the grant's time alone. */
export function isStaleGrant(error: unknown): boolean {
  return isVaultRefusal(error) && 'code' in error && STALE.has(String(error.code));
}
