import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { copyAcross } from '../copy.ts';
import type { Sources } from '../session.ts';
import { ATTEMPTS, BASE, EVENTS, EXCHANGES, JOURNALS, LEDGER, PAYMENTS, RECEIVED, STORED } from './story.ts';

export interface Generated extends Pick<Sources, 'journals' | 'clientLog' | 'receiverLog'> {
  readonly payments: number;
}

export interface GenerateOptions {
  /** Of databases with the newest schema and nothing in them; superusers. */
  readonly main: pg.Client;
  readonly vault: pg.Client;
  /** Takes the journals and logs. */
  readonly folder: string;
  readonly merchants: number;
  readonly payments: number;
  /** Whether a client's and a receiver's log are written as well. */
  readonly logs: boolean;
}

/**
 * Writes whole payments with everything that everybody would have written down about them: sold, captured,
 * refunded in part, declined and voided ones at an ISO 8583 acquirer, sold ones at Stripe. Set-wise, past the
 * triggers, so that a million takes minutes.
 */
export async function generatePayments({
  main,
  vault,
  folder,
  merchants,
  payments,
  logs,
}: GenerateOptions): Promise<Generated> {
  await main.query('begin; set local session_replication_role = replica; set local timezone = utc');
  // Several statements at once take no parameters.
  await main.query(
    BASE.replaceAll(':merchants', String(merchants)).replaceAll(':payments', String(payments)),
  );
  for (const sql of [ATTEMPTS, PAYMENTS, STORED, EVENTS, LEDGER]) await main.query(sql);
  const journals: { acquirer: string; path: string }[] = [];
  for (const [acquirer, sql] of Object.entries(JOURNALS)) {
    const path = join(folder, `${acquirer}.jsonl`);
    await writeOut(main, sql, path);
    journals.push({ acquirer, path });
  }
  const clientLog = logs ? join(folder, 'client.jsonl') : null;
  const receiverLog = logs ? join(folder, 'receiver.jsonl') : null;
  if (clientLog !== null) await writeOut(main, EXCHANGES, clientLog);
  if (receiverLog !== null) await writeOut(main, RECEIVED, receiverLog);
  await copyAcross(
    main,
    `select 'acquirers', 'detokenize', merchant_id, pay, 'card_' || suffix, att, true, step = 1 from s where step = 1 or acquirer = 'acquirer-1'`,
    vault,
    'vault.audit_log (caller, action, merchant, payment, token, attempt, granted, security_code)',
  );
  await main.query('commit');
  await main.query('analyze');
  return { journals, clientLog, receiverLog, payments };
}

/** A line of text for each row, as it is: CSV whose quotes and delimiters do not occur. */
async function writeOut(client: pg.ClientBase, sql: string, path: string): Promise<void> {
  await pipeline(
    client.query(copyTo(`copy (${sql}) to stdout with (format csv, delimiter e'\\x01', quote e'\\x02')`)),
    createWriteStream(path),
  );
}
