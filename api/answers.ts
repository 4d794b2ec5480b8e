import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { CommandRef, Ring, RingOutcome } from './ring.ts';

/** How a command ended: written once, by the worker, in the transaction that made it final. */
export interface Answer {
  readonly status: number;
  /** Sent as it stands, now and on every repeat. */
  readonly body: string;
}

export interface AnswerOptions {
  readonly database: Pick<pg.Pool, 'query'>;
  readonly ring: Ring;
  /** Aborted when the process leaves: whoever waits then gets what there is. */
  readonly hurry: AbortSignal;
}

/** Between two looks while a ring did not bring the answer (ms). */
const PAUSE_MS = 250;
/** While Temporal cannot be reached, no longer than this: the relay starts the payment later (ms). */
const UNREACHABLE_LIMIT_MS = 2_000;

/** The command's answer as soon as it is there, or null when it is not within `waitMs`. */
export function awaitAnswer(
  { database, ring, hurry }: AnswerOptions,
  command: CommandRef,
  waitMs: number,
): Promise<Answer | null> {
  return untilAnswered(
    {
      ring: (limitMs) => ring(command, limitMs, hurry),
      read: () => readAnswer(database, command),
      hurry,
    },
    waitMs,
  );
}

export interface Asked {
  /** Wakes, or starts, what will answer, and waits for it at most so long (ms). Never rejects. */
  readonly ring: (limitMs: number) => Promise<RingOutcome>;
  readonly read: () => Promise<Answer | null>;
  /** Aborted when the process leaves. */
  readonly hurry: AbortSignal;
}

/** The answer as soon as it can be read, or null when it is not within `waitMs`. */
export async function untilAnswered({ ring, read, hurry }: Asked, waitMs: number): Promise<Answer | null> {
  let end = performance.now() + waitMs;
  for (;;) {
    const outcome = await ring(Math.max(0, end - performance.now()));
    const answer = await read();
    if (answer !== null) return answer;
    const now = performance.now();
    if (outcome === 'unreachable') end = Math.min(end, now + UNREACHABLE_LIMIT_MS);
    if (hurry.aborted || now + PAUSE_MS >= end) return null;
    await delay(PAUSE_MS);
  }
}

/** The command's stored answer; null while it is pending. */
export async function readAnswer(
  database: Pick<pg.Pool, 'query'>,
  { merchant, command }: CommandRef,
): Promise<Answer | null> {
  const { rows } = await database.query<{ answer_status: number | null; answer_body: string | null }>({
    name: 'read_answer',
    text: 'select answer_status, answer_body from commands where merchant_id = $1 and id = $2',
    values: [merchant, command],
  });
  const [row] = rows;
  if (row === undefined) throw new Error(`command ${command} is not there any more`);
  return row.answer_status === null || row.answer_body === null
    ? null
    : { status: row.answer_status, body: row.answer_body };
}
