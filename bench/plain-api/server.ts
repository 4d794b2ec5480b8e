import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import express from 'express';
import pg from 'pg';
import { listenOn, REQUEST_LIMITS } from '../../platform/http-server.ts';
import type { PlainOrder } from './order.ts';

/** As many as an api process of ours has (databasePoolSize). */
const POOL = 20;
/** As many as our list has where it is not said. */
const PAGE = 20;

/** The same rows as GET of a payment reads, as one statement. */
const READ = `
  select load_payment($1, $2) as payment,
    coalesce((select jsonb_agg(jsonb_build_object(
        'version', h.version, 'at', h.at, 'event', h.event, 'status', h.status, 'detail', h.detail) order by h.version)
      from payment_history h where h.merchant_id = $1 and h.payment_id = $2), '[]') as history,
    coalesce((select jsonb_agg(jsonb_build_object('attempt', d.attempt_number) || d.decision - 'left' order by d.attempt_number)
      from route_decisions d where d.merchant_id = $1 and d.payment_id = $2), '[]') as routing,
    coalesce((select jsonb_agg(jsonb_build_object(
        'id', t.id, 'event', t.event, 'at', t.at, 'operation', t.operation_id, 'attempt', t.attempt_id,
        'account', p.code, 'currency', p.currency, 'amount', p.amount) order by t.id, p.line)
      from ledger_transactions t
      join ledger_postings p on p.merchant_id = t.merchant_id and p.transaction_id = t.id
      where t.merchant_id = $1 and t.payment_id = $2), '[]') as ledger`;

const LIST = `
  select load_payment($1, page.id) as payment
  from (select id from payments where merchant_id = $1 and mode = 'test' order by id desc limit ${PAGE + 1}) page
  order by page.id desc`;

export const PLAIN_TABLE = 'bench_plain_payments';

const CREATE = `
  insert into ${PLAIN_TABLE} (id, key, body) values ($1, $2, $3)
  on conflict (key) do update set key = excluded.key
  returning id, created_at`;

/**
 * What an api costs that does nothing but read and write: express, pg, JSON. It asks nobody who they are,
 * counts and limits nothing, separates no tenants, checks no fields, writes no log, measures nothing, knows no
 * versions, and answers rows as they are. Its creation is one row under a key that is unique, in one
 * transaction: no card, no vault, no fraud, no acquirer, no ledger, no event.
 */
export async function servePlain({ databaseUrl, merchant }: PlainOrder): Promise<number> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: POOL, connectionTimeoutMillis: 5_000 });
  await pool.query(
    `create table if not exists ${PLAIN_TABLE} (
       id text primary key, key text not null unique, body jsonb not null, created_at timestamptz not null default now())`,
  );
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/payments/:id', async (request, response) => {
    const values = [merchant, request.params.id];
    const { rows } = await pool.query<{ payment: unknown }>({ name: 'read', text: READ, values });
    if (rows[0]?.payment == null) response.status(404).json({});
    else response.json(rows[0]);
  });
  app.get('/payments', async (_request, response) => {
    const { rows } = await pool.query<{ payment: unknown }>({ name: 'list', text: LIST, values: [merchant] });
    response.json({ data: rows.slice(0, PAGE).map(({ payment }) => payment), has_more: rows.length > PAGE });
  });
  app.post('/payments', express.json(), async (request, response) => {
    const values = [randomUUID(), request.headers['idempotency-key'], JSON.stringify(request.body)];
    const { rows } = await pool.query({ name: 'create', text: CREATE, values });
    response.status(201).json(rows[0]);
  });
  const server = createServer(REQUEST_LIMITS, (request, response) => void app(request, response));
  return (await listenOn(server, 0, '127.0.0.1')).port;
}
