import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { createPool } from '../../platform/database.ts';
import type { Logger } from '../../platform/logger.ts';
import { newId } from '../../platform/new-id.ts';
import { createDatabase } from '../../temporal-dev/testing/database.ts';
import { readRunFile } from '../../temporal-dev/run-file.ts';
import type { StageRequest, StagedCard } from '../../vault/contract.ts';
import type { MerchantId, PaymentId, StagingId } from '../../workflows/domain/ids.ts';
import { createApp } from '../app.ts';
import type { CommandRef, Ring } from '../ring.ts';
import { listen } from '../server.ts';

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
  /** What time it is for the API from now on (epoch ms); null = the real one. */
  setNow(at: number | null): void;
  /** What the doorbell and the vault do from now on. */
  onRing(ring: Ring): void;
  onStage(stage: (request: StageRequest) => Promise<StagedCard>): void;
  addMerchant(mode?: 'test' | 'live'): Promise<{ readonly merchant: MerchantId; readonly key: string }>;
  addKey(merchant: MerchantId, mode: 'test' | 'live'): Promise<string>;
  post(path: string, options: PostOptions): Promise<Response>;
  get(path: string, key: string): Promise<Response>;
  /** How many rows each table that a request can write has. */
  rows(): Promise<Record<string, number>>;
  close(): Promise<void>;
}

export interface PostOptions {
  readonly key: string;
  readonly idempotencyKey?: string | null;
  /** A string is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function startTestApi(
  runFile: string,
  { waitMs = 5_000 }: { readonly waitMs?: number } = {},
): Promise<TestApi> {
  const database = await createDatabase(await readRunFile(runFile), { schema: 'main' });
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
  let stage: (request: StageRequest) => Promise<StagedCard> = (request) =>
    Promise.resolve(stagedCard(request));
  let now: number | null = null;
  let ring: Ring = () => Promise.resolve('late');
  const hurry = new AbortController();
  const app = createApp({
    eventSources: new Map(),
    database: pool,
    vault: {
      stage: (request) => {
        staged.push(request);
        return stage(request);
      },
    },
    ring: (command, limitMs, signal) => {
      rung.push(command);
      return ring(command, limitMs, signal);
    },
    hurry: hurry.signal,
    fingerprintSecret: 'a secret of this test, long enough for a key',
    waitMs,
    now: () => now ?? Date.now(),
    logger,
    healthy: async () => (await pool.query('select')).rowCount === 1,
  });
  const server = await listen(app, 0);
  const url = `http://127.0.0.1:${server.port}`;

  async function addKey(merchant: MerchantId, mode: 'test' | 'live'): Promise<string> {
    const key = `sk_${mode}_${randomBytes(24).toString('hex')}`;
    await superuser.query(
      'insert into api_keys (key_hash, merchant_id, mode, hint) values ($1, $2, $3, $4)',
      [createHash('sha256').update(key).digest(), merchant, mode, key.slice(-4)],
    );
    return key;
  }

  return {
    url,
    database: superuser,
    log,
    staged,
    rung,
    setNow: (at) => {
      now = at;
    },
    onRing: (next) => {
      ring = next;
    },
    onStage: (next) => {
      stage = next;
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
    post: (path, { key, idempotencyKey = randomBytes(12).toString('hex'), body, headers = {} }) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    get: (path, key) => fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } }),
    async rows() {
      const { rows } = await superuser.query<Record<string, string>>(
        `select (select count(*) from payments) as payments, (select count(*) from commands) as commands,
                (select count(*) from idempotency_keys) as idempotency_keys`,
      );
      return Object.fromEntries(
        Object.entries(rows[0] ?? {}).map(([table, count]) => [table, Number(count)]),
      );
    },
    async close() {
      hurry.abort();
      await server.close(2_000);
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

/** Plays the worker: writes the final answer of a command, as record_change would. */
export async function answerCommand(
  database: pg.Pool,
  { merchant, command }: CommandRef,
  status: number,
  body: string,
): Promise<void> {
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
function stagedCard({ merchant, idempotencyKey, card }: StageRequest): StagedCard {
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  return {
    staging: `stg_${hash(`${merchant} ${idempotencyKey} ${card.number}`)}` as StagingId,
    fingerprint: hash(`${merchant} ${card.number}`),
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
