import type { DeliveryId, MerchantId } from '../domain/ids.ts';

/** Names one delivery (one event to one endpoint) and where its rows are. */
export interface DeliveryRef {
  readonly merchant: MerchantId;
  readonly delivery: DeliveryId;
}

/** How far a delivery has come, by the database's clock. */
export interface DeliveryProgress {
  /** Delivered, or given up: nothing is left to do. */
  readonly concluded: boolean;
  /** Attempts that were made and logged, the dispatcher's first one included. */
  readonly attempts: number;
  /** Time since the last of them began (ms); 0 when there was none. */
  readonly sinceLastAttemptMs: number;
}

export type DeliverResult =
  | { readonly concluded: true }
  | { readonly concluded: false; readonly attempts: number; readonly reason: string };

/** The calls that leave the house: regular activities on the webhooks queue. */
export interface WebhookActivities {
  /**
   * Makes one attempt and logs it. A delivery that is concluded is not sent again. An answer other
   * than 2xx, no answer, and a refused URL are values; thrown is only what kept the attempt from
   * being made or logged (database, key service, endpoint busy, another event's turn): try again.
   */
  deliver(ref: DeliveryRef): Promise<DeliverResult>;
}

/** The delivery's rows: local activities of the same worker. */
export interface DeliveryRecordActivities {
  deliveryProgress(ref: DeliveryRef): Promise<DeliveryProgress>;
  /** Marks a delivery that is still open as failed for good. Idempotent. */
  abandonDelivery(ref: DeliveryRef): Promise<void>;
}
