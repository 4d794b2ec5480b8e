import type { PaymentCard, Risk } from '../domain/payment.ts';
import type { PaymentRef } from './ledger.ts';

export interface FraudActivities {
  /** Scores the payment 0 to 100 with reasons. Counted once per payment, however often it is asked. */
  score(input: PaymentRef & { readonly card: PaymentCard }): Promise<Risk>;
}
