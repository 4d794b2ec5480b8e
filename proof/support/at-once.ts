import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { until, type Answer, type World } from './world.ts';

/** How long the last of many who ask at once may have to wait, on a busy machine. */
export const AT_ONCE_MS = 300_000;

/** How often each status was answered, with the code of what was refused. */
export function tally(answers: readonly Answer[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const { code } = body;
    const name = typeof code === 'string' ? `${status} ${code}` : String(status);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

export const accepted = (answers: readonly Answer[]): readonly Answer[] =>
  answers.filter(({ status }) => status < 300);

/** Asks, and with the same key again while the answer is "processing", as a client does. */
export async function askUntilAnswered(
  world: World,
  path: string,
  body: Record<string, unknown>,
  key: string = randomUUID(),
): Promise<Answer> {
  return until(
    `${path} is answered`,
    () => world.post(path, body, { key, wait: 30 }),
    ({ status }) => status !== 202,
    AT_ONCE_MS,
  );
}

/**
 * As many are accepted as fit, and the others are told `refusal`. Where the acquirer left one of them
 * unknown for a while (a busy machine), those who came meanwhile are told so, and may have been too many.
 * @returns how many were accepted.
 */
export function expectAsManyAsFit(answers: readonly Answer[], fit: number, refusal: string): number {
  const { [refusal]: refused = 0, '409 operation_pending': meanwhile = 0 } = tally(answers);
  const taken = accepted(answers).length;
  expect(taken + refused + meanwhile, JSON.stringify(tally(answers))).toBe(answers.length);
  if (meanwhile === 0) expect(taken).toBe(fit);
  else expect(taken).toBeLessThanOrEqual(fit);
  expect(taken).toBeGreaterThan(0);
  return taken;
}
