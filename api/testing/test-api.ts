import { createHash, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { createPool } from '../../platform/database.ts';
import { createKms } from '../../platform/kms.ts';
import type { Logger } from '../../platform/logger.ts';
import { newId } from '../../platform/new-id.ts';
import { openSecret, sealSecret } from '../../platform/sealed-secret.ts';
import { PLATFORM_KEY_ALIAS } from '../../temporal-dev/key-aliases.ts';
import { createDatabase } from '../../temporal-dev/testing/database.ts';
import { separateTenants } from '../../platform/tenant-pool.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import {
  VaultRefused,
  type PublishRequest,
  type StageRequest,
  type StagedCard,
} from '../../vault/contract.ts';
import type { CardToken, MerchantId, PaymentId, StagingId } from '../../workflows/domain/ids.ts';
import { createApp } from '../app.ts';
import { STREAM_TIMES } from '../events/stream.ts';
import type { CommandRef, Ring } from '../ring.ts';
import type { Limits } from '../limits/limits.ts';
import { listen } from '../server.ts';
import type { RunVerification } from '../verifications/run.ts';
import { contractChecker } from './contract.ts';
import { storedCards } from './stored-cards.ts';

/** One API over a database of its own; the vault and the doorbell are the test's. */
export interface TestApi {
  readonly url: string;
  /** A superuser's connections, to look at and to play the worker's part. */
  readonly database: pg.Pool;
  /** Everything that was logged, as text. */
  readonly log: readonly string[];
  /** What the vault was asked to keep. */
  readonly staged: readonly StageRequest[];
  readonly rung: readonly CommandRef[];
  /** What the vault was told of publishable keys. */
  readonly published: readonly PublishRequest[];
  /** A stored card, as if a payment had taken it. */
  addCard(merchant: MerchantId, mode: 'test' | 'live'): CardToken;
  /** What time it is for the API from now on (epoch ms); null = the real one. */
  setNow(at: number | null): void;
  /** What the doorbell and the vault do from now on. */
  onRing(ring: Ring): void;
  onRunVerification(run: RunVerification): void;
  onStage(stage: (request: StageRequest) => Promise<StagedCard>): void;
  /** What comes before the vault is told of a publishable key, and before an answer is sealed. */
  onPublish(before: () => Promise<void>): void;
  onSeal(before: () => Promise<void>): void;
  addMerchant(mode?: 'test' | 'live'): Promise<{ readonly merchant: MerchantId; readonly key: string }>;
  addKey(merchant: MerchantId, mode: 'test' | 'live'): Promise<string>;
  /** Asks, and holds the answer against the OpenAPI document: one that breaks it is an error. */
  post(path: string, options: PostOptions): Promise<Response>;
  get(path: string, key: string): Promise<Response>;
  delete(path: string, key: string): Promise<Response>;
  /** How many rows each table that a request can write has. */
  rows(): Promise<Record<string, number>>;
  /** Ends every stream, as a process does that leaves. */
  endStreams(): void;
  close(): Promise<void>;
}

export interface PostOptions {
  readonly key: string;
  readonly idempotencyKey?: string | null;
  /** A string is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Who gives out access tokens here. */
export const ISSUER = 'https://api.example';

const UNLIMITED: Limits = { rate: () => Promise.resolve({}), place: () => () => undefined };

export async function startTestApi(
  runFile: string,
  { waitMs = 5_000, limits = UNLIMITED }: { readonly waitMs?: number; readonly limits?: Limits } = {},
): Promise<TestApi> {
  const run = await readRunFile(runFile);
  const database = await createDatabase(run, { schema: 'main' });
  const kms = createKms({
    endpoint: run.kms.endpoint,
    region: run.kms.region,
    keyId: PLATFORM_KEY_ALIAS,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const log: string[] = [];
  const logger = recordingLogger(log);
  const pool = createPool(
    { url: database.apiUrl, poolSize: 8, statementTimeoutMs: 5_000, role: 'api-test' },
    logger,
  );
  const superuser = new pg.Pool({
    connectionString: database.superuserUrl,
    max: 4,
    connectionTimeoutMillis: 5_000,
  });
  const staged: StageRequest[] = [];
  const rung: CommandRef[] = [];
  const published: PublishRequest[] = [];
  let stage: (request: StageRequest) => Promise<StagedCard> = (request) =>
    Promise.resolve(stagedCard(request));
  let beforePublish = (): Promise<void> => Promise.resolve();
  let beforeSeal = (): Promise<void> => Promise.resolve();
  let now: number | null = null;
  let ring: Ring = () => Promise.resolve('late');
  let runVerification: RunVerification = () => Promise.resolve('late');
  const cards = storedCards();
  const hurry = new AbortController();
  const streamsEnd = new AbortController();
  const app = createApp({
    eventSources: new Map(),
    database: pool,
    tenants: separateTenants(pool),
    issuer: ISSUER,
    keySecret: 'another secret of this test, long enough for a key',
    trustedProxies: 1,
    load: { take: () => () => undefined },
    limits,
    secrets: {
      seal: async (owner, secret) => {
        await beforeSeal();
        return sealSecret(kms, owner, secret);
      },
      open: (owner, sealed) => openSecret(kms, owner, sealed),
    },
    allowPrivateWebhooks: false,
    eventRetentionDays: 30,
    vault: {
      stage: (request) => {
        staged.push(request);
        return stage(request);
      },
      publish: async (request) => {
        await beforePublish();
        published.push(request);
        return { published: true };
      },
      ...cards.vault,
      claim: () =>
        Promise.reject(new VaultRefused('there is no card token in these tests', 'unknown_card_token')),
    },
    ring: (command, limitMs, signal) => {
      rung.push(command);
      return ring(command, limitMs, signal);
    },
    runVerification: (...asked) => runVerification(...asked),
    hurry: hurry.signal,
    streamsEnd: streamsEnd.signal,
    streamTimes: { ...STREAM_TIMES, heartbeatMs: 200, pauseMs: 20, longestPauseMs: 100 },
    fingerprintSecret: 'a secret of this test, long enough for a key',
    waitMs,
    now: () => now ?? Date.now(),
    logger,
    count: () => undefined,
    healthy: async () => (await pool.query('select')).rowCount === 1,
  });
  const server = await listen(app, 0);
  const url = `http://127.0.0.1:${server.port}`;

  const check = contractChecker();
  const played = new Set<string>();
  PLAYED.set(superuser, played);

  /** Every answer of the API keeps to the OpenAPI document; a test that gets one that does not fails. */
  async function checked(method: string, path: string, init: RequestInit): Promise<Response> {
    const response = await fetch(`${url}${path}`, { ...init, method });
    // One that was cut off is no answer.
    const body = await response
      .clone()
      .text()
      .catch(() => null);
    if (body !== null && !played.has(body)) {
      check({
        method,
        path: path.split('?')[0] ?? path,
        status: response.status,
        contentType: response.headers.get('content-type') ?? '',
        body,
      });
    }
    return response;
  }

  async function addKey(merchant: MerchantId, mode: 'test' | 'live'): Promise<string> {
    const key = `sk_${mode}_${randomBytes(24).toString('hex')}`;
    await superuser.query(
      'insert into api_keys (id, key_hash, merchant_id, mode, hint) values ($1, $2, $3, $4, $5)',
      [newId('key'), createHash('sha256').update(key).digest(), merchant, mode, key.slice(-4)],
    );
    return key;
  }

  return {
    url,
    database: superuser,
    log,
    staged,
    rung,
    published,
    addCard: cards.add,
    setNow: (at) => {
      now = at;
    },
    onRing: (next) => {
      ring = next;
    },
    onRunVerification: (next) => {
      runVerification = next;
    },
    onStage: (next) => {
      stage = next;
    },
    onPublish: (next) => {
      beforePublish = next;
    },
    onSeal: (next) => {
      beforeSeal = next;
    },
    addKey,
    async addMerchant(mode = 'test') {
      const merchant = newId('mer');
      await superuser.query(
        `insert into merchants (id, name, country, mcc) values ($1, 'A shop', 'DE', '5812')`,
        [merchant],
      );
      return { merchant, key: await addKey(merchant, mode) };
    },
    post: (path, { key, idempotencyKey = randomUUID(), body, headers = {} }) =>
      checked('POST', path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    get: (path, key) => checked('GET', path, { headers: { authorization: `Bearer ${key}` } }),
    delete: (path, key) => checked('DELETE', path, { headers: { authorization: `Bearer ${key}` } }),
    async rows() {
      const { rows } = await superuser.query<Record<string, string>>(
        `select (select count(*) from payments) as payments, (select count(*) from commands) as commands,
                (select count(*) from idempotency_keys) as idempotency_keys,
                (select count(*) from card_verifications) as card_verifications`,
      );
      return Object.fromEntries(
        Object.entries(rows[0] ?? {}).map(([table, count]) => [table, Number(count)]),
      );
    },
    endStreams: () => {
      streamsEnd.abort();
    },
    async close() {
      hurry.abort();
      streamsEnd.abort();
      await server.close(2_000);
      kms.close();
      await Promise.all([pool.end(), superuser.end()]);
      await database.drop();
    },
  };
}

/** A valid body for a new payment. */
export function paymentBody(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    amount: 5_000,
    currency: 'EUR',
    card: {
      number: '4242424242424242',
      expiry_month: 12,
      expiry_year: new Date().getUTCFullYear() + 2,
      cvv: '123',
    },
    ...changes,
  };
}

/** The bodies that tests made up, by the database that they are in: no answers of ours. */
const PLAYED = new WeakMap<pg.Pool, Set<string>>();

/** Plays the worker: writes the final answer of a command, as record_change would. */
export async function answerCommand(
  database: pg.Pool,
  { merchant, command }: CommandRef,
  status: number,
  body: string,
): Promise<void> {
  PLAYED.get(database)?.add(body);
  await database.query(
    `update commands set state = 'done', done_at = now(), answer_status = $3, answer_body = $4
     where merchant_id = $1 and id = $2 and state = 'pending'`,
    [merchant, command, status, body],
  );
}

export function createdPayment(response: Response): PaymentId {
  return (response.headers.get('quittance-payment') ?? '') as PaymentId;
}

/** As the vault does: the same request and card, the same staging id and fingerprint. */
function stagedCard({ merchant, mode, idempotencyKey, card }: StageRequest): StagedCard {
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  return {
    staging: `stg_${hash(`${merchant} ${idempotencyKey} ${card.number}`)}` as StagingId,
    fingerprint: hash(`${merchant} ${mode} ${card.number}`),
    brand: 'visa',
    bin: card.number.slice(0, 8),
    lastFour: card.number.slice(-4),
    expiryMonth: card.expiryMonth,
    expiryYear: card.expiryYear,
  };
}

function recordingLogger(lines: string[]): Logger {
  const write = (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    lines.push(
      JSON.stringify({ event, ...fields }, (_, value: unknown) =>
        value instanceof Error ? `${value.name}: ${value.message}` : value,
      ),
    );
  };
  return { error: write, warn: write, info: write, debug: write };
}
