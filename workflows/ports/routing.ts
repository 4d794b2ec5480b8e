import type { PaymentCard, Risk } from '../domain/payment.ts';
import type { RouteAnswer } from '../domain/route/types.ts';
import type { PaymentRef } from './ledger.ts';

export interface RoutingActivities {
  /**
   * Where the payment's next authorization attempt goes, with the whole decision for the record.
   * Statistics and breakers that cannot be read are guessed; the answer always comes.
   * @param input.risk of the score just made; null when it is in the record already.
   */
  route(input: PaymentRef & { readonly card: PaymentCard; readonly risk: Risk | null }): Promise<RouteAnswer>;
}
