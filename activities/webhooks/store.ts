import type pg from 'pg';
import type { Logger } from '../../platform/logger.ts';
import { eventIn, NEWEST } from '../../workflows/domain/api-versions.ts';
import type { DeliveryId, EndpointId, EventId, MerchantId } from '../../workflows/domain/ids.ts';
import type { DeliveryProgress, DeliveryRef } from '../../workflows/ports/webhooks.ts';

type DeliveryState = 'pending' | 'retrying' | 'delivered' | 'failed' | 'endpoint_disabled';

interface AnyDelivery extends DeliveryRef {
  readonly state: DeliveryState;
  readonly event: EventId;
  readonly endpoint: EndpointId;
  /** The version of the API that its body is in. */
  readonly version: string;
  /** The trace of the change that it tells of (W3C), to go on with; null where that was not traced. */
  readonly traceparent: string | null;
  /**
   * Of an endpoint that wishes for an order: what became so far of an event of the same payment that comes
   * before this one and is still on its way. Null = its turn has come.
   */
  readonly behind: 'pending' | 'retrying' | null;
}

/** One event for one endpoint, with all that an attempt needs. */
export interface SendableDelivery extends AnyDelivery {
  /** The exact bytes that are signed and sent: the same at every attempt. */
  readonly body: string;
  readonly target: EndpointTarget;
}

/** Nothing is sent for it: its endpoint is disabled or gone. */
interface UnsendableDelivery extends AnyDelivery {
  readonly target: null;
}

export type Delivery = SendableDelivery | UnsendableDelivery;

interface EndpointTarget {
  readonly url: string;
  /** Opened with platform/sealed-secret.ts. */
  readonly sealedSecret: unknown;
  /** While the secret is rolled: the one before, which signs as well; else null. */
  readonly previousSecret: unknown;
}

/** What came of one attempt. */
export interface AttemptResult {
  readonly delivered: boolean;
  readonly at: Date;
  /** HTTP status; null when there was no answer. */
  readonly responseStatus: number | null;
  /** Null exactly when delivered. */
  readonly error: string | null;
  /** A failure that is ours (nothing could be signed) does not speak against the endpoint. */
  readonly ours: boolean;
  readonly latencyMs: number;
}

/** What is known of a delivery and its endpoint once an attempt is logged. */
export interface RecordedAttempt {
  readonly state: DeliveryState;
  readonly attempts: number;
  /** The endpoint as it was before this attempt; null = it is well, disabled or gone. */
  readonly failing: FailingEndpoint | null;
}

export interface FailingEndpoint {
  /** Since the first of the failures that no success came between (ms). */
  readonly forMs: number;
  /** Since its merchant was told (ms); null = not yet. */
  readonly toldMs: number | null;
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
  /** Leaves one that nobody has tried to its workflow. True when it is that workflow's now. */
  defer(ref: DeliveryRef): Promise<boolean>;
  /**
   * Logs an attempt and moves the delivery, in one statement: delivered, or from pending to retrying.
   * What is delivered stays so, whatever a second sender reports later. Notes since when its endpoint
   * fails, or that it does not any more.
   */
  record(ref: DeliveryRef, result: AttemptResult): Promise<RecordedAttempt>;
  /** Ends a delivery whose endpoint is disabled or gone; where it is enabled by now, nothing happens. */
  end(ref: DeliveryRef): Promise<void>;
  /**
   * Tells the merchant of an endpoint that fails, or disables it, if that is still due.
   * @param event id of the event that says so.
   */
  judge(
    endpoint: { readonly merchant: MerchantId; readonly endpoint: EndpointId },
    event: EventId,
    limits: { readonly tellAfterMs: number; readonly disableAfterMs: number },
  ): Promise<'told' | 'disabled' | null>;
  progress(ref: DeliveryRef): Promise<DeliveryProgress | null>;
  /** Gives up a delivery that is still open. */
  abandon(ref: DeliveryRef): Promise<boolean>;
}

interface DeliveryRow {
  merchant_id: MerchantId;
  id: DeliveryId;
  state: DeliveryState;
  event_id: EventId;
  endpoint_id: EndpointId;
  api_version: string;
  sent_body: string | null;
  body: string;
  traceparent: string | null;
  event_version: string;
  behind: 'pending' | 'retrying' | null;
  /** Of an endpoint that is enabled; else null. */
  url: string | null;
  sealed_secret: unknown;
  previous_secret: unknown;
}

function toDelivery(row: DeliveryRow, body: string): Delivery {
  const delivery = {
    merchant: row.merchant_id,
    delivery: row.id,
    state: row.state,
    event: row.event_id,
    endpoint: row.endpoint_id,
    version: row.api_version,
    traceparent: row.traceparent,
    behind: row.behind,
  };
  if (row.url === null) return { ...delivery, target: null };
  const { url, sealed_secret: sealedSecret, previous_secret: previousSecret } = row;
  return { ...delivery, body, target: { url, sealedSecret, previousSecret } };
}

const WHOLE = `d.merchant_id, d.id, d.state, d.event_id, d.endpoint_id, d.api_version, d.sent_body,
  e.body, e.traceparent, e.api_version as event_version, w.url, w.sealed_secret,
  case when d.order_key is not null then (
    select p.state from deliveries p
    where p.merchant_id = d.merchant_id and p.endpoint_id = d.endpoint_id and p.order_key = d.order_key
      and p.order_at < d.order_at and p.state in ('pending', 'retrying')
    order by p.order_at limit 1) end as behind,
  case when w.previous_until > clock_timestamp() then w.previous_secret end as previous_secret`;
const PARTS = `join events e on e.merchant_id = d.merchant_id and e.id = d.event_id
               left join webhook_endpoints w on w.merchant_id = d.merchant_id and w.id = d.endpoint_id and w.enabled`;

/** What cannot be made now is looked at again after so long (ms): often, it would take the turn of all others. */
const LEFT_FOR_MS = 15 * 60_000;

export interface DeliveryStoreOptions {
  readonly logger: Logger;
  /** Hears of every delivery whose body this build cannot make, each time that it is its turn. */
  readonly unmade: () => void;
}

/** Deliveries and their attempts in PostgreSQL (schema/migrations/0004_events.sql). */
export function createDeliveryStore(pool: pg.Pool, { logger, unmade }: DeliveryStoreOptions): DeliveryStore {
  /** They stay as they are, to be looked at again: nobody is told that they failed, and nobody forgets them. */
  async function tellLeft(rows: readonly DeliveryRow[]): Promise<void> {
    if (rows.length === 0) return;
    for (const { id, merchant_id: merchant, api_version: version, event_version: from } of rows) {
      unmade();
      logger.error('webhook_body_not_made', { merchant, delivery: id, version, event_version: from });
    }
    await pool.query(
      `update deliveries d set waits_for = 'version',
              leased_until = case when d.state = 'pending' then clock_timestamp() + $3 * interval '1 millisecond' end
       from unnest($1::text[], $2::text[]) as l(merchant_id, id)
       where d.merchant_id = l.merchant_id and d.id = l.id and d.sent_body is null and d.state in ('pending', 'retrying')`,
      [rows.map(({ merchant_id: merchant }) => merchant), rows.map(({ id }) => id), LEFT_FOR_MS],
    );
  }

  /**
   * Bodies that are not the event's own are made and kept before anybody sends them; the first ones stay.
   * What this build cannot turn into its version is left out, and its row says so: a newer build can.
   */
  async function withBodies(rows: readonly DeliveryRow[]): Promise<readonly Delivery[]> {
    const bodies = new Map<string, string>();
    const left: DeliveryRow[] = [];
    const made: { readonly row: DeliveryRow; readonly body: string }[] = [];
    for (const row of rows) {
      // For an endpoint that is disabled or gone none is needed: the delivery ends.
      const body =
        row.url === null
          ? ''
          : (row.sent_body ?? eventIn(row.api_version, { from: row.event_version, body: row.body }));
      if (body === null) {
        left.push(row);
        continue;
      }
      bodies.set(row.id, body);
      if (row.url !== null && row.sent_body === null && row.api_version !== row.event_version)
        made.push({ row, body });
    }
    await tellLeft(left);
    if (made.length > 0) {
      const { rows: kept } = await pool.query<{ id: DeliveryId; sent_body: string }>(
        `update deliveries d set sent_body = coalesce(d.sent_body, m.body), waits_for = null
         from unnest($1::text[], $2::text[], $3::text[]) as m(merchant_id, id, body)
         where d.merchant_id = m.merchant_id and d.id = m.id returning d.id, d.sent_body`,
        [made.map(({ row }) => row.merchant_id), made.map(({ row }) => row.id), made.map(({ body }) => body)],
      );
      for (const { id, sent_body: body } of kept) bodies.set(id, body);
    }
    return rows.flatMap((row) => {
      const body = bodies.get(row.id);
      return body === undefined ? [] : [toDelivery(row, body)];
    });
  }

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
      return withBodies(rows);
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
      const [found] = await withBodies(rows);
      if (found === undefined && rows[0] !== undefined)
        throw new Error(
          `delivery ${delivery} is to be in version ${rows[0].api_version}, which this build cannot make of its event: run a newer one`,
        );
      return found ?? null;
    },

    async defer({ merchant, delivery }) {
      const { rowCount } = await pool.query(
        `update deliveries set state = 'retrying', leased_until = null
         where merchant_id = $1 and id = $2 and state = 'pending'`,
        [merchant, delivery],
      );
      return rowCount === 1;
    },

    async record({ merchant, delivery }, { delivered, at, responseStatus, error, ours, latencyMs }) {
      const { rows } = await pool.query<{
        state: DeliveryState;
        attempts: number;
        for_ms: string | null;
        told_ms: string | null;
      }>({
        name: 'record_delivery_attempt',
        // An endpoint's row is written when it begins to fail and when it is well again, never in between.
        text: `with moved as (
                 update deliveries set
                   attempts = attempts + 1,
                   leased_until = null,
                   state = case when $3 then 'delivered' when state = 'pending' then 'retrying' else state end,
                   concluded_at = case when $3 then coalesce(concluded_at, clock_timestamp()) else concluded_at end
                 where merchant_id = $1 and id = $2
                 returning merchant_id, endpoint_id, state, attempts
               ), logged as (
                 insert into delivery_attempts (merchant_id, delivery_id, number, at, response_status, error, latency_ms)
                 select $1, $2, attempts, $4, $5, $6, $7 from moved
               ), noted as (
                 update webhook_endpoints w set
                   failing_since = case when not $3 then clock_timestamp() end, failing_told_at = null
                 from moved m
                 where w.merchant_id = m.merchant_id and w.id = m.endpoint_id and w.enabled and not $8
                   and (w.failing_since is not null) = $3
               )
               select m.state, m.attempts,
                      extract(epoch from clock_timestamp() - w.failing_since) * 1000 as for_ms,
                      extract(epoch from clock_timestamp() - w.failing_told_at) * 1000 as told_ms
               from moved m
               left join webhook_endpoints w on w.merchant_id = m.merchant_id and w.id = m.endpoint_id and w.enabled`,
        values: [merchant, delivery, delivered, at, responseStatus, error, latencyMs, ours],
      });
      const row = rows[0];
      if (row === undefined)
        throw new Error(`delivery ${delivery} of ${merchant} does not exist: its attempt cannot be logged`);
      const { state, attempts, for_ms: forMs, told_ms: toldMs } = row;
      return {
        state,
        attempts,
        failing:
          delivered || ours || forMs === null
            ? null
            : { forMs: Number(forMs), toldMs: toldMs === null ? null : Number(toldMs) },
      };
    },

    async end({ merchant, delivery }) {
      await pool.query({
        name: 'end_delivery',
        text: `update deliveries d set state = 'endpoint_disabled', concluded_at = clock_timestamp(), leased_until = null
               where d.merchant_id = $1 and d.id = $2 and d.concluded_at is null and not exists (
                 select from webhook_endpoints w
                 where w.merchant_id = d.merchant_id and w.id = d.endpoint_id and w.enabled)`,
        values: [merchant, delivery],
      });
    },

    async judge({ merchant, endpoint }, event, { tellAfterMs, disableAfterMs }) {
      const { rows } = await pool.query<{ verdict: 'told' | 'disabled' | null }>(
        `select judge_failing_endpoint($1, $2, $3, $4 * interval '1 millisecond', $5 * interval '1 millisecond', $6) as verdict`,
        [merchant, endpoint, event, tellAfterMs, disableAfterMs, NEWEST],
      );
      return rows[0]?.verdict ?? null;
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
      const { rowCount } = await pool.query(
        `update deliveries set state = 'failed', concluded_at = clock_timestamp(), leased_until = null
         where merchant_id = $1 and id = $2 and concluded_at is null`,
        [merchant, delivery],
      );
      return rowCount === 1;
    },
  };
}
