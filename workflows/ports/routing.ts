import type { PaymentCard } from '../domain/payment.ts';
import type { Route } from '../domain/route.ts';
import type { PaymentRef } from './ledger.ts';

export interface RoutingActivities {
  /** The account for the payment's next authorization attempt; null when none can take it. */
  route(input: PaymentRef & { readonly card: PaymentCard }): Promise<Route | null>;
}
