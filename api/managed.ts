import { timingSafeEqual } from 'node:crypto';
import type pg from 'pg';
import type { SecretOwner, SealedSecret } from '../platform/sealed-secret.ts';
import type { Credential } from './auth/api-key.ts';
import type { Reply } from './call.ts';
import type { Taken } from './contract/route.ts';
import { fingerprintOf } from './idempotency.ts';
import { keyReused } from './requests.ts';
import type { z } from 'zod';

/** Seals and opens what is secret at rest; throws as platform/sealed-secret.ts. */
export interface Secrets {
  readonly seal: (owner: SecretOwner, secret: string) => Promise<SealedSecret>;
  readonly open: (owner: SecretOwner, sealed: unknown) => Promise<string>;
}

export interface ManagedOptions {
  readonly database: pg.Pool;
  readonly secrets: Secrets;
  /** Keys the fingerprints of requests. */
  readonly fingerprintSecret: string;
}

/**
 * Says what else must happen, elsewhere, when the work is done: once the answer is kept, and before the
 * commit. So a twin of the request, or one whose answer cannot be sealed, never comes to it.
 */
export type BeforeCommit = (step: () => Promise<unknown>) => void;

interface KeyRow {
  fingerprint: Buffer;
  answer_status: number | null;
  sealed_answer: unknown;
}

/**
 * Does something that is not about a payment, once: the work, and its answer under the idempotency key,
 * are one transaction. Of two requests with the same key that come at once one waits for the other's
 * commit, undoes its own work and gives the other's answer. The answer is kept sealed: it can hold a secret,
 * and so only the key that asked gets it again: another one might not have been allowed to ask.
 * @throws Problem `idempotency_key_reused`; what `work` throws, and then nothing was done.
 */
export async function manageOnce(
  { database, secrets, fingerprintSecret }: ManagedOptions,
  call: Taken<z.ZodType, z.ZodType>,
  status: 200 | 201,
  work: (client: pg.PoolClient, beforeCommit: BeforeCommit) => Promise<Record<string, unknown>>,
): Promise<Reply> {
  const { credential, idempotencyKey, raw, params } = call;
  const owner: SecretOwner = {
    merchant: credential.merchant,
    id: `answer:${credential.mode}:${idempotencyKey}`,
  };
  const fingerprint = fingerprintOf(fingerprintSecret, {
    route: call.route,
    path: params,
    body: raw,
    card: null,
    by: credential.key,
  });

  async function kept(): Promise<Reply | null> {
    const row = await findKey(database, credential, idempotencyKey);
    if (row === null) return null;
    if (!timingSafeEqual(row.fingerprint, fingerprint) || row.answer_status === null) throw keyReused();
    const body = await secrets.open(owner, row.sealed_answer);
    return { status: row.answer_status, body, headers: { 'idempotency-replayed': 'true' } };
  }

  const before = await kept();
  if (before !== null) return before;
  const client = await database.connect();
  let whole = false;
  try {
    await client.query('begin');
    const steps: (() => Promise<unknown>)[] = [];
    const body = JSON.stringify(await work(client, (step) => steps.push(step)));
    const sealed = await secrets.seal(owner, body);
    const { rowCount } = await client.query({
      name: 'keep_answer',
      text: `insert into idempotency_keys (merchant_id, mode, key, fingerprint, answer_status, sealed_answer)
             values ($1, $2, $3, $4, $5, $6) on conflict (merchant_id, mode, key) do nothing`,
      values: [credential.merchant, credential.mode, idempotencyKey, fingerprint, status, sealed],
    });
    if (rowCount === 1) for (const step of steps) await step();
    await client.query(rowCount === 1 ? 'commit' : 'rollback');
    whole = true;
    if (rowCount === 1) return { status, body };
  } finally {
    // Closed rather than returned where its transaction is in a state that nobody knows.
    client.release(!whole);
  }
  const twin = await kept();
  if (twin === null) throw new Error('an idempotency key was refused and is not there');
  return twin;
}

async function findKey(
  database: pg.Pool,
  { merchant, mode }: Credential,
  key: string,
): Promise<KeyRow | null> {
  const { rows } = await database.query<KeyRow>({
    name: 'find_kept_answer',
    text: `select fingerprint, answer_status, sealed_answer from idempotency_keys
           where merchant_id = $1 and mode = $2 and key = $3`,
    values: [merchant, mode, key],
  });
  return rows[0] ?? null;
}
