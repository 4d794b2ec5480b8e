import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { createClient, type Quittance } from '../../clients/typescript/index.ts';
import { readRunFile, type RunFile } from '../../temporal-dev/run-file.ts';
import { seedMerchant } from '../../temporal-dev/seed.ts';

/** What a client was answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** A line of the acquirer's own journal. */
export interface JournalEntry {
  readonly kind: string;
  readonly rrn: string;
  readonly amount?: number | string;
  readonly merchantAccount?: string;
  /** Of ours, where the acquirer was told its name. */
  readonly attempt?: string | null;
}

/** A merchant of its own on the running stack, and eyes on everything from outside. */
export interface World {
  readonly run: () => Promise<RunFile>;
  readonly merchant: string;
  readonly apiKey: string;
  /** The merchant's own program: the package that merchants use, against the stack's own api. */
  readonly client: Quittance;
  /** A text is sent as it is. */
  post(path: string, body: unknown, options?: { key?: string; wait?: number }): Promise<Answer>;
  get(path: string): Promise<Answer>;
  sql<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Every line of the acquirer's journal about this merchant. */
  journal(): Promise<JournalEntry[]>;
  pid(role: string): Promise<number>;
  close(): Promise<void>;
}

/** A card that the acquirer takes three seconds to answer about: time to break something. */
export const SLOW_CARD = '4000000000000077';
export const GOOD_CARD = '4242424242424242';

export function sale(number: string, rest: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    amount: 5_000,
    currency: 'EUR',
    card: { number, expiry_month: 12, expiry_year: 2030, cvv: '123' },
    ...rest,
  };
}

export interface WorldOptions {
  readonly singleMessage?: boolean;
  /** Where the merchant has accounts, in the order in which they are tried; at all of the stack unless told. */
  readonly acquirers?: readonly string[];
  /** `in_order` of `acquirers` unless told. */
  readonly routing?: 'in_order' | 'by_value';
  /** More api processes than the stack's own: requests go to all of them in turn. */
  readonly moreApis?: readonly string[];
}

export async function openWorld(
  runPath: string,
  { singleMessage = true, moreApis = [], acquirers, routing = 'in_order' }: WorldOptions = {},
): Promise<World> {
  const first = await readRunFile(runPath);
  const apiKey = `sk_test_${randomBytes(32).toString('hex')}`;
  const merchant = await seedMerchant({
    ownerUrl: first.postgres.urls.owner,
    apiKey,
    name: 'Proof shop',
    acquirers: acquirers ?? first.acquirers.map(({ id }) => id),
    singleMessage,
    routing,
  });
  const pool = new pg.Pool({ connectionString: first.postgres.urls.owner, max: 2 });
  pool.on('error', () => undefined); // PostgreSQL is among what is broken

  const apis = [first.api, ...moreApis];
  let turn = 0;
  async function request(path: string, init: RequestInit): Promise<Answer> {
    turn += 1;
    const response = await fetch(`${apis[turn % apis.length] ?? first.api}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${apiKey}`, ...(init.headers as Record<string, string>) },
      signal: AbortSignal.timeout(45_000),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: JSON.parse(text) as Record<string, unknown>,
    };
  }

  const { rows: accounts } = await pool.query<{ acquirer_id: string; merchant_account: string }>(
    'select acquirer_id, merchant_account from merchant_acquirer_accounts where merchant_id = $1 order by id',
    [merchant],
  );

  return {
    run: () => readRunFile(runPath),
    merchant,
    apiKey,
    client: createClient({ baseUrl: first.api, apiKey }),
    post: (path, body, { key = randomUUID(), wait } = {}) =>
      request(path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: {
          'content-type': 'application/json',
          'idempotency-key': key,
          ...(wait === undefined ? {} : { prefer: `wait=${wait}` }),
        },
      }),
    get: (path) => request(path, { method: 'GET' }),
    sql: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await pool.query<Row>(text, values)).rows,
    async journal() {
      const journals = accounts.map(async ({ acquirer_id: id, merchant_account: account }) => {
        const path = first.acquirers.find((one) => one.id === id)?.journal;
        if (path === undefined) throw new Error(`the stack has no acquirer ${id}`);
        const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
        return lines.map(readEntry).filter((entry) => entry.merchantAccount?.trim() === account);
      });
      return (await Promise.all(journals)).flat();
    },
    async pid(role) {
      const pid = (await readRunFile(runPath)).processes[role];
      if (pid === undefined) throw new Error(`no process ${role} in ${runPath}`);
      return pid;
    },
    close: () => pool.end(),
  };
}

/** Every journal names what its lines are about in its own way: by reference number, by payment intent, or by pspReference. */
function readEntry(line: string): JournalEntry {
  const entry = JSON.parse(line) as JournalEntry & { readonly intent?: string; readonly payment?: string };
  const name = entry.intent ?? entry.payment;
  return name === undefined ? entry : { ...entry, rrn: name };
}

/** Polls until `read` answers something that `holds`. @throws Error with the last answer after the deadline (ms) */
export async function until<T>(
  what: string,
  read: () => Promise<T>,
  holds: (value: T) => boolean,
  deadlineMs = 60_000,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await read();
      if (holds(value)) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${deadlineMs} ms; last: ${describe(last)}`);
    await delay(50);
  }
}

function describe(value: unknown): string {
  return value instanceof Error ? (value.stack ?? value.message) : JSON.stringify(value).slice(0, 2_000);
}

/** The payment once nothing about its outcome is open any more. */
export async function settled(
  world: World,
  id: string,
  deadlineMs = 90_000,
): Promise<Record<string, unknown>> {
  const answer = await until(
    `${id} is settled`,
    () => world.get(`/v1/payments/${id}`),
    ({ status, body }) => status === 200 && body['status'] !== 'processing',
    deadlineMs,
  );
  return answer.body;
}

export function idOf({ body, text }: Answer): string {
  const id = body['id'];
  if (typeof id !== 'string') throw new Error(`no id in ${text}`);
  return id;
}
