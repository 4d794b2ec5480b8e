import type pg from 'pg';
import type { DeliveryId, EndpointId, EventId, MerchantId } from '../../workflows/domain/ids.ts';
import type { DeliveryProgress, DeliveryRef } from '../../workflows/ports/webhooks.ts';

type DeliveryState = 'pending' | 'retrying' | 'delivered' | 'failed';

/** One event for one endpoint, with all that an attempt needs. */
export interface Delivery extends DeliveryRef {
  readonly state: DeliveryState;
  readonly event: EventId;
  readonly endpoint: EndpointId;
  /** The exact bytes that are signed and sent. */
  readonly body: string;
  /** Null when the endpoint's row is gone. */
  readonly target: EndpointTarget | null;
}

interface EndpointTarget {
  readonly url: string;
  readonly enabled: boolean;
  /** Opened with platform/sealed-secret.ts. */
  readonly sealedSecret: unknown;
}

/** What came of one attempt. */
export interface AttemptResult {
  readonly delivered: boolean;
  readonly at: Date;
  /** HTTP status; null when there was no answer. */
  readonly responseStatus: number | null;
  /** Null exactly when delivered. */
  readonly error: string | null;
  readonly latencyMs: number;
}

interface ClaimRequest {
  readonly limit: number;
  /** Nobody else takes the claimed ones before this is over (ms). */
  readonly leaseMs: number;
  /** Endpoints that have enough to do already. */
  readonly except: readonly string[];
}

export interface DeliveryStore {
  /** Leases the oldest deliveries that nobody has made a first attempt of, oldest first. */
  claim(request: ClaimRequest): Promise<readonly Delivery[]>;
  /** Gives claimed ones back, to be claimed again after `delayMs`. */
  postpone(deliveries: readonly DeliveryRef[], delayMs: number): Promise<void>;
  find(ref: DeliveryRef): Promise<Delivery | null>;
  /**
   * Logs an attempt and moves the delivery, in one statement: delivered, or from pending to retrying.
   * What is delivered stays so, whatever a second sender reports later.
   */
  record(
    ref: DeliveryRef,
    result: AttemptResult,
  ): Promise<{ readonly state: DeliveryState; readonly attempts: number }>;
  progress(ref: DeliveryRef): Promise<DeliveryProgress | null>;
  /** Gives up a delivery that is still open. */
  abandon(ref: DeliveryRef): Promise<void>;
}

interface DeliveryRow {
  merchant_id: MerchantId;
  id: DeliveryId;
  state: DeliveryState;
  event_id: EventId;
  endpoint_id: EndpointId;
  body: string;
  url: string | null;
  enabled: boolean | null;
  sealed_secret: unknown;
}

const toDelivery = (row: DeliveryRow): Delivery => ({
  merchant: row.merchant_id,
  delivery: row.id,
  state: row.state,
  event: row.event_id,
  endpoint: row.endpoint_id,
  body: row.body,
  target:
    row.url === null
      ? null
      : { url: row.url, enabled: row.enabled ?? false, sealedSecret: row.sealed_secret },
});

const WHOLE = `d.merchant_id, d.id, d.state, d.event_id, d.endpoint_id, e.body, w.url, w.enabled, w.sealed_secret`;
const PARTS = `join events e on e.merchant_id = d.merchant_id and e.id = d.event_id
               left join webhook_endpoints w on w.merchant_id = d.merchant_id and w.id = d.endpoint_id`;

/** Deliveries and their attempts in PostgreSQL (schema/migrations/0004_events.sql). */
export function createDeliveryStore(pool: pg.Pool): DeliveryStore {
  return {
    async claim({ limit, leaseMs, except }) {
      const { rows } = await pool.query<DeliveryRow>({
        name: 'claim_deliveries',
        text: `with candidate as (
                 select merchant_id, id from deliveries
                 where state = 'pending' and (leased_until is null or leased_until <= clock_timestamp())
                   and endpoint_id <> all ($3::text[])
                 order by created_at limit $1
                 for update skip locked
               ), claimed as (
                 update deliveries d set leased_until = clock_timestamp() + $2 * interval '1 millisecond'
                 from candidate c where d.merchant_id = c.merchant_id and d.id = c.id
                 returning d.*
               )
               select ${WHOLE} from claimed d ${PARTS} order by d.created_at, d.id`,
        values: [limit, leaseMs, except],
      });
      return rows.map(toDelivery);
    },

    async postpone(deliveries, delayMs) {
      if (deliveries.length === 0) return;
      await pool.query(
        `update deliveries d set leased_until = clock_timestamp() + $3 * interval '1 millisecond'
         from unnest($1::text[], $2::text[]) as r(merchant_id, id)
         where d.merchant_id = r.merchant_id and d.id = r.id and d.state = 'pending'`,
        [deliveries.map(({ merchant }) => merchant), deliveries.map(({ delivery }) => delivery), delayMs],
      );
    },

    async find({ merchant, delivery }) {
      const { rows } = await pool.query<DeliveryRow>(
        `select ${WHOLE} from deliveries d ${PARTS} where d.merchant_id = $1 and d.id = $2`,
        [merchant, delivery],
      );
      return rows[0] === undefined ? null : toDelivery(rows[0]);
    },

    async record({ merchant, delivery }, { delivered, at, responseStatus, error, latencyMs }) {
      const { rows } = await pool.query<{ state: DeliveryState; attempts: number }>({
        name: 'record_delivery_attempt',
        text: `with moved as (
                 update deliveries set
                   attempts = attempts + 1,
                   leased_until = null,
                   state = case when $3 then 'delivered' when state = 'pending' then 'retrying' else state end,
                   concluded_at = case when $3 then coalesce(concluded_at, clock_timestamp()) else concluded_at end
                 where merchant_id = $1 and id = $2
                 returning state, attempts
               ), logged as (
                 insert into delivery_attempts (merchant_id, delivery_id, number, at, response_status, error, latency_ms)
                 select $1, $2, attempts, $4, $5, $6, $7 from moved
               )
               select state, attempts from moved`,
        values: [merchant, delivery, delivered, at, responseStatus, error, latencyMs],
      });
      const row = rows[0];
      if (row === undefined)
        throw new Error(`delivery ${delivery} of ${merchant} does not exist: its attempt cannot be logged`);
      return row;
    },

    async progress({ merchant, delivery }) {
      const { rows } = await pool.query<{ concluded: boolean; attempts: number; since_ms: string | null }>(
        `select d.concluded_at is not null as concluded, d.attempts,
                (select extract(epoch from clock_timestamp() - max(a.at)) * 1000 from delivery_attempts a
                 where a.merchant_id = d.merchant_id and a.delivery_id = d.id) as since_ms
         from deliveries d where d.merchant_id = $1 and d.id = $2`,
        [merchant, delivery],
      );
      const row = rows[0];
      if (row === undefined) return null;
      const sinceLastAttemptMs = row.since_ms === null ? 0 : Math.max(Math.round(Number(row.since_ms)), 0);
      return { concluded: row.concluded, attempts: row.attempts, sinceLastAttemptMs };
    },

    async abandon({ merchant, delivery }) {
      await pool.query(
        `update deliveries set state = 'failed', concluded_at = clock_timestamp(), leased_until = null
         where merchant_id = $1 and id = $2 and concluded_at is null`,
        [merchant, delivery],
      );
    },
  };
}
