import { createWriteStream } from 'node:fs';
import { z } from 'zod';
import { copyInto, type Value } from './copy.ts';
import { linesOf } from './lines.ts';
import type { Session } from './session.ts';

/**
 * A client's own log, one JSON object on a line, written when an exchange has ended: what was asked, under
 * which key, what was answered, when. Times are ISO 8601 in UTC, by a clock of the same machine.
 */
export const exchangeSchema = z.strictObject({
  merchant: z.string(),
  mode: z.enum(['test', 'live']),
  kind: z.enum(['create', 'capture', 'void', 'refund', 'increment', 'reauthorize', 'read']),
  path: z.string(),
  /** Idempotency-Key; null of a read. */
  key: z.string().nullable(),
  /** Before the first byte left. */
  asked_at: z.iso.datetime(),
  /** After the last byte came, or when it was given up. */
  ended_at: z.iso.datetime(),
  /** Null when the connection was cut or nothing came in time. */
  status: z.number().int().nullable(),
  /** The answer, to the byte. */
  body: z.string().nullable(),
});
export type Exchange = z.infer<typeof exchangeSchema>;

export interface ClientLog {
  /** Keeps the order of the calls. */
  write(exchange: Exchange): void;
  close(): Promise<void>;
}

/** Begins or goes on with a log. */
export function openClientLog(path: string): ClientLog {
  const stream = createWriteStream(path, { flags: 'a' });
  return {
    write: (exchange) => {
      stream.write(`${JSON.stringify(exchange)}\n`);
    },
    close: () =>
      new Promise((resolve, reject) => {
        stream.once('error', reject);
        stream.end(resolve);
      }),
  };
}

/** As much of an answer as is held against the records: of a payment, a refund, an increment, a problem. */
const answerSchema = z.looseObject({
  object: z.string().optional(),
  id: z.string().optional(),
  payment: z.string().optional(),
  status: z.union([z.string(), z.number()]).optional(),
  version: z.number().int().optional(),
  code: z.string().optional(),
});

const COLUMNS = [
  'merchant_id', 'mode', 'key', 'kind', 'path', 'asked_at', 'ended_at', 'status', 'code', 'object', 'payment_id',
  'operation_id', 'object_status', 'version', 'body',
]; // prettier-ignore

/** Reads a client's log into `asked`. @returns its lines. @throws Error naming a line that is none */
export async function loadClientLog(
  { main, at }: Pick<Session, 'main' | 'at'>,
  path: string,
): Promise<number> {
  async function* rows(): AsyncGenerator<readonly (readonly Value[])[]> {
    for await (const { first, lines } of linesOf(path))
      yield lines
        .map((line, index) => rowOf(path, first + index, line))
        .filter((row) => String(row[6]) <= at);
  }
  const count = await copyInto(main, 'asked', COLUMNS, rows());
  await main.query('analyze asked');
  return count;
}

function rowOf(path: string, number: number, line: string): readonly Value[] {
  let exchange: Exchange;
  try {
    exchange = exchangeSchema.parse(JSON.parse(line));
  } catch (error) {
    throw new Error(
      `${path}, line ${number} is no exchange: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  const { merchant, mode, key, kind, path: asked, asked_at, ended_at, status, body } = exchange;
  const answer = body === null ? {} : readAnswer(body);
  const named = /\/v1\/payments\/(pay_[0-9a-z]+)/.exec(asked)?.[1] ?? null;
  const isPayment = answer.object === 'payment';
  const payment = isPayment ? (answer.id ?? null) : (answer.payment ?? named);
  return [
    merchant, mode, key, kind, asked, asked_at, ended_at, status, answer.code ?? null, answer.object ?? null, payment,
    isPayment ? null : (answer.id ?? null), typeof answer.status === 'string' ? answer.status : null, answer.version ?? null, body,
  ]; // prettier-ignore
}

function readAnswer(body: string): z.infer<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(body));
  } catch {
    // Not one of ours: kept as it came, and nothing is read from it.
    return {};
  }
}
