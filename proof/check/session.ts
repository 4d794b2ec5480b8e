import type { Client } from '@temporalio/client';
import pg from 'pg';

/** Where everything that is read can be found. */
export interface Sources {
  /** Main database, of a role that may read all of it and make temporary tables. */
  readonly mainUrl: string;
  /** The vault's database; null = the checks that need it say so. */
  readonly vaultUrl: string | null;
  /** The file of published heads of the ledger; null = the chain is only held against itself. */
  readonly headFile: string | null;
  /** The same of the vault's audit log. */
  readonly auditHeadFile: string | null;
  readonly journals: readonly { readonly acquirer: string; readonly path: string }[];
  /** What clients asked and were answered (client-log.ts); null = nobody wrote it down. */
  readonly clientLog: string | null;
  /** What merchants' webhook receivers got (receiver-log.ts); null = nobody wrote it down. */
  readonly receiverLog: string | null;
  /** Null = what needs Temporal says so. */
  readonly temporal: Client | null;
  /** The file in which checked runs are remembered; null = histories are not read. */
  readonly historiesFile: string | null;
  /** The folder of exported histories; null = those that Temporal has forgotten are missing. */
  readonly exportFolder: string | null;
}

export interface Judging {
  /** Only payments that changed since then are judged (ISO 8601); null = all. */
  readonly since: string | null;
  /** What changed less than so long before the look may still be on its way (ms). */
  readonly graceMs: number;
  /** How long Temporal and our record may take to agree about what is open (ms): visibility lags. */
  readonly patienceMs: number;
  /** Connections that the verification of the ledger uses at once. */
  readonly lanes: number;
}

/** One look at everything: a snapshot of the database, and what was read beside it in temporary tables. */
export interface Session extends Judging {
  readonly sources: Sources;
  readonly main: pg.Client;
  /** When the snapshot was taken (ISO 8601): later lines of journals and logs are not looked at. */
  readonly at: string;
  /** Acquirers whose journals are in `effects`. */
  readonly readJournals: readonly string[];
  /** Acquirers that nobody could read, and why. */
  readonly unreadJournals: readonly string[];
  /** Lines of the client's log. */
  readonly asked: number;
  readonly received: number;
}

/**
 * What is put beside the snapshot. Temporary: of this connection alone, gone with it, and the only thing that
 * is written; the transaction is read only for all else.
 */
const TABLES = `
create temp table effects (
  acquirer text not null, account text not null, reference text not null, key text not null, original_key text,
  kind text not null, amount bigint not null, currency text not null, at timestamptz not null
) on commit drop;
create temp table tries (
  merchant_id text not null, id text not null, payment_id text not null, operation_id text not null, acquirer text not null,
  account text not null, key text, kind text not null, state text not null, outcome text, amount bigint not null, currency text not null,
  claimed boolean not null, open boolean not null, original text
) on commit drop;
create temp table matched (
  acquirer text not null, account text not null, reference text, key text, kind text, amount bigint, currency text, at timestamptz,
  undone_at timestamptz,
  merchant_id text, payment_id text, operation_id text, attempt_id text, attempt_kind text, state text,
  attempt_amount bigint, attempt_currency text, claimed boolean not null, open boolean not null
) on commit drop;
create temp table by_reference (
  acquirer text not null, account text not null, reference text not null, merchant_id text, payment_id text, currency text not null,
  authorized bigint not null, captured bigint not null, refunded bigint not null, held bigint not null,
  authorizations integer not null, first_at timestamptz, ended_at timestamptz, last_at timestamptz not null, open boolean not null
) on commit drop;
create temp table undone (acquirer text not null, key text not null, at timestamptz not null) on commit drop;
create temp table asked (
  merchant_id text not null, mode text not null, key text, kind text not null, path text not null, asked_at timestamptz not null,
  ended_at timestamptz not null, status integer, code text, object text, payment_id text, operation_id text, object_status text,
  version integer, body text
) on commit drop;
create temp table received (webhook_id text not null, at timestamptz not null) on commit drop;
create temp table open_runs (id text not null, run text not null) on commit drop;
create temp table read_runs (id text not null) on commit drop;
create temp table audited (attempt text not null) on commit drop;
create temp table suspects (
  check_name text not null, merchant_id text, payment_id text, what text not null, at timestamptz
) on commit drop;
`;

/** Whole tables are joined, once each: a plan that looks rows up one by one is always the wrong one here. */
const SETTINGS = `
set local search_path = public, pg_temp; set local timezone = 'UTC'; set local jit = off; set local work_mem = '96MB';
set local temp_buffers = '64MB'; set local statement_timeout = 0; set local enable_nestloop = off; set local synchronize_seqscans = off;
`;

/** A client that outlives the loss of its connection: the query under way rejects, and says so. */
export async function connect(url: string, application: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: application,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Begins the snapshot. From here on the transaction writes nothing but its own temporary tables. */
export async function takeSnapshot(main: pg.Client): Promise<string> {
  await main.query('begin isolation level repeatable read');
  await main.query(SETTINGS + TABLES);
  await main.query('set transaction read only');
  const { rows } = await main.query<{ at: string }>(
    `select to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`,
  );
  return rows[0]?.at ?? '';
}
