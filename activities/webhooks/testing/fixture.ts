import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { createPool } from '../../../platform/database.ts';
import { createKms } from '../../../platform/kms.ts';
import type { Logger } from '../../../platform/logger.ts';
import { newId } from '../../../platform/new-id.ts';
import { openSecret, sealSecret } from '../../../platform/sealed-secret.ts';
import { PLATFORM_KEY_ALIAS } from '../../../temporal-dev/key-aliases.ts';
import { readRunFile, type RunFile } from '../../../temporal-dev/run-file.ts';
import { createDatabase } from '../../../temporal-dev/testing/database.ts';
import type {
  DeliveryId,
  EndpointId,
  EventId,
  MerchantId,
  PaymentId,
} from '../../../workflows/domain/ids.ts';
import type { DeliveryRef } from '../../../workflows/ports/webhooks.ts';
import { createAttempt, type MakeAttempt } from '../attempt.ts';
import { createWebhookClient } from '../client.ts';
import { createDispatcher, type DispatcherOptions } from '../dispatcher.ts';
import { createEgressAgent } from '../egress.ts';
import { createSigners } from '../signers.ts';
import { createDeliveryStore, type DeliveryStore } from '../store.ts';
import { stackRunFile } from '../../../temporal-dev/testing/stack-run-file.ts';

interface TestEndpoint {
  readonly id: EndpointId;
  readonly secret: string;
}

interface DeliveryFacts {
  readonly state: string;
  readonly attempts: number;
  /** Whether a lease lies on it that has not run out. */
  readonly leased: boolean;
  readonly log: readonly {
    readonly number: number;
    readonly response_status: number | null;
    readonly error: string | null;
  }[];
}

export interface RunningDispatcher {
  /** Deliveries whose workflow it wanted to start, in order. */
  readonly started: readonly DeliveryId[];
  stop(): Promise<void>;
}

/** Real PostgreSQL, key service and sockets; a database of its own. */
export interface WebhookFixture {
  readonly run: RunFile;
  /** With the rights of a worker. */
  readonly pool: pg.Pool;
  readonly merchant: MerchantId;
  readonly store: DeliveryStore;
  /** How often a body could not be made. */
  unmade(): number;
  readonly attempt: MakeAttempt;
  readonly logged: readonly { readonly event: string; readonly fields: unknown }[];
  readonly logger: Logger;
  addEndpoint(url: string): Promise<TestEndpoint>;
  /** Commits events, each with one delivery to that endpoint, in order. */
  addDeliveries(endpoint: EndpointId, count: number): Promise<readonly DeliveryRef[]>;
  facts(ref: DeliveryRef): Promise<DeliveryFacts>;
  startDispatcher(overrides?: Partial<DispatcherOptions>): RunningDispatcher;
  /** One statement as the owner of the schema. */
  sql(text: string, values: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

const ATTEMPT_LIMIT_MS = 10_000;

export async function startWebhookFixture(): Promise<WebhookFixture> {
  const run = await readRunFile(stackRunFile());
  const database = await createDatabase(run, { schema: 'main' });
  const logged: { readonly event: string; readonly fields: unknown }[] = [];
  const log = (event: string, fields: unknown = {}): void => {
    logged.push({ event, fields });
  };
  const logger: Logger = { error: log, warn: log, info: log, debug: log };
  const owner = new pg.Pool({ connectionString: database.ownerUrl, max: 2 });
  const pool = createPool(
    { url: database.workerUrl, poolSize: 10, statementTimeoutMs: 10_000, role: 'webhooks-test' },
    logger,
  );
  const kms = createKms({
    endpoint: run.kms.endpoint,
    region: run.kms.region,
    keyId: PLATFORM_KEY_ALIAS,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const agent = createEgressAgent({ allowPrivate: true, connectLimitMs: 5_000, connectionsPerOrigin: 16 });
  let unmade = 0;
  const store = createDeliveryStore(pool, { logger, unmade: () => void (unmade += 1) });
  const attempt = createAttempt({
    send: createWebhookClient({ agent, limitMs: ATTEMPT_LIMIT_MS, bodyBytesMax: 16_384 }),
    signers: createSigners({
      open: (who, sealed) => openSecret(kms, who, sealed),
      maxAgeMs: 3_600_000,
      graceMs: 3_600_000,
      capacity: 100,
      now: () => performance.now(),
    }),
    logger,
  });

  const merchant = newId('mer');
  await owner.query(
    "insert into merchants (id, name, country, mcc) values ($1, 'Webhook tests', 'NL', '5732')",
    [merchant],
  );
  const running = new Set<RunningDispatcher>();

  return {
    run,
    pool,
    merchant,
    store,
    attempt,
    logged,
    unmade: () => unmade,
    logger,
    sql: (text, values) => owner.query(text, [...values]),

    async addEndpoint(url) {
      const id = newId('whe');
      const secret = `whsec_${randomBytes(24).toString('base64')}`;
      const sealed = await sealSecret(kms, { merchant, id }, secret);
      await owner.query(
        "insert into webhook_endpoints (merchant_id, id, mode, url, sealed_secret) values ($1, $2, 'test', $3, $4)",
        [merchant, id, url, sealed],
      );
      return { id, secret };
    },

    async addDeliveries(endpoint, count) {
      const refs: DeliveryRef[] = [];
      for (let index = 0; index < count; index += 1) {
        const payment: PaymentId = newId('pay');
        const event = `evt_${payment.slice(4)}` as EventId;
        const delivery = `dlv_${event.slice(4)}_${endpoint.slice(4)}` as DeliveryId;
        await owner.query(
          `with told as (
             insert into events (merchant_id, id, mode, payment_id, version, type, body, created_at)
             values ($1, $2, 'test', $3, 1, 'payment.captured', $4, clock_timestamp())
           )
           insert into deliveries (merchant_id, id, event_id, endpoint_id, created_at)
           values ($1, $5, $2, $6, clock_timestamp())`,
          [merchant, event, payment, JSON.stringify({ id: event, note: 'é ✓' }), delivery, endpoint],
        );
        refs.push({ merchant, delivery });
      }
      return refs;
    },

    async facts({ delivery }) {
      const { rows } = await owner.query<Omit<DeliveryFacts, 'log'>>(
        `select state, attempts, coalesce(leased_until > clock_timestamp(), false) as leased
         from deliveries where merchant_id = $1 and id = $2`,
        [merchant, delivery],
      );
      const attempts = await owner.query<DeliveryFacts['log'][number]>(
        `select number, response_status, error from delivery_attempts
         where merchant_id = $1 and delivery_id = $2 order by number`,
        [merchant, delivery],
      );
      const row = rows[0];
      if (row === undefined) throw new Error(`no delivery ${delivery}`);
      return { ...row, log: attempts.rows };
    },

    startDispatcher(overrides = {}) {
      const started: DeliveryId[] = [];
      const dispatcher = createDispatcher({
        store,
        attempt,
        startDelivery: ({ delivery }) => {
          started.push(delivery);
          return Promise.resolve();
        },
        logger,
        intervalMs: 20,
        batch: 50,
        leaseMs: 60_000,
        attemptMs: ATTEMPT_LIMIT_MS,
        postponeMs: 500,
        lanes: { running: 32, runningPerLane: 4, waitingPerLane: 8, total: 128 },
        ...overrides,
      });
      const stopping = new AbortController();
      const ended = dispatcher.run(stopping.signal);
      const handle: RunningDispatcher = {
        started,
        async stop() {
          stopping.abort();
          await ended;
          running.delete(handle);
        },
      };
      running.add(handle);
      return handle;
    },

    async close() {
      await Promise.all([...running].map((dispatcher) => dispatcher.stop()));
      await Promise.all([agent.destroy(), pool.end(), owner.end()]);
      kms.close();
      await database.drop();
    },
  };
}
